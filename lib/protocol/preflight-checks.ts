/**
 * What a submitter hears of a model before anything is sent. One check each: what was measured, what would be right, and
 * a state. A refusal stops a submission; a flag is a remark, which a measured
 * run will raise on the board as well where it looks for it, and stops nothing.
 */
import { LARGEST_SPREAD, logitSpreads } from '../confidence/logit-spread';

export const CHECK_IDS = [
  'loads',
  'layers',
  'shapes',
  'size',
  'features',
  'logits',
  'clean',
  'input-range',
  'determinism',
  'pgd',
  'zero-gradient',
  'time',
] as const;
export type CheckId = (typeof CHECK_IDS)[number];

/** `noted`: there is nothing to pass or fail. */
export type CheckState = 'passed' | 'flagged' | 'refused' | 'noted';

export interface Check {
  id: CheckId;
  state: CheckState;
  /** In words, with numbers. */
  measured: string;
  /** What is right; absent where nothing is. */
  allowed?: string;
  /** Of a refusal or a flag: whole sentences. */
  reasons: string[];
}

/** How much of each is looked at. */
export const PREFLIGHT_SIZE = { clean: 1000, attacked: 256, repeated: 64, passes: 5 } as const;

const amount = (n: number) => n.toLocaleString('en');
const percent = (part: number, whole: number) => `${((100 * part) / whole).toFixed(1)} %`;
/** Three digits, small ones in powers of ten. */
const small = (value: number) =>
  value === 0 ? '0' : value >= 1e-4 ? String(Number(value.toPrecision(2))) : value.toExponential(1).replace('e-', '·10^−');

export const passed = (id: CheckId, measured: string, allowed?: string): Check => ({
  id,
  state: 'passed',
  measured,
  ...(allowed ? { allowed } : {}),
  reasons: [],
});
export const refused = (id: CheckId, reasons: string[], measured = ''): Check => ({ id, state: 'refused', measured, reasons });

/** Whether a model with these checks may be sent. */
export const isFit = (checks: readonly Check[]) =>
  CHECK_IDS.every((id) => checks.some((c) => c.id === id)) && checks.every((c) => c.state !== 'refused');

/** Requests to the site hold this much at most; weight files can be cut, model.json cannot. */
export const LARGEST_UPLOAD = 4_500_000;

export function sizeCheck(files: readonly { path: string; bytes: number }[], wasResharded: boolean): Check {
  const total = files.reduce((n, f) => n + f.bytes, 0);
  const large = files.filter((f) => f.bytes > LARGEST_UPLOAD);
  const measured = `${amount(total)} bytes in ${files.length} ${files.length === 1 ? 'file' : 'files'}${wasResharded ? ', cut anew for sending' : ''}`;
  if (large.length === 0) return passed('size', measured, 'at most 400 MB');
  return refused(
    'size',
    large.map((f) => `${f.path} is ${amount(f.bytes)} bytes long; at most ${amount(LARGEST_UPLOAD)} can be sent at once`),
    measured,
  );
}

export function featureCheck(feature: { name: string; dim: number } | { missing: string }): Check {
  if ('name' in feature) return passed('features', `${feature.name}, ${feature.dim} numbers`, 'the input of the last Dense layer');
  return { id: 'features', state: 'flagged', measured: 'none', reasons: [`Collapse can’t be measured: ${feature.missing}.`] };
}

/** Attacks need logits. A softmax at the end is taken off, and said; probabilities without one are refused. */
export function logitsCheck(looksLikeProbabilities: boolean, notes: readonly string[]): Check {
  if (looksLikeProbabilities)
    return refused(
      'logits',
      ['All outputs lie in [0, 1] and sum to 1, but no softmax layer ends the model. Attacks need logits: save the model without it.'],
      'probabilities',
    );
  const removed = notes.filter((n) => n.includes('softmax'));
  return passed('logits', removed.length ? `logits; ${removed.join('; ')}` : 'logits', 'not probabilities');
}

/** A model that is no better than chance is usually one whose preprocessing got lost. */
export function cleanCheck(correct: number, samples: number, classes: number): Check {
  const measured = `${percent(correct, samples)} of ${amount(samples)}`;
  const least = Math.min(1, 2 / classes);
  if (correct / samples >= least) return passed('clean', measured, `at least ${percent(least, 1)}, twice chance`);
  return {
    id: 'clean',
    state: 'flagged',
    measured,
    allowed: `at least ${percent(least, 1)}, twice chance`,
    reasons: ['The model is hardly better than chance here. Are its inputs pixels in [0, 1], and its classes in this data set’s order?'],
  };
}

