/**
 * Spot checks of a claim that would cost hours to measure again in full. Only samples that the claim calls robust are drawn:
 * “broken” is proved by witnesses. They are attacked again with the claim's own seed, so an honest claim breaks again just
 * where an engine rounds otherwise (the flip rate), while a liar has to have said “robust” of samples that break, without
 * knowing which will be drawn: the site draws after it has stored the claim.
 *
 * Two stages. 7 % are drawn; none broken: passed; one to three: more are drawn, to 15.5 % in all; then at most three in all:
 * passed. Whatever breaks more is measured in full with a hidden seed.
 */

/** Shares in thousandths, so that they are taken in whole numbers. */
const PER_MILLE = { 1: 70, 2: 155 } as const;
/** Broken samples that an honest claim may have by rounding. */
export const TOLERATED = 3;

export type SpotStage = 1 | 2;
export type SpotVerdict = 'passed' | 'draw-more' | 'measure-in-full';

/** Samples to be attacked by the end of a stage, of n that the claim calls robust: ⌈share · n⌉. */
export const drawnBy = (robust: number, stage: SpotStage): number => Math.ceil((PER_MILLE[stage] * robust) / 1000);

/** The samples of one stage alone, ascending. @param order as drawn, of `robust` that the claim calls so */
export const samplesOf = (order: readonly number[], robust: number, stage: SpotStage): number[] =>
  order.slice(stage === 1 ? 0 : drawnBy(robust, 1), drawnBy(robust, stage)).sort((a, b) => a - b);

/** @param broken of all that were drawn so far */
export function spotVerdict(stage: SpotStage, broken: number): SpotVerdict {
  if (broken > TOLERATED) return 'measure-in-full';
  return broken === 0 || stage === 2 ? 'passed' : 'draw-more';
}

export interface SpotState {
  /** Where it ended; null while a stage is still to be attacked. */
  verdict: Exclude<SpotVerdict, 'draw-more'> | null;
  /** The stage that is to be attacked, or the last one. */
  stage: SpotStage;
  /** Of all stages that have been attacked. */
  attacked: number;
  broken: number;
}

/** Where a check of n robust samples stands, by what each stage that was attacked has broken. */
export function spotState(robust: number, broken: Readonly<Partial<Record<SpotStage, number>>>): SpotState {
  if (broken[1] === undefined) return { verdict: null, stage: 1, attacked: 0, broken: 0 };
  const [first, whole] = [drawnBy(robust, 1), drawnBy(robust, 2)];
  const verdict = spotVerdict(1, broken[1]);
  if (verdict !== 'draw-more') return { verdict, stage: 1, attacked: first, broken: broken[1] };
  // Of very few samples the second stage draws none.
  const second = whole === first ? 0 : broken[2];
  if (second === undefined) return { verdict: null, stage: 2, attacked: first, broken: broken[1] };
  const all = broken[1] + second;
  return { verdict: all > TOLERATED ? 'measure-in-full' : 'passed', stage: 2, attacked: whole, broken: all };
}

/**
 * The samples to attack, in the order in which they are drawn (without replacement, every order equally likely): the
 * first `drawnBy(n, 1)` are stage 1, the following up to `drawnBy(n, 2)` stage 2.
 * @param robust indices of the samples that the claim calls robust
 * @param below a uniform integer in 0 … n − 1 that nobody could foresee
 */
export function drawSamples(robust: readonly number[], below: (n: number) => number): number[] {
  const pool = [...robust];
  const drawn = drawnBy(pool.length, 2);
  for (let i = 0; i < drawn; i++) {
    const j = i + below(pool.length - i);
    [pool[i], pool[j]] = [pool[j], pool[i]];
  }
  return pool.slice(0, drawn);
}

/** ln(n choose k). */
function lnChoose(n: number, k: number): number {
  let ln = 0;
  for (let i = 1; i <= k; i++) ln += Math.log((n - k + i) / i);
  return ln;
}

/** Hypergeometric: k of the `marked` among `drawn` of n. */
function chance(n: number, marked: number, drawn: number, k: number): number {
  if (k < 0 || k > marked || k > drawn || drawn - k > n - marked) return 0;
  return Math.exp(lnChoose(marked, k) + lnChoose(n - marked, drawn - k) - lnChoose(n, drawn));
}

/** Probabilities of how a claim of n robust samples ends, `lies` of which break when they are attacked. */
export function spotOdds(robust: number, lies: number): { passed: number; drawnMore: number } {
  const [first, whole] = [drawnBy(robust, 1), drawnBy(robust, 2)];
  let passed = chance(robust, lies, first, 0);
  let drawnMore = 0;
  for (let k = 1; k <= TOLERATED; k++) {
    const here = chance(robust, lies, first, k);
    drawnMore += here;
    let more = 0;
    for (let j = 0; j <= TOLERATED - k; j++) more += chance(robust - first, lies - k, whole - first, j);
    passed += here * more;
  }
  return { passed, drawnMore };
}

/**
 * Share of the full cost that an honest claim takes on average, where each sample flips with probability f: samples attacked
 * in the stages, and all of them where the stages end in a full run.
 */
export function meanCost(robust: number, flipRate: number): number {
  const [first, whole] = [drawnBy(robust, 1) / robust, drawnBy(robust, 2) / robust];
  let [cost, left] = [0, 1];
  // Flips are Bin(n, f); what is beyond 60 deviations has no weight.
  const most = Math.min(robust, Math.ceil(robust * flipRate + 60 * Math.sqrt(robust * flipRate) + 1));
  for (let flips = 0; flips <= most && left > 1e-12; flips++) {
    const ln = lnChoose(robust, flips) + (flips ? flips * Math.log(flipRate) : 0) + (robust - flips) * Math.log1p(-flipRate);
    const weight = flipRate === 0 ? Number(flips === 0) : Math.exp(ln);
    const { passed, drawnMore } = spotOdds(robust, flips);
    cost += weight * (first + drawnMore * (whole - first) + (1 - passed));
    left -= weight;
  }
  return cost;
}
