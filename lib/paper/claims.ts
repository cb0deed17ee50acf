/**
 * What arXiv 2311.07444 finds, each as numbers that a run has and a criterion on them. The criteria are ours: the paper shows
 * curves, and these are the least that the curves' words ask for. A claim holds where it holds for every seed.
 */
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
}

const last = (seed: Seed, mode: string, condition: string): Point | undefined => seed.get(mode)?.epochs.at(-1)?.collapse?.[condition];
const at = (mode: string, condition: string, key: 'ncc' | 'leapt' | 'nc1' | 'nc2AngleMeans' | 'nc3' | 'nc4' | 'angle') => (seed: Seed) =>
  last(seed, mode, condition)?.[key];

/** Layers that were learnt: pixels, as they are and normalised, come before them. */
const learnt = (seed: Seed, mode: string) => (seed.get(mode)?.layers ?? []).filter(({ name }) => name !== 'input' && name !== 'normalize');

/** Of the layers before the feature layer, the best nearest-centre accuracy on perturbed test images. */
const bestEarly = (mode: string) => (seed: Seed) => {
  const early = learnt(seed, mode)
    .slice(0, -1)
    .map(({ pgd }) => pgd.nccAccuracy ?? 0);
  return early.length ? Math.max(...early) : undefined;
};
const lastLayer = (mode: string) => (seed: Seed) => seed.get(mode)?.layers.at(-1)?.pgd.nccAccuracy;

