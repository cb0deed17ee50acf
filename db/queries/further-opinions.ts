/** Asks for the run of somebody else, where one is wanted and there is a runner that could: in the transaction of the last. */
import { and, eq, gt, inArray, isNotNull, isNull, or, sql } from 'drizzle-orm';
import { furtherOpinion, type Measurer } from '../../lib/protocol/further-opinion';
import type { StandingState } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { enqueueVerification } from '../queue/verification';
import { models, type Runner, runners, runs, versions } from '../schema';
import type { StandingKey } from './standings';

/** Everything that this installation measures by itself has one voice; no account has such an id. */
const INSTALLATION = ' installation';
/** Days after which a runner that was not heard of is not counted on. */
const LATELY = 7;

export const measurerOf = ({ local, ownerId, id, architecture }: Pick<Runner, 'local' | 'ownerId' | 'id' | 'architecture'>): Measurer => ({
  owner: local ? INSTALLATION : (ownerId ?? id),
  architecture,
});

/** @param key its standing has just been recomputed in this transaction, to `state` */
export async function askForAnother(tx: Db, key: StandingKey, state: StandingState | null): Promise<void> {
  if (state !== 'contested' && state !== 'verified') return;
  const approved = and(isNull(runners.revokedAt), or(runners.local, isNotNull(runners.approvedAt)));
  const lately = gt(runners.lastSeenAt, sql`now() - ${LATELY} * interval '1 day'`);
  const candidates = (await tx.select().from(runners).where(and(approved, lately))).map(measurerOf);
  const at = and(eq(runs.versionId, key.versionId), eq(runs.board, key.board), eq(runs.protocol, key.protocol), isNull(runs.revokedAt));
  const measured = await tx
    .select({ kind: runs.kind, environment: runs.environment, runner: runners })
    .from(runs)
    .leftJoin(runners, eq(runners.id, runs.runnerId))
    .where(and(at, runs.full, inArray(runs.kind, ['verification', 'baseline'])));
  const opinions = measured.flatMap(({ kind, environment, runner }): Measurer[] => {
    if (kind === 'baseline') return [{ owner: INSTALLATION, architecture: null }];
    if (!runner || runner.revokedAt || !(runner.local || runner.approvedAt)) return [];
    const { owner, architecture } = measurerOf(runner);
    return [{ owner, architecture: environment.backend === 'webgpu' ? architecture : null }];
  });
  const [version] = await tx
    .select({ ownerId: models.ownerId, state: versions.state })
    .from(versions)
    .innerJoin(models, eq(models.id, versions.modelId))
    .where(eq(versions.id, key.versionId));
  if (version.state !== 'public') return;
  const further = furtherOpinion(state, opinions, version.ownerId, candidates);
  if (further) await enqueueVerification(tx, key, further.why, further.excluded);
}
