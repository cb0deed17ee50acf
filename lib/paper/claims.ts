/**
 * What arXiv 2311.07444 finds, each as numbers that a run has and a criterion on them. The criteria are ours: the paper shows
 * curves, and these are the least that the curves' words ask for. A claim holds where it holds for every seed.
 */
import { bestEarly, lastLayer, nc1Ends } from './depth';
import { type Estimate, estimate } from './interval';
import type { PaperRun, Point } from './run';

/** The runs of one seed on one board by mode. */
export type Seed = ReadonlyMap<string, PaperRun>;

interface Measure {
  label: string;
  unit: 'plain' | 'share' | 'radians';
  of(seed: Seed): number | null | undefined;
}

export interface Claim {
  id: string;
  /** What the paper says. */
  says: string;
  /** What has to be so for one seed, in words. */
  criterion: string;
  /** What else was tried where it does not hold for every seed. */
  tried?: string;
  needs: readonly string[];
  measures: readonly Measure[];
  /** On the measures, in their order; none of them is undefined. */
  holds(...values: number[]): boolean;
  /** Where the runs can neither bear it out nor deny it: why, and of which values; on the measures likewise. */
  undecided?: { because: string; if(...values: number[]): boolean };
}

const last = (seed: Seed, mode: string, condition: string): Point | undefined => seed.get(mode)?.epochs.at(-1)?.collapse?.[condition];
const at =
  (
    mode: string,
    condition: string,
    key: 'accuracy' | 'ncc' | 'leapt' | 'nc1' | 'nc2NormMeans' | 'nc2AngleMeans' | 'nc3' | 'nc4' | 'angle',
  ) =>
  (seed: Seed) =>
    last(seed, mode, condition)?.[key];

/** A number of the run of one way of training. */
const ofRun =
  <T>(mode: string, of: (run: PaperRun) => T) =>
  (seed: Seed): T | undefined => {
    const run = seed.get(mode);
    return run && of(run);
  };

/** What a simplex is judged by, in the order of `simplexOf`. */
type Simplex = [nc1: number, norms: number, angles: number, nc3: number, nc4: number];
const below = (limits: Simplex) => (found: readonly number[]) => limits.every((limit, i) => found[i] < limit);
/** What counts as a simplex here, for whichever way of training and whichever images. */
const stands = below([5, 0.3, 0.3, 0.3, 0.05]);
/** The same in words. */
export const SIMPLEX_WORDS = 'NC1 below 5, NC2 (norms and angles) and NC3 below 0.3, NC4 below 5 %';
const VALUES = 5;
const simplexOf = (mode: string, condition: string, words: string): Measure[] => [
  { label: `NC1${words}`, unit: 'plain', of: at(mode, condition, 'nc1') },
  { label: `NC2 norms${words}`, unit: 'plain', of: at(mode, condition, 'nc2NormMeans') },
  { label: `NC2 angles${words}`, unit: 'plain', of: at(mode, condition, 'nc2AngleMeans') },
  { label: `NC3${words}`, unit: 'plain', of: at(mode, condition, 'nc3') },
  { label: `NC4${words}`, unit: 'share', of: at(mode, condition, 'nc4') },
];
/** A small angle between class means, in radians. */
const SMALL = 0.3;
/** Collapse comes after training images are learnt: a network that does not name so many of them rightly tells nothing of it. */
const LEARNT = 0.95;
const learntOf = (mode: string): Measure => ({ label: 'training images named rightly', unit: 'share', of: at(mode, 'clean', 'accuracy') });
const UNLEARNT = {
  because: `fewer than ${100 * LEARNT} % of the training images are named rightly, and collapse comes after that`,
  if: (named: number) => named < LEARNT,
};
/** Robust accuracy of adversarial training that says anything, on ten classes: chance, and five points. */
const ABOVE_CHANCE = 0.15;
const robustOf = (mode: string) => (seed: Seed) => seed.get(mode)?.test.robust;

