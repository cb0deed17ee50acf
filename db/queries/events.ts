/** What happened to what is public: the feed, and the API's list of events. */
import { and, asc, desc, eq, gt, lt } from 'drizzle-orm';
import type { Db } from '../client';
import { events, models, users, versions } from '../schema';
import { readable } from './models';

export interface EventsQuery {
  board?: string;
  /** Slug. */
  model?: string;
  /** Ids: later than, oldest first; or earlier than, newest first. */
  after?: number;
  before?: number;
  limit: number;
}

/** Newest first, or oldest first where `after` says from where. */
export const publicEvents = (db: Db, { board, model, after, before, limit }: EventsQuery) =>
  db
    .select({
      ...{ id: events.id, at: events.at, kind: events.kind, board: events.board, runId: events.runId, data: events.data },
      ...{ model: models.slug, name: models.name, version: versions.number, by: users.name },
    })
    .from(events)
    .innerJoin(versions, eq(versions.id, events.versionId))
    .innerJoin(models, eq(models.id, versions.modelId))
    .leftJoin(users, eq(users.id, events.accountId))
    .where(
      and(
        readable(null),
        board ? eq(events.board, board) : undefined,
        model ? eq(models.slug, model) : undefined,
        after === undefined ? undefined : gt(events.id, after),
        before === undefined ? undefined : lt(events.id, before),
      ),
    )
    .orderBy(after === undefined ? desc(events.id) : asc(events.id))
    .limit(limit);

export type PublicEvent = Awaited<ReturnType<typeof publicEvents>>[number];