export const CLAIMS: readonly Claim[] = [
  {
    id: 'st-collapses',
    says: 'Standard training collapses: NC1–NC4 of clean training images go towards zero.',
    criterion: 'NC1 below 1, NC4 below 1 %',
    needs: ['st'],
    measures: [
      { label: 'NC1', unit: 'plain', of: at('st', 'clean', 'nc1') },
      { label: 'NC2 angles', unit: 'plain', of: at('st', 'clean', 'nc2AngleMeans') },
      { label: 'NC3', unit: 'plain', of: at('st', 'clean', 'nc3') },
      { label: 'NC4', unit: 'share', of: at('st', 'clean', 'nc4') },
    ],
    holds: (nc1, _angles, _nc3, nc4) => nc1 < 1 && nc4 < 0.01,
  },
  {
    id: 'attack-destroys',
    says: 'Small attacks destroy the simplex of a standard model.',
    criterion: 'NC1 under PGD at least ten times the clean one, class means turned by more than 0.5 rad',
    needs: ['st'],
    measures: [
      { label: 'NC1, clean', unit: 'plain', of: at('st', 'clean', 'nc1') },
      { label: 'NC1, PGD', unit: 'plain', of: at('st', 'pgd-10', 'nc1') },
      { label: 'angle to clean, PGD', unit: 'radians', of: at('st', 'pgd-10', 'angle') },
    ],
    holds: (clean, pgd, angle) => pgd >= 10 * clean && angle > 0.5,
  },
  {
    id: 'noise-spares',
    says: 'Noise of the same size leaves the simplex standing: the attack, not its size, destroys it.',
    criterion: 'class means turned by less than half of what PGD turns them, and by less than 0.3 rad, under both noises',
    needs: ['st'],
    measures: [
      { label: 'angle, Gaussian', unit: 'radians', of: at('st', 'gaussian', 'angle') },
      { label: 'angle, sign', unit: 'radians', of: at('st', 'sign', 'angle') },
      { label: 'angle, PGD', unit: 'radians', of: at('st', 'pgd-10', 'angle') },
      { label: 'NC1, Gaussian', unit: 'plain', of: at('st', 'gaussian', 'nc1') },
    ],
    holds: (gaussian, sign, pgd) => Math.max(gaussian, sign) < Math.min(0.3, pgd / 2),
  },
  {
    id: 'leaping',
    says: 'Leaping: targeted images land at the vertex of their target, where a simplex appears again.',
    criterion: 'four of five images nearest to the target’s mean, and NC1 by target below a tenth of NC1 under PGD',
    needs: ['st'],
    measures: [
      { label: 'landed', unit: 'share', of: at('st', 'targeted', 'leapt') },
      { label: 'NC1, targeted', unit: 'plain', of: at('st', 'targeted', 'nc1') },
      { label: 'NC1, PGD', unit: 'plain', of: at('st', 'pgd-10', 'nc1') },
      { label: 'angle to the target’s mean', unit: 'radians', of: at('st', 'targeted', 'angle') },
    ],
    holds: (landed, targeted, pgd) => landed >= 0.8 && targeted < pgd / 10,
  },
  {
    id: 'at-collapses',
    says: 'Adversarial training collapses on clean and on perturbed images.',
    criterion: 'NC1 below 5 and NC4 below 5 %, clean and under PGD',
    tried:
      'Tried as well: more images for fewer epochs, and ten times the weight decay. NC1 is the lower the more of the perturbed images are learnt.',
    needs: ['at'],
    measures: [
      { label: 'NC1, clean', unit: 'plain', of: at('at', 'clean', 'nc1') },
      { label: 'NC1, PGD', unit: 'plain', of: at('at', 'pgd-10', 'nc1') },
      { label: 'NC4, clean', unit: 'share', of: at('at', 'clean', 'nc4') },
      { label: 'NC4, PGD', unit: 'share', of: at('at', 'pgd-10', 'nc4') },
    ],
    holds: (...values) => Math.max(values[0], values[1]) < 5 && Math.max(values[2], values[3]) < 0.05,
  },
  {
    id: 'at-aligned',
    says: 'The two simplices of adversarial training lie on each other, so the nearest-centre rule is robust.',
    criterion: 'angle below 0.3 rad, and nine of ten perturbed training images nearest to their own clean mean',
    needs: ['at'],
    measures: [
      { label: 'angle to clean, PGD', unit: 'radians', of: at('at', 'pgd-10', 'angle') },
      { label: 'nearest centre, PGD', unit: 'share', of: at('at', 'pgd-10', 'ncc') },
    ],
    holds: (angle, ncc) => angle < 0.3 && ncc >= 0.9,
  },
  ...(['trades', 'trades-as-published'] as const).map(
    (mode): Claim => ({
      id: `${mode}-robust-without`,
      says: `TRADES${mode === 'trades' ? '' : ', as published,'} is about as robust as AT, with no clean simplex.`,
      tried:
        'Tried: the weight step in training mode and as published. On so few images TRADES, too, learns nearly every one by heart, and its NC1 falls with that.',
      criterion: 'at most 5 points less robust than AT under PGD on test images, and clean NC1 at least three times AT’s',
      needs: ['at', mode],
      measures: [
        { label: 'robust, AT', unit: 'share', of: (seed) => seed.get('at')?.test.robust },
        { label: 'robust, TRADES', unit: 'share', of: (seed) => seed.get(mode)?.test.robust },
        { label: 'NC1, AT', unit: 'plain', of: at('at', 'clean', 'nc1') },
        { label: 'NC1, TRADES', unit: 'plain', of: at(mode, 'clean', 'nc1') },
      ],
      holds: (robustAt, robust, nc1At, nc1) => robust >= robustAt - 0.05 && nc1 >= 3 * nc1At,
    }),
  ),
  {
    id: 'early-layers',
    says: 'Early layers stay reliable: in standard models their centres name perturbed images better than late layers’ do.',
    criterion: 'some earlier learnt layer’s nearest-centre accuracy on perturbed test images is above the last’s',
    needs: ['st'],
    measures: [
      { label: 'best earlier layer', unit: 'share', of: bestEarly('st') },
      { label: 'last layer', unit: 'share', of: lastLayer('st') },
    ],
    holds: (early, late) => early > late,
  },
  {
    id: 'depth-parts',
    says: 'Along depth NC1 falls for clean images and grows for perturbed ones.',
    criterion: 'from the first learnt layer to the last, clean NC1 falls and NC1 under PGD rises',
    needs: ['st'],
    measures: (['clean', 'pgd'] as const).flatMap((kind) => [
      { label: `NC1 first, ${kind}`, unit: 'plain', of: (seed: Seed) => learnt(seed, 'st')[0]?.[kind].nc1 },
      { label: `NC1 last, ${kind}`, unit: 'plain', of: (seed: Seed) => learnt(seed, 'st').at(-1)?.[kind].nc1 },
    ]),
    holds: (cleanFirst, cleanLast, pgdFirst, pgdLast) => cleanLast < cleanFirst && pgdLast > pgdFirst,
  },
];

export interface Finding {
  claim: Claim;
  measures: { label: string; unit: Measure['unit']; estimate: Estimate | undefined }[];
  /** Seeds for which the criterion holds, of those whose runs have everything that it asks for. */
  held: number;
  seeds: number;
}

/** Runs of one board by seed and mode; of two of the same, the later. */
export function seedsOf(runs: readonly PaperRun[]): Seed[] {
  const seeds = new Map<number, Map<string, PaperRun>>();
  for (const run of runs) {
    const { seed, mode } = run.recipe;
    seeds.set(seed, (seeds.get(seed) ?? new Map()).set(mode, run));
  }
  return [...seeds.values()];
}

/** Every claim against the runs of one board. */
export function findings(runs: readonly PaperRun[]): Finding[] {
  const seeds = seedsOf(runs);
  return CLAIMS.map((claim) => {
    const rows = seeds.filter((seed) => claim.needs.every((mode) => seed.has(mode))).map((seed) => claim.measures.map((m) => m.of(seed)));
    const whole = rows.filter((row): row is number[] => row.every((v) => typeof v === 'number'));
    return {
      claim,
      measures: claim.measures.map(({ label, unit }, i) => ({ label, unit, estimate: estimate(rows.map((row) => row[i])) })),
      held: whole.filter((row) => claim.holds(...row)).length,
      seeds: whole.length,
    };
  });
}