const TRADES = { trades: 'TRADES', 'trades-as-published': 'TRADES as published' };

export const CLAIMS: readonly Claim[] = [
  {
    id: 'st-collapses',
    says: 'Standard training collapses: NC1–NC4 of clean training images go towards zero.',
    criterion: 'NC1 below 1, NC2 and NC3 below 0.2, NC4 below 1 %',
    needs: ['st'],
    measures: [learntOf('st'), ...simplexOf('st', 'clean', '')],
    holds: (_, ...simplex) => below([1, 0.2, 0.2, 0.2, 0.01])(simplex),
    undecided: UNLEARNT,
  },
  {
    id: 'attack-destroys',
    says: 'Small attacks destroy the simplex of a standard model.',
    criterion: 'under PGD no simplex stands, its NC1 is at least ten times the clean one, class means are turned by more than 0.5 rad',
    needs: ['st'],
    measures: [
      learntOf('st'),
      { label: 'NC1, clean', unit: 'plain', of: at('st', 'clean', 'nc1') },
      { label: 'angle to clean, PGD', unit: 'radians', of: at('st', 'pgd-10', 'angle') },
      ...simplexOf('st', 'pgd-10', ', PGD'),
    ],
    holds: (_, clean, angle, ...simplex) => !stands(simplex) && simplex[0] >= 10 * clean && angle > 0.5,
    undecided: UNLEARNT,
  },
  {
    id: 'noise-spares',
    says: 'Noise of the same size leaves the simplex standing: the attack, not its size, destroys it.',
    criterion: `a simplex stands under both noises, class means are turned by less than half of what PGD turns them, and by less than ${SMALL} rad`,
    needs: ['st'],
    measures: [
      learntOf('st'),
      { label: 'angle, Gaussian', unit: 'radians', of: at('st', 'gaussian', 'angle') },
      { label: 'angle, sign', unit: 'radians', of: at('st', 'sign', 'angle') },
      { label: 'angle, PGD', unit: 'radians', of: at('st', 'pgd-10', 'angle') },
      ...simplexOf('st', 'gaussian', ', Gaussian'),
      ...simplexOf('st', 'sign', ', sign'),
    ],
    holds: (_, gaussian, sign, pgd, ...simplices) =>
      stands(simplices) && stands(simplices.slice(VALUES)) && Math.max(gaussian, sign) < Math.min(SMALL, pgd / 2),
    undecided: UNLEARNT,
  },
  {
    id: 'leaping',
    says: 'Leaping: a targeted attack moves images near the vertex of their target.',
    criterion: 'four of five images nearest to the target’s mean, and NC1 by target below a tenth of NC1 under PGD',
    needs: ['st'],
    measures: [
      learntOf('st'),
      { label: 'landed', unit: 'share', of: at('st', 'targeted', 'leapt') },
      { label: 'NC1, targeted', unit: 'plain', of: at('st', 'targeted', 'nc1') },
      { label: 'NC1, PGD', unit: 'plain', of: at('st', 'pgd-10', 'nc1') },
    ],
    holds: (_, landed, targeted, pgd) => landed >= 0.8 && targeted < pgd / 10,
    undecided: UNLEARNT,
  },
  {
    id: 'leaping-simplex',
    says: 'There a simplex appears again, and lies on the clean one: the mean of those sent to a class is at a small angle to its clean mean.',
    criterion: `a simplex stands for targeted images by their target, at less than ${SMALL} rad`,
    tried: 'Tried as well: five times as many images, drawn ones, with ten times the weight decay (Glyphs).',
    needs: ['st'],
    measures: [
      learntOf('st'),
      { label: 'angle to the target’s mean', unit: 'radians', of: at('st', 'targeted', 'angle') },
      ...simplexOf('st', 'targeted', ', targeted'),
    ],
    holds: (_, angle, ...simplex) => stands(simplex) && angle < SMALL,
    undecided: UNLEARNT,
  },
  {
    id: 'at-collapses',
    says: 'Adversarial training collapses on clean and on perturbed images.',
    criterion: 'a simplex stands, clean and under PGD',
    tried:
      'Tried as well: more images for fewer epochs, and ten times the weight decay. NC1 is the lower the more of the perturbed images are learnt.',
    needs: ['at'],
    measures: [learntOf('at'), ...simplexOf('at', 'clean', ', clean'), ...simplexOf('at', 'pgd-10', ', PGD')],
    holds: (_, ...simplices) => stands(simplices) && stands(simplices.slice(VALUES)),
    undecided: UNLEARNT,
  },
  {
    id: 'at-aligned',
    says: 'The clean and the perturbed class means of adversarial training lie on each other.',
    criterion: `angle below ${SMALL} rad, and nine of ten perturbed training images nearest to their own clean mean`,
    needs: ['at'],
    measures: [
      learntOf('at'),
      { label: 'angle to clean, PGD', unit: 'radians', of: at('at', 'pgd-10', 'angle') },
      { label: 'nearest centre, PGD, training images', unit: 'share', of: at('at', 'pgd-10', 'ncc') },
    ],
    holds: (_, angle, ncc) => angle < SMALL && ncc >= 0.9,
    undecided: UNLEARNT,
  },
  {
    id: 'at-centres-robust',
    says: 'So the nearest-centre rule is a robust classifier.',
    criterion: 'on test images under PGD it is right at least nine times for ten of the network’s',
    needs: ['at'],
    measures: [
      { label: 'nearest centre, PGD, test images', unit: 'share', of: ofRun('at', lastLayer) },
      { label: 'network, PGD, test images', unit: 'share', of: (seed) => seed.get('at')?.test.pgd },
    ],
    holds: (ncc, pgd) => ncc >= 0.9 * pgd,
    undecided: { because: 'the network’s own accuracy under PGD on test images is not above chance', if: (_, pgd) => pgd < ABOVE_CHANCE },
  },
  ...(['trades', 'trades-as-published'] as const).flatMap((mode): Claim[] => [
    {
      id: `${mode}-robust`,
      says: `${TRADES[mode]} is about as robust as AT.`,
      criterion: 'on test images at least nine times for ten of AT’s robust accuracy',
      tried:
        'Tried on CIFAR-10: two hundred images, on which neither of them is robust, and five thousand, on which it stays a few points below AT under attack.',
      needs: ['at', mode],
      measures: [
        { label: 'right under both PGDs, AT', unit: 'share', of: robustOf('at') },
        { label: `right under both PGDs, ${TRADES[mode]}`, unit: 'share', of: robustOf(mode) },
      ],
      holds: (robustAt, robust) => robust >= 0.9 * robustAt,
      undecided: {
        because: 'AT’s own robust accuracy on test images is not above chance',
        if: (robustAt) => robustAt < ABOVE_CHANCE,
      },
    },
    {
      id: `${mode}-without-simplex`,
      says: `${TRADES[mode]} has no clean simplex: robustness needs no collapse.`,
      criterion: 'no simplex stands for clean images',
      tried:
        'Tried: the weight step in training mode and as published, and the first at the rate of the second (the control). On so few images TRADES, too, learns nearly every one by heart, and its NC1 falls with that.',
      needs: [mode],
      measures: [learntOf(mode), ...simplexOf(mode, 'clean', ', clean')],
      holds: (_, ...simplex) => !stands(simplex),
      undecided: UNLEARNT,
    },
  ]),
  {
    id: 'early-layers',
    says: 'Early layers stay reliable: in standard models their centres name perturbed images better than late layers’ do.',
    criterion: 'some layer of the first half has a nearest-centre accuracy on perturbed test images above the last’s',
    needs: ['st'],
    measures: [
      { label: 'best layer of the first half', unit: 'share', of: ofRun('st', bestEarly) },
      { label: 'last layer', unit: 'share', of: ofRun('st', lastLayer) },
    ],
    holds: (early, late) => early > late,
  },
  {
    id: 'depth-parts',
    says: 'Along depth NC1 falls for clean images and grows for perturbed ones.',
    criterion: 'from the first learnt layer to the last, clean NC1 falls and NC1 under PGD rises',
    needs: ['st'],
    measures: (['clean', 'pgd'] as const).flatMap((kind) => [
      { label: `NC1 first, ${kind}`, unit: 'plain', of: ofRun('st', (run) => nc1Ends(run, kind).first) },
      { label: `NC1 last, ${kind}`, unit: 'plain', of: ofRun('st', (run) => nc1Ends(run, kind).last) },
    ]),
    holds: (cleanFirst, cleanLast, pgdFirst, pgdLast) => cleanLast < cleanFirst && pgdLast > pgdFirst,
  },
];

