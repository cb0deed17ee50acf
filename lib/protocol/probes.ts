/**
 * What a run measures beyond its protocol, on request: a few test images under variants of the attacks, for the confidence checks
 * (lib/confidence) and for the curves (curves.ts). Known before anything is measured; free of tensors.
 */
import { type AttackId, type Condition, isRanking } from '../attacks/catalogue';
import type { ConfidenceCheckId } from '../confidence/catalogue';
import { DATASETS } from '../data/datasets';
import type { Board } from './boards';
import { testCount } from './counts';
import type { Variant } from './variant';

export interface ProbesRequest {
  board: Board;
  attacks: readonly AttackId[];
  samples: number;
  autoattackSamples?: number;
  restarts: number;
  /** Confidence checks that need attacks of their own. */
  checks?: boolean;
  /** Accuracy against radius, steps and restarts. */
  curves?: boolean;
  /** Where checks may climb on another network (surrogates.ts): its digest; or why there is none. */
  surrogate?: string | { notRun: string };
  /** Test images of both, from the first; never more than `samples`. */
  checkSamples?: number;
}

export interface Probe {
  for: 'checks' | 'curves';
  condition: Condition;
  variant: Variant;
  /** Test images, from the first. */
  count: number;
  /** Of an attack on standing images: the condition or the probe that it begins from. */
  before?: string;
}

/** Checks that a run with `checks` has a value for on any model with test images: those that may have none are left out. */
export const PROBED_CHECKS = [
  'randomised-output',
  'no-convergence',
  'huge-radius',
  'fgsm-beats-pgd',
  'larger-radius',
  'shift-sensitivity',
  'noise-sensitivity',
  'smooth-replacement',
] as const satisfies readonly ConfidenceCheckId[];

/** Test images of checks and curves where nobody says how many. */
export const CHECK_SAMPLES = 256;

export const checkCount = ({ samples, checkSamples = CHECK_SAMPLES }: Pick<ProbesRequest, 'samples' | 'checkSamples'>): number =>
  Math.min(samples, checkSamples);

/**
 * A radius at which nothing should hold. L∞: 64/255, at least 4ε. L2: 64/255·√d, the smallest L2 ball that holds the whole L∞ ball of
 * 64/255 (d numbers in an image).
 */
export function hugeRadius({ norm, epsilon, dataset }: Board): number {
  const size = DATASETS[dataset].shape.reduce((a, b) => a * b, 1);
  return norm === 'linf' ? Math.max(64 / 255, 4 * epsilon) : (64 / 255) * Math.sqrt(size);
}

/** PGD at another radius: steps in proportion. */
const atRadius = ({ epsilon, alpha }: Board, factor: number) => ({ epsilon: factor * epsilon, alpha: factor * alpha, restart: 0 });

function checkProbes(request: ProbesRequest): Probe[] {
  const { board, attacks, restarts, surrogate } = request;
  const count = checkCount(request);
  const probe = (id: string, condition: Condition, variant: Omit<Variant, 'id'>, before?: string): Probe => ({
    ...{ for: 'checks', condition, variant: { id: `check-${id}`, ...variant }, count },
    ...(before ? { before } : {}),
  });
  const hasPgd = attacks.includes('pgd-10') && restarts === 1;
  const hasApgd = attacks.includes('apgd-ce') && testCount('apgd-ce', request) >= count;
  return [
    probe('passes', 'clean', { passes: 5 }),
    probe('shift', 'clean', { change: 'shift' }),
    probe('noise', 'clean', { change: 'noise' }),
    ...(hasPgd ? [] : [probe('pgd', 'pgd-10', { restart: 0 })]),
    probe('fgsm', 'pgd-10', { steps: 1, alpha: board.epsilon, fromImage: true, restart: 0 }),
    probe('pgd-half', 'pgd-10', atRadius(board, 0.5)),
    probe('pgd-double', 'pgd-10', atRadius(board, 2)),
    ...(hasApgd ? [] : [probe('apgd-100', 'apgd-ce', { iterations: 100 }, 'clean')]),
    probe('apgd-200', 'apgd-ce', { iterations: 200 }, 'clean'),
    probe('huge', 'apgd-ce', { epsilon: hugeRadius(board) }, 'clean'),
    // On what the longest search along the network's own gradients has left.
    probe('smooth', 'apgd-ce', { instead: 'smooth' }, 'check-apgd-200'),
    ...(typeof surrogate === 'string' ? [probe('transfer', 'apgd-ce', { instead: 'transfer' }, 'check-apgd-200')] : []),
    probe('must-break', 'apgd-ce', { instead: 'must-break' }, 'clean'),
  ];
}

/** Radii of the curve, in units of the board's. */
export const CURVE_RADII = [0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 6, 8] as const;
export const CURVE_ITERATIONS = [10, 25, 50, 100, 200] as const;
export const CURVE_RESTARTS = 10;

/** Those along radius and steps each go on from what the one before left; restarts are joined image by image. */
function curveProbes(request: ProbesRequest): Probe[] {
  const { board } = request;
  const count = checkCount(request);
  const chain = (kind: string, variants: readonly Omit<Variant, 'id'>[]): Probe[] =>
    variants.map((variant, i) => ({
      ...{ for: 'curves', condition: 'apgd-ce', variant: { id: `curve-${kind}-${i}`, ...variant }, count },
      before: i === 0 ? 'clean' : `curve-${kind}-${i - 1}`,
    }));
  return [
    ...chain(
      'radius',
      CURVE_RADII.map((factor) => ({ epsilon: factor * board.epsilon })),
    ),
    ...chain(
      'steps',
      CURVE_ITERATIONS.map((iterations) => ({ iterations })),
    ),
    ...Array.from({ length: CURVE_RESTARTS }, (_, restart) => ({
      ...{ for: 'curves' as const, condition: 'pgd-10' as const, variant: { id: `curve-restart-${restart}`, restart }, count },
    })),
  ];
}

/** In the order in which they are measured; none without a test part. */
export function probesOf(request: ProbesRequest): Probe[] {
  if (checkCount(request) === 0) return [];
  return [...(request.checks ? checkProbes(request) : []), ...(request.curves ? curveProbes(request) : [])];
}

/** Whether an attack ran that counts into robust accuracy. */
export const isAttacked = ({ attacks, samples }: Pick<ProbesRequest, 'attacks' | 'samples'>) => samples > 0 && attacks.some(isRanking);
