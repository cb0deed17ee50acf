/** What a job asks of the runner that leases it. */
import { z } from '@hono/zod-openapi';
import { and, eq, isNull } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { filesOf } from '@/db/queries/models';
import type { CurvesJob, Job, VerificationJob } from '@/db/queue/boss';
import { versions } from '@/db/schema';
import { LEVEL_ATTACKS, type Level } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, PROTOCOL } from '@/lib/protocol/boards';
import { AUTOATTACK_SAMPLES } from '@/lib/protocol/counts';
import { FULL_TRAIN_SAMPLES } from '@/lib/protocol/preview';
import { CHECK_SAMPLES } from '@/lib/protocol/probes';
import { verificationSeed } from '@/lib/protocol/verification-seed';
import { secret } from '../environment';
import { servedSplit } from '../served-digests';
import { judgementAskedFor } from './judging';
import { sha256Schema } from './shapes';
import { spotAskedFor } from './spotting';

const anyJob = {
  id: z.uuid(),
  attempt: z.number().int(),
  leaseSeconds: z.number(),
  model: z.object({
    sha256: sha256Schema,
    files: z.array(z.object({ path: z.string(), sha256: sha256Schema, bytes: z.number().int() })),
  }),
  board: z.string(),
  protocol: z.string(),
};

const verificationSchema = z.object({
  ...anyJob,
  kind: z.literal('verification'),
  level: z.string(),
  attacks: z.array(z.string()),
  samples: z.number().int(),
  autoattackSamples: z.number().int().optional().openapi({ description: 'of level standard: the first of the samples, for AutoAttack' }),
  trainSamples: z.number().int(),
  seed: z.number().int(),
  restarts: z.number().int(),
  layers: z.boolean(),
  checks: z.boolean().openapi({ description: 'the confidence checks that need attacks of their own' }),
});

const witnessSchema = z.object({
  ...anyJob,
  kind: z.literal('witness'),
  witnesses: z.object({ sha256: sha256Schema, bytes: z.number().int(), images: z.number().int() }),
});

const spotSchema = z.object({
  ...anyJob,
  kind: z.literal('spot'),
  claim: sha256Schema.openapi({ description: 'of the report of the claim' }),
  data: sha256Schema.openapi({ description: 'of the test split' }),
  attacks: z.array(z.string()),
  indices: z
    .array(z.number().int())
    .openapi({ description: 'samples that were drawn, ascending; nobody else is told before the check has ended' }),
  seed: z.number().int().openapi({ description: 'the claim’s own' }),
  restarts: z.number().int(),
});

const curvesSchema = verificationSchema
  .omit({ autoattackSamples: true, checks: true })
  .extend({ kind: z.literal('curves'), curves: z.literal(true).openapi({ description: 'accuracy against radius, steps and restarts' }) });

export const jobSchema = z.discriminatedUnion('kind', [verificationSchema, witnessSchema, spotSchema, curvesSchema]).openapi('Job');

/** What a job asks for, with the seed that only the site knows; undefined where its version or its files are gone. */
export async function askedFor(db: Db, { versionId, board, level }: VerificationJob) {
  const [version] = await db
    .select({ sha256: versions.sha256 })
    .from(versions)
    .where(and(eq(versions.id, versionId), isNull(versions.weightsRemovedAt)));
  const { dataset } = BOARDS.get(board) ?? {};
  if (!version || !dataset) return undefined;
  const [test, train] = await Promise.all([servedSplit(dataset, 'test'), servedSplit(dataset, 'train')]);
  const { records } = DATASETS[dataset];
  const samples = Math.min(records.test, test?.records ?? 0);
  return {
    model: { sha256: version.sha256, files: await filesOf(db, versionId) },
    kind: 'verification' as const,
    ...{ board, protocol: PROTOCOL, level, attacks: [...(LEVEL_ATTACKS[level as Level] ?? [])] as string[], restarts: 1, layers: false },
    ...{ samples, checks: true },
    ...(level === 'standard' ? { autoattackSamples: Math.min(AUTOATTACK_SAMPLES, samples) } : {}),
    trainSamples: Math.min(FULL_TRAIN_SAMPLES, records.train, train?.records ?? 0),
    seed: await verificationSeed(secret(), board, version.sha256, PROTOCOL),
  };
}

/** The same for curves, on few images and by a seed of their own: that of the verification stays unknown until it is made. */
export async function curvesAskedFor(db: Db, { versionId, board, protocol, reason }: CurvesJob) {
  const asked = await askedFor(db, { kind: 'verification', level: 'pgd', ...{ versionId, board, protocol, reason } });
  if (!asked) return undefined;
  const seed = await verificationSeed(secret(), `curves ${board}`, asked.model.sha256, PROTOCOL);
  const { checks: _, ...rest } = asked;
  return {
    ...rest,
    ...{ kind: 'curves' as const, attacks: [] as string[], samples: Math.min(CHECK_SAMPLES, asked.samples), trainSamples: 0, seed },
    curves: true as const,
  };
}

/** The same for a job of any kind. */
export function anyAskedFor(db: Db, job: Job) {
  if (job.kind === 'witness') return judgementAskedFor(db, job);
  if (job.kind === 'curves') return curvesAskedFor(db, job);
  return job.kind === 'spot' ? spotAskedFor(db, job) : askedFor(db, job);
}