export interface Finding {
  claim: Claim;
  measures: { label: string; unit: Measure['unit']; estimate: Estimate | undefined }[];
  /** Seeds for which the criterion holds, of those whose runs have everything that it asks for and can tell. */
  held: number;
  seeds: number;
  /** Seeds whose runs have everything, and can't tell. */
  undecided: number;
  /** Measures whose interval, with the others at their mean, reaches to where the verdict is another. */
  near: string[];
}

/** Which of the measures, moved to an end of its interval, turn the verdict. */
function nearOf({ measures, holds }: Claim, estimates: readonly (Estimate | undefined)[]): string[] {
  const means = estimates.map((e) => e?.mean ?? Number.NaN);
  if (means.some(Number.isNaN)) return [];
  const verdict = holds(...means);
  return measures.flatMap(({ label }, i) => {
    const half = estimates[i]?.half ?? 0;
    return [-half, half].some((shift) => holds(...means.with(i, means[i] + shift)) !== verdict) ? [label] : [];
  });
}

/** One network of one width: runs of different ones are never taken together. */
export const netOf = ({ recipe: { net, width } }: PaperRun): string => (width === undefined ? net : `${net}, width ${width}`);

/** Runs of one board, one network and one number of images, by seed and mode; of two of the same, the later. */
export function seedsOf(runs: readonly PaperRun[]): Seed[] {
  const kinds = new Set(runs.map((run) => `${netOf(run)} on ${run.recipe.trainSamples} images`));
  if (kinds.size > 1) throw new Error(`expected runs of one network and number of images, got ${[...kinds].join('; ')}`);
  const seeds = new Map<number, Map<string, PaperRun>>();
  for (const run of runs) {
    const { seed, mode } = run.recipe;
    seeds.set(seed, (seeds.get(seed) ?? new Map()).set(mode, run));
  }
  return [...seeds.values()];
}

/** Every claim against the runs of one board, one network and one number of images. */
export function findings(runs: readonly PaperRun[]): Finding[] {
  const seeds = seedsOf(runs);
  return CLAIMS.map((claim) => {
    const rows = seeds.filter((seed) => claim.needs.every((mode) => seed.has(mode))).map((seed) => claim.measures.map((m) => m.of(seed)));
    const whole = rows.filter((row): row is number[] => row.every((v) => typeof v === 'number'));
    const telling = whole.filter((row) => !claim.undecided?.if(...row));
    const estimates = claim.measures.map((_, i) => estimate(rows.map((row) => row[i])));
    return {
      claim,
      measures: claim.measures.map(({ label, unit }, i) => ({ label, unit, estimate: estimates[i] })),
      near: telling.length > 1 ? nearOf(claim, estimates) : [],
      held: telling.filter((row) => claim.holds(...row)).length,
      seeds: telling.length,
      undecided: whole.length - telling.length,
    };
  });
}