/** Images right with pixels as the board gives them, and as some trainings had them. `null`: the outputs were not finite. */
export interface RangeCounts {
  unit: number;
  bytes: number | null;
  signed: number | null;
}

/** Points of accuracy by which another scale has to be better before it is mentioned. */
const RANGE_MARGIN = 0.05;

/** Were the pixels in training 0 … 255, or −1 … 1? Then the model is better on those, and normalisation has to go into it. */
export function inputRangeCheck({ unit, bytes, signed }: RangeCounts, samples: number): Check {
  const others = [
    { scale: '0\u00a0…\u00a0255', correct: bytes },
    { scale: '−1\u00a0…\u00a01', correct: signed },
  ].filter((o): o is { scale: string; correct: number } => o.correct !== null);
  const best = others.reduce((a, b) => (b.correct > a.correct ? b : a), { scale: '', correct: 0 });
  const measured = `${percent(unit, samples)} in [0, 1]${others.map((o) => `, ${percent(o.correct, samples)} in ${o.scale}`).join('')}`;
  if ((best.correct - unit) / samples <= RANGE_MARGIN) return passed('input-range', measured, 'best in [0, 1]');
  return {
    id: 'input-range',
    state: 'flagged',
    measured,
    allowed: 'best in [0, 1]',
    reasons: [
      `The model is better on pixels in ${best.scale}. The board gives pixels in [0, 1]: put the scaling into the model’s first layer.`,
    ],
  };
}

/** Largest L2 distance, over all images and pairs with the first pass, between logits scaled to length 1. */
export const logitSpread = (passes: readonly Float32Array[], classes: number): number =>
  logitSpreads(passes, classes).reduce((a, b) => Math.max(a, b), 0);

export function determinismCheck(passes: readonly Float32Array[], classes: number): Check {
  const spread = logitSpread(passes, classes);
  const [measured, allowed] = [`${small(spread)} over ${passes.length} passes`, `below ${small(LARGEST_SPREAD)}`];
  if (spread < LARGEST_SPREAD) return passed('determinism', measured, allowed);
  return {
    id: 'determinism',
    state: 'flagged',
    measured,
    allowed,
    reasons: ['The same images give different outputs each time. A verified run can’t agree with such a model.'],
  };
}

export interface PgdCounts {
  samples: number;
  /** Right on clean images. */
  clean: number;
  pgd10: number;
  margin: number;
  /** Right under both. */
  worst: number;
}

/** Share by which one loss may find more than the other before it is mentioned. */
const SATURATION_MARGIN = 0.05;

export function pgdCheck({ samples, clean, pgd10, margin, worst }: PgdCounts): Check {
  const measured = `${percent(worst, samples)} hold (cross-entropy ${percent(pgd10, samples)}, margin ${percent(margin, samples)})`;
  const allowed = 'below clean, both alike';
  const reasons: string[] = [];
  if (clean > 0 && worst === clean)
    reasons.push('No image was broken. That is rare: gradients that are hidden, not a model that is robust, look like this.');
  if ((pgd10 - margin) / samples > SATURATION_MARGIN)
    reasons.push('The margin loss breaks far more than cross-entropy: the logits are so large that cross-entropy saturates in float32.');
  return { id: 'pgd', state: reasons.length ? 'flagged' : 'passed', measured, allowed, reasons };
}

export function zeroGradientCheck(zeros: number, samples: number): Check {
  const measured = `${percent(zeros, samples)} of ${amount(samples)}`;
  if (zeros === 0) return passed('zero-gradient', measured, 'none');
  return {
    id: 'zero-gradient',
    state: 'flagged',
    measured,
    allowed: 'none',
    reasons: [`On ${zeros} images the gradient is exactly zero where the attack starts. The row will carry this flag.`],
  };
}

/** How long a run that can be ranked would take here: known roughly, so said roughly. */
export function timeCheck(seconds: number): Check {
  const words =
    seconds < 55
      ? `${Math.max(5, Math.ceil(seconds / 5) * 5)} s`
      : seconds < 5400
        ? `${Math.round(seconds / 60)} min`
        : `${(seconds / 3600).toFixed(1)} h`;
  return { id: 'time', state: 'noted', measured: `about ${words} on this device`, reasons: [] };
}
