/** What the site answers a runner. Nothing of it is believed before it was read here. */
import { z } from 'zod';
import { ATTACK_IDS, type AttackId, LEVELS, type Level } from '../../lib/attacks/catalogue';
import { Failure } from '../../lib/failure';
import { isSafePath } from '../../lib/model/bundle';
import { issueSentences } from '../../lib/model/issues';
import { BOARDS, type Board, PROTOCOL } from '../../lib/protocol/boards';
import { MOST_PACKED_BYTES } from '../../lib/protocol/witness-file';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const count = z.number().int().nonnegative().max(100_000_000);
/** Files of a model; far above what any has. */
const MOST_FILES = 10_000;

const fileSchema = z.object({
  path: z.string().refine(isSafePath, 'must be a relative path inside the model'),
  sha256,
  bytes: z.number().int().nonnegative(),
});
export type ModelFile = z.infer<typeof fileSchema>;

/** What every job has, whatever it asks for: enough to say that it can't be done here. */
const jobSchema = z.looseObject({
  id: z.uuid(),
  kind: z.string(),
  attempt: z.number().int().positive(),
  leaseSeconds: z.number().positive(),
});
export type Job = z.infer<typeof jobSchema>;

const verificationSchema = z.object({
  model: z.object({ sha256, files: z.array(fileSchema).min(1).max(MOST_FILES) }),
  board: z.string(),
  protocol: z.string(),
  level: z.string(),
  attacks: z.array(z.string()),
  samples: count,
  autoattackSamples: count.min(1).optional(),
  trainSamples: count,
  seed: z.number().int().min(0).max(0xffffffff),
  restarts: z.number().int().min(1).max(1000),
  layers: z.boolean(),
  checks: z.boolean().optional(),
  curves: z.boolean().optional(),
});

export interface Verification {
  model: z.infer<typeof verificationSchema>['model'];
  board: Board;
  level: Level;
  attacks: AttackId[];
  samples: number;
  /** Where an attack of AutoAttack runs. */
  autoattackSamples?: number;
  trainSamples: number;
  seed: number;
  restarts: number;
  layers: boolean;
  /** Confidence checks that need attacks of their own. */
  checks?: boolean;
  /** Accuracy against radius, steps and restarts. */
  curves?: boolean;
}

export const registeredSchema = z.object({ id: z.uuid(), approved: z.boolean() });
export const leaseSchema = z.union([
  z.object({ job: jobSchema }),
  z.object({ job: z.null(), retryAfterSeconds: z.number().nonnegative() }),
]);
export const progressSchema = z.object({ cancelled: z.boolean() });
/** What became of a result: a run, or images of a witness file counted by outcome. */
export const resultSchema = z.object({
  runId: z.string().optional(),
  state: z.string().nullish(),
  ...{ broken: count.optional(), first: count.optional(), ambiguous: count.optional(), held: count.optional() },
});

const cannot = (what: string) => new Failure('arguments', `this runner cannot do the job: ${what}; it may need an update`);

const judgementSchema = verificationSchema
  .pick({ model: true, board: true, protocol: true })
  .extend({ witnesses: z.object({ sha256, bytes: z.number().int().positive().max(MOST_PACKED_BYTES), images: count }) });

export interface Judgement {
  model: Verification['model'];
  board: Board;
  witnesses: z.infer<typeof judgementSchema>['witnesses'];
}

/** What a job of witnesses asks for. Throws where this version of the runner can't do it. */
export function judgementOf(job: Job): Judgement {
  const parsed = judgementSchema.safeParse(job);
  if (!parsed.success) throw cannot(issueSentences(parsed.error, 'job', job).slice(0, 5).join('; '));
  const { model, witnesses, ...rest } = parsed.data;
  const { board } = known({ ...rest, attacks: [] });
  return { model, board, witnesses };
}

/** Samples of one stage: more than any split has 15.5 % of. */
const MOST_DRAWN = 10_000;

const spotSchema = verificationSchema.pick({ model: true, board: true, protocol: true, attacks: true, seed: true, restarts: true }).extend({
  claim: sha256,
  data: sha256,
  indices: z
    .array(count)
    .min(1)
    .max(MOST_DRAWN)
    .refine((list) => list.every((index, i) => i === 0 || index > list[i - 1]), 'must ascend, each named once'),
});

export interface Spot extends Pick<Verification, 'model' | 'board' | 'attacks' | 'seed' | 'restarts'> {
  /** SHA-256 of the claim's report, and of the test split. */
  claim: string;
  data: string;
  /** Records of the test split, ascending. */
  indices: number[];
}

/** What a stage of a spot check asks for; its attacks in their order. Throws where this version of the runner can't do it. */
export function spotOf(job: Job): Spot {
  const parsed = spotSchema.safeParse(job);
  if (!parsed.success) throw cannot(issueSentences(parsed.error, 'job', job).slice(0, 5).join('; '));
  const { board, protocol, attacks, ...rest } = parsed.data;
  return { ...rest, ...known({ board, protocol, attacks }) };
}

/** A board and attacks of the protocol that are known here. */
function known({ board: boardId, protocol, attacks }: { board: string; protocol: string; attacks: string[] }) {
  const board = BOARDS.get(boardId);
  if (!board) throw cannot(`it knows no board ${JSON.stringify(boardId)}`);
  if (protocol !== PROTOCOL) throw cannot(`it speaks protocol ${PROTOCOL}, not ${JSON.stringify(protocol)}`);
  const unknown = attacks.filter((a) => !ATTACK_IDS.includes(a as AttackId));
  if (unknown.length) throw cannot(`it knows no attack ${unknown.map((a) => JSON.stringify(a)).join(', ')}`);
  return { board, attacks: ATTACK_IDS.filter((a) => attacks.includes(a)) };
}

/** What a verification asks for, or curves, which are measured like one. Throws where this version of the runner can't do it. */
export function verificationOf(job: Job): Verification {
  if (job.kind !== 'verification' && job.kind !== 'curves') throw cannot(`it knows no jobs of kind ${JSON.stringify(job.kind)}`);
  const parsed = verificationSchema.safeParse(job);
  if (!parsed.success) throw cannot(issueSentences(parsed.error, 'job', job).slice(0, 5).join('; '));
  const { board, protocol, level, attacks, ...rest } = parsed.data;
  const here = known({ board, protocol, attacks });
  if (!LEVELS.includes(level as Level)) throw cannot(`it knows no level ${JSON.stringify(level)}`);
  return { ...rest, ...here, level: level as Level };
}
