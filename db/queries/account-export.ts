/** All that is stored about an account, for the account itself: without passwords, secrets and other people's names. */
import { asc, eq, getTableColumns, inArray, or } from 'drizzle-orm';
import type { Db } from '../client';
import {
  accounts,
  apikeys,
  appeals,
  complaints,
  events,
  files,
  models,
  runners,
  runs,
  sessions,
  users,
  versions,
  witnessFiles,
} from '../schema';

/** As JSON can hold it. */
export async function exportOf(db: Db, accountId: string) {
  const [profile] = await db.select().from(users).where(eq(users.id, accountId));
  const ownModels = await db.select().from(models).where(eq(models.ownerId, accountId)).orderBy(asc(models.createdAt));
  const modelIds = ownModels.map(({ id }) => id);
  const ownVersions = modelIds.length ? await db.select().from(versions).where(inArray(versions.modelId, modelIds)) : [];
  const versionIds = ownVersions.map(({ id }) => id);
  const { answeredBy: _complaintBy, ...complaint } = getTableColumns(complaints);
  const { answeredBy: _appealBy, ...appealed } = getTableColumns(appeals);
  return {
    profile,
    signInWith: await db
      .select({ provider: accounts.providerId, id: accounts.accountId, since: accounts.createdAt })
      .from(accounts)
      .where(eq(accounts.userId, accountId)),
    sessions: await db
      .select({ createdAt: sessions.createdAt, expiresAt: sessions.expiresAt, address: sessions.ipAddress, browser: sessions.userAgent })
      .from(sessions)
      .where(eq(sessions.userId, accountId)),
    tokens: await db
      .select({
        ...{ name: apikeys.name, start: apikeys.start, createdAt: apikeys.createdAt },
        ...{ expiresAt: apikeys.expiresAt, lastUsedAt: apikeys.lastRequest },
      })
      .from(apikeys)
      .where(eq(apikeys.referenceId, accountId)),
    models: ownModels,
    versions: ownVersions,
    files: versionIds.length ? await db.select().from(files).where(inArray(files.versionId, versionIds)) : [],
    runs: await db.select().from(runs).where(eq(runs.accountId, accountId)).orderBy(asc(runs.createdAt)),
    runners: await db.select().from(runners).where(eq(runners.ownerId, accountId)),
    witnesses: await db.select().from(witnessFiles).where(eq(witnessFiles.accountId, accountId)),
    complaints: await db.select(complaint).from(complaints).where(eq(complaints.accountId, accountId)),
    appeals: await db.select(appealed).from(appeals).where(eq(appeals.accountId, accountId)),
    events: await db
      .select({
        ...{ id: events.id, at: events.at, kind: events.kind, versionId: events.versionId, board: events.board },
        ...{ runId: events.runId, data: events.data },
      })
      .from(events)
      .where(or(eq(events.accountId, accountId), modelIds.length ? inArray(events.modelId, modelIds) : undefined))
      .orderBy(asc(events.id)),
  };
}
