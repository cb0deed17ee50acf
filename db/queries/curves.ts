/** Accuracy curves that a runner measured on request, and the request itself. */
import { and, desc, eq, isNotNull, isNull, or } from 'drizzle-orm';
import { PROTOCOL } from '../../lib/protocol/boards';
import { type Report, reportSchema } from '../../lib/protocol/report';
import type { Db } from '../client';
import { enqueue } from '../queue/jobs';
import { runners, runs } from '../schema';

interface Of {
  versionId: string;
  board: string;
}

/** While such a job waits or runs, that one is meant. */
export const askForCurves = (db: Db, of: Of): Promise<{ jobId: string; added: boolean }> =>
  db.transaction((tx) =>
    enqueue(tx as unknown as Db, { kind: 'curves', ...of, protocol: PROTOCOL, reason: 'somebody asked for accuracy curves' }),
  );

export interface MeasuredCurves {
  curves: NonNullable<Report['curves']>;
  runId: string;
  /** The runner's name. */
  runner: string;
}

/** The newest ones that an approved runner signed; undefined where there are none. */
export async function curvesOf(db: Db, { versionId, board }: Of): Promise<MeasuredCurves | undefined> {
  const [row] = await db
    .select({ runId: runs.id, report: runs.report, runner: runners.name })
    .from(runs)
    .innerJoin(
      runners,
      and(eq(runners.id, runs.runnerId), isNull(runners.revokedAt), or(eq(runners.local, true), isNotNull(runners.approvedAt))),
    )
    .where(
      and(
        ...[eq(runs.versionId, versionId), eq(runs.board, board), eq(runs.protocol, PROTOCOL)],
        ...[eq(runs.kind, 'curves'), isNull(runs.revokedAt)],
      ),
    )
    .orderBy(desc(runs.createdAt))
    .limit(1);
  if (!row) return undefined;
  const { curves } = reportSchema.parse(JSON.parse(row.report));
  return curves && { curves, runId: row.runId, runner: row.runner };
}
