/** Reports with what agreement and standing read of them, for their tests: outcomes that flip where they are told to. */
import type { Collapse } from '../collapse/nc';
import type { ComparableReport } from '../protocol/agreement';
import { AMBIGUITY } from '../protocol/ambiguity';
import { packBitmap, toBase64 } from '../protocol/evidence';
import { bits } from '../random';

export const collapseValues: Collapse = {
  nc1: 1.8,
  nc2NormMeans: 0.09,
  nc2NormWeights: 0.1,
  nc2AngleMeans: 0.13,
  nc2AngleWeights: 0.06,
  nc3: 0.15,
  nc4: 0.0905,
  trRatio: 0.23,
  rank: 9,
};

export interface ReportChanges {
  samples?: number;
  trainSamples?: number;
  seed?: number;
  /** Samples whose outcome is turned round, per condition. */
  flips?: Record<string, readonly number[]>;
  /** Samples that it calls ambiguous; absent: it names none, nor its predictions. */
  ambiguous?: readonly number[];
  collapse?: Partial<Record<'clean' | 'pgd-10' | 'targeted' | 'gaussian', Partial<Collapse>>> | null;
}

const split = (sha256: string) => ({ sha256: sha256.repeat(64), records: 10000, official: true });
const CONDITIONS = ['clean', 'pgd-10', 'pgd-margin', 'targeted', 'gaussian'] as const;
const WITH_COLLAPSE = ['clean', 'pgd-10', 'targeted', 'gaussian'] as const;

/** Outcomes of a condition: the same for every report, longer ones beginning like shorter ones. */
function outcomes(condition: (typeof CONDITIONS)[number], samples: number, flips: readonly number[] = []): string {
  const values = bits({ seed: 77, tag: CONDITIONS.indexOf(condition), sample: 0, split: 'test' }, samples).map((w) => w & 1);
  for (const i of flips) values[i] ^= 1;
  return toBase64(packBitmap(values));
}

/** Where a clean outcome is turned round the network names another class. */
function outputs(samples: number, ambiguous: readonly number[], flips: readonly number[] = []): ComparableReport['outputs'] {
  const predictions = Uint8Array.from({ length: samples }, (_, i) => i % 10);
  for (const i of flips) predictions[i] = (predictions[i] + 1) % 10;
  const left = new Set(ambiguous);
  const bitmap = packBitmap(Array.from({ length: samples }, (_, i) => left.has(i)));
  return { tau: AMBIGUITY, predictions: toBase64(predictions), ambiguous: toBase64(bitmap) };
}

export function comparableReport(changes: ReportChanges = {}): ComparableReport & { level: 'pgd' | 'standard' } {
  const { samples = 10000, trainSamples = 10000, seed = 1, flips = {}, ambiguous, collapse = {} } = changes;
  return {
    protocol: '1',
    board: 'fashion-mnist/linf',
    level: 'pgd',
    seed,
    restarts: 1,
    model: { sha256: 'a'.repeat(64) },
    data: { test: split('b'), train: split('c') },
    counts: { samples, trainSamples },
    collapse: collapse && Object.fromEntries(WITH_COLLAPSE.map((c) => [c, { ...collapseValues, ...collapse[c] }])),
    ...(ambiguous ? { outputs: outputs(samples, ambiguous, flips.clean) } : {}),
    evidence: Object.fromEntries(CONDITIONS.map((c) => [c, outcomes(c, samples, flips[c])])),
  };
}
