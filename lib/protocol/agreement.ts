/**
 * Do two reports of the same model on the same data say the same (contract §7)? Outcomes are compared sample by sample on
 * the common prefix of the bitmaps, so a preview can be held against a full run; collapse only where both measured it on
 * equally many training images. Where the seeds (or restarts) differ the attacks had other starts, and only clean data
 * count. Targeted attacks saturate in float32: shown, not compared. Symmetric in the two reports.
 */
import { COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import type { Collapse } from '../collapse/nc';
import { MOST_AMBIGUOUS } from './ambiguity';
import { testCount } from './counts';
import { fromBase64 } from './evidence';
import { type Bitmap, discordant } from './mcnemar';
import type { Report } from './report';

/** What is read of a report; a whole one will do. */
export type ComparableReport = Pick<Report, 'protocol' | 'board' | 'seed' | 'restarts' | 'data' | 'collapse' | 'outputs' | 'evidence'> & {
  model: Pick<Report['model'], 'sha256'>;
  counts: Pick<Report['counts'], 'samples' | 'autoattackSamples' | 'trainSamples'>;
};

export interface AgreementCheck {
  /** outcomes.CONDITION or collapse.CONDITION.METRIC */
  id: string;
  ok: boolean;
  /** Outcomes and NC4: samples that differ; rank: difference; else the relative difference. Null: in one report only. */
  measured: number | null;
  /** Largest measured value that agrees; null if it is shown and not compared. */
  allowed: number | null;
}

export type Agreement =
  | { comparable: true; agrees: boolean /** Test samples that both have. */; samples: number; checks: AgreementCheck[] }
  | { comparable: false; reason: string };

/**
 * Samples that may differ between honest runs: 0.1 %. A flip is far rarer than that, but one can fall into any preview, so
 * one is allowed from 100 samples on; below, none.
 */
export const flipsAllowed = (samples: number): number => (samples < 100 ? 0 : Math.max(1, Math.floor(samples / 1000)));

/** Relative difference of collapse values: rounding alone on clean data, slightly other points under an attack. */
const BANDS: Partial<Record<Condition, number>> = { clean: 1e-3, 'pgd-10': 0.02, gaussian: 0.02, sign: 0.02 };
/** Smaller metrics are compared as if they were this large: what is left of a perfect simplex is rounding. */
const FLOOR = 1e-3;
const RELATIVE = ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3', 'trRatio'] as const;

export function agreement(a: ComparableReport, b: ComparableReport): Agreement {
  const reason = otherQuestion(a, b);
  if (reason) return { comparable: false, reason };
  const samples = Math.min(a.counts.samples, b.counts.samples);
  const left = ambiguousIn(a, b, samples);
  if (left && left.length > MOST_AMBIGUOUS * samples) {
    return { comparable: false, reason: `${left.length} of ${samples} samples are ambiguous, more than 1 %` };
  }
  const sameDraw = a.seed === b.seed && a.restarts === b.restarts;
  const checks = Object.keys(a.evidence)
    .filter((condition) => condition in b.evidence && (sameDraw || condition === 'clean'))
    .map((condition) => outcomes(condition, a, b, left));
  if (left) checks.push(predictions(a, b, left, samples));
  if (a.counts.trainSamples === b.counts.trainSamples) {
    for (const condition of COLLAPSE_CONDITIONS) if (sameDraw || condition === 'clean') checks.push(...collapse(condition, a, b));
  }
  return { comparable: true, agrees: checks.every((c) => c.ok), samples, checks };
}

/** Samples that one of the two reports calls ambiguous (contract §7); undefined where one of them is from before that was said. */
function ambiguousIn(a: ComparableReport, b: ComparableReport, samples: number): number[] | undefined {
  if (!a.outputs || !b.outputs) return undefined;
  const maps = [a.outputs, b.outputs].map(({ ambiguous }) => fromBase64(ambiguous));
  return Array.from({ length: samples }, (_, i) => i).filter((i) => maps.some((bytes) => (bytes[i >> 3] >> (i & 7)) & 1));
}

/** Every clean prediction that is not ambiguous is the same. */
function predictions(a: ComparableReport, b: ComparableReport, ambiguous: readonly number[], samples: number): AgreementCheck {
  const [x, y] = [a, b].map(({ outputs }) => fromBase64(outputs?.predictions ?? ''));
  const left = new Set(ambiguous);
  const measured = Array.from({ length: samples }, (_, i) => i).filter((i) => !left.has(i) && x[i] !== y[i]).length;
  return { id: 'predictions.clean', ok: measured === 0, measured, allowed: 0 };
}

/** Why two reports do not answer the same question, if so. */
function otherQuestion(a: ComparableReport, b: ComparableReport): string | undefined {
  if (a.model.sha256 !== b.model.sha256) return 'the models differ';
  if (a.board !== b.board) return `the boards differ: ${a.board}, ${b.board}`;
  if (a.protocol !== b.protocol) return `the protocols differ: ${a.protocol}, ${b.protocol}`;
  for (const split of ['test', 'train'] as const) {
    const [one, other] = [a.data[split], b.data[split]];
    if (one && other && one.sha256 !== other.sha256) return `the ${split} data differ`;
  }
  for (const report of [a, b]) {
    const { samples } = report.counts;
    if (samples === 0 || report.evidence.clean === undefined) return 'a report has no clean outcomes';
    if (bitmapOf(report, 'clean').bytes.length !== Math.ceil(samples / 8)) {
      return 'a report’s bitmap of clean outcomes is not of its size';
    }
  }
}

/** As many outcomes as the bitmap has: an attack may have run on the first of the samples only. */
function bitmapOf({ evidence, counts }: ComparableReport, condition: string): Bitmap {
  const bytes = fromBase64(evidence[condition]);
  return { bytes, samples: Math.min(testCount(condition, counts), 8 * bytes.length) };
}

/**
 * Right in one report and wrong in the other. Without the ambiguous samples no clean one may differ; where a report does not
 * name them, clean outcomes have the same allowance as adversarial ones.
 */
function outcomes(condition: string, a: ComparableReport, b: ComparableReport, ambiguous: readonly number[] | undefined): AgreementCheck {
  const [x, y] = [bitmapOf(a, condition), bitmapOf(b, condition)];
  const { samples, onlyA, onlyB } = discordant(x, y);
  const bit = ({ bytes }: Bitmap, i: number) => (bytes[i >> 3] >> (i & 7)) & 1;
  const doubtful = (ambiguous ?? []).filter((i) => i < samples && bit(x, i) !== bit(y, i)).length;
  const measured = onlyA + onlyB - doubtful;
  const band = condition === 'clean' && ambiguous ? 0 : flipsAllowed(samples);
  const allowed = condition === 'targeted' ? null : band;
  return { id: `outcomes.${condition}`, ok: allowed === null || measured <= allowed, measured, allowed };
}

function collapse(condition: Condition, a: ComparableReport, b: ComparableReport): AgreementCheck[] {
  const [x, y] = [a, b].map((report) => report.collapse?.[condition as 'clean']) as (Collapse | undefined)[];
  if (!x || !y) return [];
  const band = BANDS[condition];
  const check = (metric: keyof Collapse, between: (p: number, q: number) => number, allowed: number | null): AgreementCheck[] => {
    const [p, q] = [x[metric], y[metric]];
    if (p === null && q === null) return [];
    const measured = p === null || q === null ? null : between(p, q);
    const limit = band === undefined ? null : allowed;
    return [
      { id: `collapse.${condition}.${metric}`, ok: limit === null || (measured !== null && measured <= limit), measured, allowed: limit },
    ];
  };
  const relative = (p: number, q: number) => Math.abs(p - q) / Math.max(Math.abs(p), Math.abs(q), FLOOR);
  // NC4 is a share of samples: one that flips moves it by 1/N, which may be any part of a small NC4. So count samples.
  const { trainSamples } = a.counts;
  const samples = (p: number, q: number) => Math.round(Math.abs(p - q) * trainSamples);
  const ofNc4 = Math.floor((band ?? 0) * Math.max(x.nc4 ?? 0, y.nc4 ?? 0) * trainSamples);
  return [
    ...RELATIVE.flatMap((metric) => check(metric, relative, band ?? null)),
    ...check('nc4', samples, Math.max(flipsAllowed(trainSamples), ofNc4)),
    ...check('rank', (p, q) => Math.abs(p - q), 0),
  ];
}
