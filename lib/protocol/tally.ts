/** What the test part says: outcomes per sample under one condition, and what follows from several of them. */
import { ATTACK_INFO, type AttackId, type Condition, isRanking } from '../attacks/catalogue';
import { AMBIGUITY } from './ambiguity';
import { isAutoAttack } from './counts';
import { packBitmap, toBase64 } from './evidence';
import { wilson95 } from './interval';
import type { AttackReport, Report } from './report';
import type { MeasuredUnit } from './units';

export interface Tally {
  labels: Uint8Array;
  predictions: Int32Array;
  /** nats, true label */
  losses: Float64Array;
  linfMax: number;
  l2Max: number;
  zeroGradients: number;
  /** Of clean images: 1 where the two largest logits all but tie. */
  ambiguous?: Uint8Array;
  /** Of every image. */
  looksLikeProbabilities: boolean;
  /** Largest of all images, where outputs were compared. */
  spread?: number;
  /** Of the test of the attack: 0, 1 or 2 for each image (measure.ts). */
  mustBreak?: Uint8Array;
  /** Of attacks on standing images only. */
  attacked?: number;
  lostToRounding?: number;
  forwards: number;
  backwards: number;
  durationMs: number;
  perturbed: (Float32Array | undefined)[];
}

export function tallyUnits(units: MeasuredUnit[], durationMs: number): Tally {
  const largest = (key: 'linf' | 'l2') => units.reduce((max, u) => u[key].reduce((a, b) => Math.max(a, b), max), 0);
  const sum = (of: (u: MeasuredUnit) => number) => units.reduce((n, u) => n + of(u), 0);
  return {
    labels: Uint8Array.from(units.flatMap((u) => [...u.labels])),
    predictions: Int32Array.from(units.flatMap((u) => [...u.predictions])),
    losses: Float64Array.from(units.flatMap((u) => [...u.losses])),
    linfMax: largest('linf'),
    l2Max: largest('l2'),
    zeroGradients: sum((u) => u.zeroGradient?.reduce((a, b) => a + b, 0) ?? 0),
    ...(units.every((u) => u.ambiguous) ? { ambiguous: Uint8Array.from(units.flatMap((u) => [...(u.ambiguous ?? [])])) } : {}),
    looksLikeProbabilities: units.every((u) => u.looksLikeProbabilities),
    ...(units.length > 0 && units.every((u) => u.mustBreak)
      ? { mustBreak: Uint8Array.from(units.flatMap((u) => [...(u.mustBreak ?? [])])) }
      : {}),
    ...(units.some((u) => u.spread) ? { spread: Math.max(0, ...units.flatMap((u) => [...(u.spread ?? [])])) } : {}),
    ...(units.some((u) => u.attacked !== undefined)
      ? { attacked: sum((u) => u.attacked ?? 0), lostToRounding: sum((u) => u.lostToRounding ?? 0) }
      : {}),
    forwards: sum((u) => u.forwards),
    backwards: sum((u) => u.backwards),
    durationMs,
    perturbed: units.map((u) => u.perturbed),
  };
}

const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;
export const outcomes = ({ predictions, labels }: Tally) => Array.from(labels, (y, i) => predictions[i] === y);

export function cleanReport(tally: Tally): NonNullable<Report['clean']> {
  const correct = outcomes(tally).filter(Boolean).length;
  return { accuracy: correct / tally.labels.length, loss: mean(tally.losses), correct };
}

export function attackReport(id: AttackId, tally: Tally, classes: number): AttackReport {
  const { labels, predictions, linfMax, l2Max, durationMs, forwards, backwards, attacked, lostToRounding } = tally;
  const hits = labels.reduce((n, y, i) => n + (predictions[i] === (y + 1) % classes ? 1 : 0), 0);
  return {
    ...cleanReport(tally),
    linfMax,
    l2Max,
    durationMs,
    forwards,
    backwards,
    ...(attacked === undefined ? {} : { attacked, lostToRounding }),
    ...(ATTACK_INFO[id].targeted ? { targetRate: hits / labels.length } : {}),
  };
}

/** How many samples each class has, and how many of them are right under each condition; absent without a test part. */
export function perClass(tallies: ReadonlyMap<Condition, Tally>, classes: number): Pick<Report, 'classes'> {
  const clean = tallies.get('clean');
  if (!clean) return {};
  const count = ({ labels }: Tally, counts: (i: number) => boolean) =>
    labels.reduce((all, y, i) => {
      if (counts(i)) all[y]++;
      return all;
    }, new Array<number>(classes).fill(0));
  const correct = [...tallies].map(([condition, tally]) => [condition, count(tally, (i) => tally.predictions[i] === tally.labels[i])]);
  const fewer = [...tallies].find(([condition]) => isAutoAttack(condition))?.[1];
  return {
    classes: {
      samples: count(clean, () => true),
      ...(fewer ? { autoattackSamples: count(fewer, () => true) } : {}),
      correct: Object.fromEntries(correct),
    },
  };
}

/**
 * Worst case per sample over clean and every attack confined to the ball and not aimed, of the first images that all of them
 * ran on; absent if none ran.
 */
export function robustness(tallies: ReadonlyMap<Condition, Tally>, attacks: readonly AttackId[]): Pick<Report, 'robust'> {
  const clean = tallies.get('clean');
  const counted = attacks.flatMap((id) => {
    const tally = tallies.get(id);
    return isRanking(id) && tally ? [{ id, holds: outcomes(tally) }] : [];
  });
  if (!clean || counted.length === 0) return {};
  const shared = Math.min(...counted.map(({ holds }) => holds.length));
  let standing = outcomes(clean).slice(0, shared);
  const brokenBy: Record<string, number> = {};
  for (const { id, holds } of counted) {
    const next = standing.map((alive, i) => alive && holds[i]);
    brokenBy[id] = standing.filter((alive, i) => alive && !next[i]).length;
    standing = next;
  }
  const correct = standing.filter(Boolean).length;
  const interval95 = wilson95(correct, standing.length) ?? [0, 1];
  return { robust: { accuracy: correct / standing.length, correct, interval95, brokenBy } };
}

/** Which class the network names for each clean image, and where that is too close to tell; absent without a test part. */
export function outputs(tallies: ReadonlyMap<Condition, Tally>): Pick<Report, 'outputs'> {
  const clean = tallies.get('clean');
  if (!clean?.ambiguous) return {};
  const ambiguous = toBase64(packBitmap([...clean.ambiguous].map(Boolean)));
  return { outputs: { tau: AMBIGUITY, predictions: toBase64(Uint8Array.from(clean.predictions)), ambiguous } };
}

/** A bitmap per condition, base64. */
export function evidence(tallies: ReadonlyMap<Condition, Tally>): Report['evidence'] {
  return Object.fromEntries([...tallies].map(([condition, tally]) => [condition, toBase64(packBitmap(outcomes(tally)))]));
}
