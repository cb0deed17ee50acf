/** A stage of a spot check as a job: what a runner is given, and its signed result before it counts. */
import { createHash } from 'node:crypto';
import { eq } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { filesOf } from '@/db/queries/models';
import { keepSpotResult, spotCheckById } from '@/db/queries/spot-checks';
import type { SpotJob } from '@/db/queue/boss';
import { type Runner, type SpotCheck, versions } from '@/db/schema';
import { Failure } from '@/lib/failure';
import { BOARDS } from '@/lib/protocol/boards';
import { reportSchema } from '@/lib/protocol/report';
import { SPOT_ATTACKS } from '@/lib/protocol/spot-attack';
import { samplesOf } from '@/lib/protocol/spot-check';
import { brokenOf, readSpotWitnesses, type SpotResult, spotResultSchema } from '@/lib/protocol/spot-result';
import { witnessReasons } from '@/lib/protocol/witness-file';
import { stores } from '../database';
import { testImages } from '../test-images';
import { Problem } from './problem';
import { isStorable, UNSTORABLE } from './shapes';

/** What the job asks for; undefined where its claim is gone or revoked, or the check waits for another stage or for none. */
export async function spotAskedFor(db: Db, { runId, stage, versionId, board, protocol }: SpotJob) {
  const found = await spotCheckById(db, runId);
  if (!found || found.check.stage !== stage || found.check.verdict !== null || !BOARDS.has(board)) return undefined;
  const { check, run } = found;
  const [version] = await db.select({ sha256: versions.sha256 }).from(versions).where(eq(versions.id, versionId));
  const { restarts, data } = reportSchema.parse(JSON.parse(run.report));
  if (!data.test) return undefined;
  return {
    kind: 'spot' as const,
    model: { sha256: version.sha256, files: await filesOf(db, versionId) },
    ...{ board, protocol, claim: run.reportSha256, data: data.test.sha256, seed: run.seed, restarts },
    attacks: [...SPOT_ATTACKS] as string[],
    indices: samplesOf(check.order, check.robust, stage),
  };
}

function read(text: string): SpotResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Problem('bad-request', 'the body is not JSON');
  }
  const parsed = spotResultSchema.safeParse(json);
  if (!parsed.success)
    throw new Problem('bad-request', parsed.error.issues.map((i) => `${i.path.join('.') || 'result'}: ${i.message}`).join('; '));
  const { device, engine, versions: named } = parsed.data.environment;
  if (![device, engine, ...Object.entries(named).flat()].every(isStorable)) throw new Problem('bad-request', `environment: ${UNSTORABLE}`);
  return parsed.data;
}

/** The result, its witnesses and the end of its job, together or not at all. A result that the job did not ask for is none. */
export async function keepSpot(
  db: Db,
  jobId: string,
  job: SpotJob,
  runner: Runner,
  signature: string,
  text: string,
): Promise<SpotCheck | 'lost'> {
  const result = read(text);
  const asked = await spotAskedFor(db, job);
  if (!asked) return 'lost';
  const wanted = { ...asked, model: asked.model.sha256 };
  for (const key of ['claim', 'model', 'board', 'protocol', 'data', 'seed', 'restarts'] as const)
    if (result[key] !== wanted[key]) throw new Problem('other-job', `${key}: ${result[key]}, the job asked for ${wanted[key]}`);
  for (const key of ['attacks', 'indices'] as const)
    if (JSON.stringify(result[key]) !== JSON.stringify(wanted[key]))
      throw new Problem('other-job', `${key}: not those that the job asked for, in their order`);
  const proof = readSpotWitnesses(result);
  if (!proof.ok) throw new Problem('witness-refused', proof.reasons.join('; '));
  const about = { ...{ jobId, runId: job.runId, stage: job.stage, versionId: job.versionId }, runnerId: runner.id, signature, text };
  const broken = brokenOf(result).length;
  if (!proof.value) return keepSpotResult(db, { ...about, broken });
  const { file, packed } = proof.value;
  const { indices } = file.header;
  const images = await testImages(file.board.dataset, indices).catch((error) => {
    if (error instanceof Failure) throw new Problem('store-unavailable', 'the images of this board cannot be read just now; try again');
    throw error;
  });
  const reasons = witnessReasons(file, images);
  if (reasons.length) throw new Problem('witness-refused', reasons.join('; '));
  const { blobs } = await stores();
  const sha256 = createHash('sha256').update(packed).digest('hex');
  const found = { versionId: job.versionId, board: job.board, protocol: job.protocol, accountId: runner.ownerId, dataSha256: result.data };
  return keepSpotResult(db, {
    ...{ ...about, broken },
    witnesses: { file: { ...found, sha256, bytes: packed.length, indices }, store: () => blobs.put(sha256, packed) },
  });
}
