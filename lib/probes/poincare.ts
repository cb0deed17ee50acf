/**
 * The nearest-centre rule in the Poincaré ball, after Shimizu, Mukuta & Harada, “Hyperbolic Neural Networks++” (arXiv 2006.08210), curvature
 * −1. Features are centred at the training mean and scaled to a root mean square length of 1 there, v = (h − μ_G)/s, then
 *
 *   x = exp_0(v) = tanh(‖v‖)·v/‖v‖,   d(x, y) = arcosh(1 + 2‖x − y‖²/((1 − ‖x‖²)(1 − ‖y‖²))),
 *   centre of a class: the gyromidpoint ½ ⊗ Σ λ_i x_i / Σ (λ_i − 1), λ_i = 2/(1 − ‖x_i‖²), ½ ⊗ y = y/(1 + √(1 − ‖y‖²)).
 *
 * Share of test images whose nearest centre is their class's, clean and under PGD, beside the Euclidean rule on the same features and the
 * network itself; ranges 0 … 1. Float64; 1 − ‖x‖² is kept as 1/cosh², since it would vanish in a subtraction. ‖v‖ is cut at 15.
 * The paper trains in the ball; here features of an ordinary network are looked at in it, so the scale s is a choice.
 */
import { ClassStats, classMeans } from '../collapse/class-stats';
import { nearestMeans } from '../collapse/within-class';
import { type Answer, none } from './answer';
import type { Features } from './feature-data';
import { accuracy } from './non-singular';

export interface NearestAccuracies {
  network: number;
  euclidean: number;
  hyperbolic: number;
}

export interface Poincare {
  images: number;
  /** s: features this far from their mean reach tanh(1) = 0.76 of the ball's radius. */
  scale: number;
  clean: NearestAccuracies;
  pgd: NearestAccuracies;
}

/** A point of the ball. */
export interface BallPoint {
  x: Float64Array;
  /** 1 − ‖x‖² */
  gap: number;
}

const LONGEST = 15;

/** exp_0(v). */
export function expMap(v: Float64Array): BallPoint {
  const length = Math.sqrt(v.reduce((sum, c) => sum + c * c, 0));
  if (length === 0) return { x: v.slice(), gap: 1 };
  const cut = Math.min(length, LONGEST);
  return { x: v.map((c) => (Math.tanh(cut) * c) / length), gap: 1 / Math.cosh(cut) ** 2 };
}

export function ballDistance(p: BallPoint, q: BallPoint): number {
  let square = 0;
  for (let i = 0; i < p.x.length; i++) square += (p.x[i] - q.x[i]) ** 2;
  return Math.acosh(1 + (2 * square) / (p.gap * q.gap));
}

/** Of at least one point. */
export function gyromidpoint(points: readonly BallPoint[]): BallPoint {
  const sum = new Float64Array(points[0].x.length);
  let weights = 0;
  for (const { x, gap } of points) {
    const lambda = 2 / gap;
    for (let i = 0; i < sum.length; i++) sum[i] += lambda * x[i];
    weights += lambda - 1;
  }
  const twice = sum.map((c) => c / weights);
  // Rounding may put points at the rim beyond it.
  const root = Math.sqrt(Math.max(0, 1 - twice.reduce((s, c) => s + c * c, 0)));
  // With y of gap root², ½ ⊗ y has the gap 2·root/(1 + root).
  return { x: twice.map((c) => c / (1 + root)), gap: Math.max((2 * root) / (1 + root), 1 / Math.cosh(LONGEST) ** 2) };
}

export function poincareNearest(
  train: Features,
  sets: Readonly<Record<'clean' | 'pgd', Required<Features>>>,
  classes: number,
): Answer<Poincare> {
  const images = sets.clean.labels.length;
  if (images === 0) return none('there are no test images');
  const dim = train.features.length / train.labels.length;
  const stats = new ClassStats(classes, dim);
  stats.add(train.features, train.labels);
  const means = classMeans(stats);
  if (!means.complete) return none('a class has no training image here; more images are needed');
  let square = 0;
  train.features.forEach((h, k) => {
    square += (h - means.global[k % dim]) ** 2;
  });
  const scale = Math.sqrt(square / train.labels.length);
  if (scale === 0) return none('all training images have the same features');
  const inBall = ({ features }: Features) =>
    Array.from({ length: features.length / dim }, (_, n) =>
      expMap(Float64Array.from({ length: dim }, (__, i) => (features[n * dim + i] - means.global[i]) / scale)),
    );
  const points = inBall(train);
  const centres = Array.from({ length: classes }, (_, c) => gyromidpoint(points.filter((__, n) => train.labels[n] === c)));
  const of = (set: Required<Features>): NearestAccuracies => ({
    network: accuracy(set.labels, set.predictions),
    euclidean: accuracy(set.labels, nearestMeans(set.features, set.labels.length, means)),
    hyperbolic: accuracy(
      set.labels,
      inBall(set).map((p) => nearest(p, centres)),
    ),
  });
  return { result: { images, scale, clean: of(sets.clean), pgd: of(sets.pgd) } };
}

/** First of equals. */
function nearest(point: BallPoint, centres: readonly BallPoint[]): number {
  const distances = centres.map((c) => ballDistance(point, c));
  return distances.indexOf(Math.min(...distances));
}
