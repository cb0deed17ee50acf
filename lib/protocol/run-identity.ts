/** What makes two runs the same run, so that units of one may be taken for units of the other. */
import { z } from 'zod';
import { PROTOCOL } from './boards';
import { autoattackCount, type EvaluationRequest } from './evaluate';
import { checkCount } from './probes';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 hexadecimal digits');
const count = z.number().int().nonnegative();

export const runIdentitySchema = z.strictObject({
  protocol: z.string(),
  board: z.string(),
  level: z.string(),
  attacks: z.array(z.string()),
  samples: count,
  /** Where an attack of AutoAttack runs. */
  autoattackSamples: count.optional(),
  trainSamples: count,
  batch: count,
  seed: count,
  restarts: count,
  layers: z.boolean(),
  checks: z.boolean().optional(),
  curves: z.boolean().optional(),
  /** Digest of the network that checks climb on. */
  surrogate: sha256.optional(),
  /** Where there are checks or curves. */
  checkSamples: count.optional(),
  model: sha256,
  data: z.strictObject({ test: sha256.optional(), train: sha256.optional() }),
  backend: z.enum(['webgpu', 'wasm', 'cpu']),
  device: z.string().max(500),
  engine: z.string().max(500),
  versions: z.record(z.string().max(50), z.string().max(100)),
  /** Of the code that measures, whatever its version calls itself. */
  code: sha256,
});
export type RunIdentity = z.infer<typeof runIdentitySchema>;

export type RunEnvironment = Pick<RunIdentity, 'backend' | 'device' | 'engine' | 'versions' | 'code'>;

/** What is known of a run before its data and its device are. */
export function requestIdentity(request: EvaluationRequest) {
  const { board, level, attacks, samples, trainSamples, batch, seed, restarts, layers, checks = false, curves = false, model } = request;
  const counts = { samples, ...autoattackCount(request), trainSamples, batch, seed, restarts, layers };
  return {
    protocol: PROTOCOL,
    board: board.id,
    level,
    attacks: [...attacks],
    ...counts,
    checks,
    curves,
    ...(checks && typeof request.surrogate === 'string' ? { surrogate: request.surrogate } : {}),
    ...(checks || curves ? { checkSamples: checkCount(request) } : {}),
    model: model.sha256,
  } satisfies Partial<RunIdentity>;
}

export function runIdentity(
  request: EvaluationRequest,
  data: RunIdentity['data'],
  { backend, device, engine, versions, code }: RunEnvironment,
): RunIdentity {
  return { ...requestIdentity(request), data, backend, device, engine, versions, code };
}

/** How a field is called where it is asked for. */
const NAMES: Record<keyof RunIdentity, string> = {
  protocol: 'protocol',
  board: 'board',
  level: 'level',
  attacks: 'attacks',
  samples: 'number of test images',
  autoattackSamples: 'number of test images for AutoAttack',
  trainSamples: 'number of training images',
  batch: 'batch',
  seed: 'seed',
  restarts: 'number of restarts',
  layers: 'layer-by-layer part',
  checks: 'confidence part',
  curves: 'curves part',
  surrogate: 'surrogate',
  checkSamples: 'number of test images for checks and curves',
  model: 'model',
  data: 'data',
  backend: 'backend',
  device: 'device',
  engine: 'engine',
  versions: 'software',
  code: 'code (a digest)',
};

const shown = (value: unknown): string => {
  if (typeof value === 'boolean') return value ? 'wanted' : 'not wanted';
  if (value === undefined) return 'not said';
  if (Array.isArray(value)) return value.join(',') || 'none';
  if (value && typeof value === 'object') {
    return Object.entries(value)
      .map(([key, v]) => `${key} ${String(v)}`)
      .join(', ');
  }
  return String(value);
};

/**
 * One reason for each field in which two runs differ; empty if they are the same run. `wanted`: as far as it is known.
 * `except`: fields that may differ.
 */
export function differences(kept: RunIdentity, wanted: Partial<RunIdentity>, except: readonly (keyof RunIdentity)[] = []): string[] {
  return (Object.keys(NAMES) as (keyof RunIdentity)[]).flatMap((field) => {
    if (!(field in wanted)) return [];
    const [a, b] = [shown(kept[field]), shown(wanted[field])];
    return a === b || except.includes(field) ? [] : [`its ${NAMES[field]} is ${a}, here it is ${b}`];
  });
}
