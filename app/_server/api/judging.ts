/** The judgement of witnesses as a job: what a runner is given, and its signed verdict before it counts. */
import { eq } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { measurerOf } from '@/db/queries/further-opinions';
import { filesOf } from '@/db/queries/models';
import { type Judged, keepVerdict, mayJudge, witnessFileById } from '@/db/queries/witnesses';
import type { Job, WitnessJob } from '@/db/queue/boss';
import { models, type Runner, versions } from '@/db/schema';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import { isExcluded } from '@/lib/protocol/further-opinion';
import { verdictSchema } from '@/lib/protocol/witness-verdict';
import { Problem } from './problem';
import { isStorable, UNSTORABLE } from './shapes';

/** What the job asks for; undefined where its file, version or board is gone. */
export async function judgementAskedFor(db: Db, { fileId, board, protocol }: WitnessJob) {
  const file = await witnessFileById(db, fileId);
  if (!file || !BOARDS.has(board)) return undefined;
  const [version] = await db.select({ sha256: versions.sha256 }).from(versions).where(eq(versions.id, file.versionId));
  return {
    kind: 'witness' as const,
    model: { sha256: version.sha256, files: await filesOf(db, file.versionId) },
    ...{ board, protocol },
    witnesses: { sha256: file.sha256, bytes: file.bytes, images: file.indices.length },
  };
}

/**
 * Which jobs a runner may have. What the runner of a model's own submitter says of it counts for nothing, so it is not asked;
 * nor is whoever has said so already where somebody else is to decide.
 */
export const takerOf = (runner: Runner) => ({
  trusted: mayJudge(runner),
  takes: async (tx: Db, job: Job) => {
    // AutoAttack on a processor would keep it from everything else for days.
    if (job.kind === 'verification' && job.level === 'standard' && runner.backend !== 'webgpu') return false;
    if (job.kind === 'verification' && job.excluded && isExcluded(measurerOf(runner), job.excluded)) return false;
    if (runner.ownerId === null) return true;
    const [owner] = await tx
      .select({ id: models.ownerId })
      .from(versions)
      .innerJoin(models, eq(models.id, versions.modelId))
      .where(eq(versions.id, job.versionId));
    return owner?.id !== runner.ownerId;
  },
});

function read(text: string) {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Problem('bad-request', 'the body is not JSON');
  }
  const parsed = verdictSchema.safeParse(json);
  if (!parsed.success)
    throw new Problem('bad-request', parsed.error.issues.map((i) => `${i.path.join('.') || 'verdict'}: ${i.message}`).join('; '));
  const { device, engine, versions: named } = parsed.data.environment;
  if (![device, engine, ...Object.entries(named).flat()].every(isStorable)) throw new Problem('bad-request', `environment: ${UNSTORABLE}`);
  return parsed.data;
}

/** The verdict and the end of its job, together or not at all. A verdict that the job did not ask for is none. */
export async function keepJudgement(
  db: Db,
  jobId: string,
  job: WitnessJob,
  runner: Runner,
  signature: string,
  text: string,
): Promise<Judged | 'lost'> {
  const verdict = read(text);
  const file = await witnessFileById(db, job.fileId);
  const asked = file && (await judgementAskedFor(db, job));
  if (!asked) throw new Problem('not-found', 'the witnesses are not there any more');
  const wanted = { file: file.sha256, model: asked.model.sha256, board: job.board, protocol: job.protocol, data: file.dataSha256 };
  for (const [key, value] of Object.entries(wanted)) {
    const got = verdict[key as keyof typeof wanted];
    if (got !== value) throw new Problem('other-job', `${key}: ${got}, the job asked for ${value}`);
  }
  if (verdict.images.length !== file.indices.length)
    throw new Problem('other-job', `images: ${verdict.images.length} of them, the file has ${file.indices.length}`);
  const { classNames } = DATASETS[(BOARDS.get(job.board) as { dataset: keyof typeof DATASETS }).dataset];
  verdict.images.forEach(({ index, predicted }, n) => {
    if (index !== file.indices[n]) throw new Problem('other-job', `images.${n}.index: ${index}, the file has ${file.indices[n]} there`);
    if (predicted >= classNames.length)
      throw new Problem('other-job', `images.${n}.predicted: ${predicted}, there are ${classNames.length} classes`);
  });
  return keepVerdict(db, { jobId, file, runnerId: runner.id, signature, text, verdict });
}
