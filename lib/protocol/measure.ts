/**
 * One unit of work: a run of consecutive images under one condition, on the current backend. Attacks, clips and measures
 * again, reads out features and layer statistics. Stateless, so units can run in any thread in any order.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { AttackBatch, Threat } from '../attacks/attack';
import { nextClass } from '../attacks/attack';
import { ATTACK_INFO, type AutoAttackId, type Condition } from '../attacks/catalogue';
import { NORMS } from '../attacks/norms';
import { ATTACKS, STANDING_ATTACKS } from '../attacks/registry';
import { logitSpreads } from '../confidence/logit-spread';
import { Failure } from '../failure';
import { CountedNetwork } from '../model/counting';
import { elements, featureNode } from '../model/graph';
import type { Network } from '../model/network';
import type { Split } from '../random';
import { ambiguousRows } from './ambiguity';
import { clipToBall, distance } from './ball';
import type { Board } from './boards';
import { measureJoint } from './joint-measure';
import { type LayerFold, type LayerResult, type LayerTask, layerFold } from './layer-tasks';
import { measureBehind, measureMustBreak } from './masked-measure';
import { joined, type PartResult, partsOf } from './parts';
import { imageCost, probeCost } from './plan';
import { type Before, measureStanding } from './standing-measure';
import { type OnProgress, UnitMeter } from './unit-progress';
import { changedImages, settingsOf, type Variant } from './variant';

export interface MeasureJob {
  split: Split;
  /** Record index of the first image. */
  first: number;
  condition: Condition;
  /** Record index of each image, where they do not follow one another; `first` is the first of them. */
  records?: Int32Array;
  /** Instead of the settings' seed. */
  seed?: number;
  /** Other settings than the board's. */
  variant?: Variant;
  /** uint8 NHWC */
  images: Uint8Array;
  labels: Uint8Array;
  /** Perturbed images from an earlier unit; the attack is not run again. */
  perturbed?: Float32Array;
  /** Of an attack on standing images: the outcomes that it begins from; those of the clean images by default. */
  before?: Before;
  wantFeatures: boolean;
  wantPerturbed: boolean;
  wantLogits?: boolean;
  /** Outputs that are not finite do not end the unit: the logits hold them, and the image counts as named 0, with equal logits. */
  anyOutput?: boolean;
  layers: LayerTask[];
  /** Images on the device at once; fewer need less memory, and nothing in the outcome depends on it. All by default. */
  atOnce?: number;
  /** Names `layers`: the same number means the same tasks, which a thread then remembers. */
  layerSet?: number;
}

/** The record index of the image in row n. */
export const recordOf =
  ({ first, records }: Pick<MeasureJob, 'first' | 'records'>) =>
  (n: number): number =>
    records?.[n] ?? first + n;

export interface MeasureSettings {
  board: Board;
  seed: number;
  restarts: number;
  /** Files of the network that a transfer attack climbs on. */
  surrogate?: ReadonlyMap<string, Uint8Array>;
}

export interface MeasureResult {
  predictions: Int32Array;
  /** Cross-entropy of the true label, nats, float64 from float32 logits. */
  losses: Float64Array;
  linf: Float64Array;
  l2: Float64Array;
  /** 1 where the loss gradient at the attack's start is exactly zero. */
  zeroGradient?: Uint8Array;
  /** Of clean images: 1 where the two largest logits all but tie (ambiguity.ts). */
  ambiguous?: Uint8Array;
  /** Every row of outputs lies in [0, 1] and sums to 1. */
  looksLikeProbabilities: boolean;
  features?: Float32Array;
  perturbed?: Float32Array;
  logits?: Float32Array;
  /** Of several passes: the largest L2 distance of an image's logits, scaled to length 1, from those of the first pass. */
  spread?: Float64Array;
  layers: LayerResult[];
  /** Of an attack on standing images: how many those were. */
  attacked?: number;
  /** Of the test of the attack, for each image: 0 its network could not be altered, 1 it held, 2 it broke. */
  mustBreak?: Uint8Array;
  /** Of those, how many the attack's own point breaks but not the witness that would be stored of it. */
  lostToRounding?: number;
  forwards: number;
  backwards: number;
}

/** byte / 255, rounded to float32. */
export function toPixels(bytes: Uint8Array): Float32Array {
  const pixels = new Float32Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) pixels[i] = bytes[i] / 255;
  return pixels;
}

export interface Outcome {
  predictions: Int32Array;
  losses: Float64Array;
  looksLikeProbabilities: boolean;
}

/** Predictions (first of equal largest) and losses, in float64 on the host. `sample` names a row in a refusal. */
export function readLogits(
  logits: Float32Array,
  labels: ArrayLike<number>,
  sample: number | ((row: number) => number),
  layer?: string,
): Outcome {
  const classes = logits.length / labels.length;
  const predictions = new Int32Array(labels.length);
  const losses = new Float64Array(labels.length);
  let looksLikeProbabilities = true;
  for (let n = 0; n < labels.length; n++) {
    const z = logits.subarray(n * classes, (n + 1) * classes);
    let best = 0;
    let total = 0;
    for (let c = 0; c < classes; c++) {
      if (!Number.isFinite(z[c]))
        throw new Failure(
          'computation-failed',
          `${layer === undefined ? '' : `layer ${layer}: `}sample ${typeof sample === 'number' ? sample + n : sample(n)}: the network's output ${c} is ${z[c]}; outputs must be finite`,
        );
      if (z[c] > z[best]) best = c;
      if (z[c] < 0 || z[c] > 1) looksLikeProbabilities = false;
      total += z[c];
    }
    if (Math.abs(total - 1) > 1e-3) looksLikeProbabilities = false;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(z[c] - z[best]);
    predictions[n] = best;
    losses[n] = z[best] + Math.log(sum) - z[labels[n]];
  }
  return { predictions, losses, looksLikeProbabilities };
}

/** A copy in which every row with an output that is not finite is 0 throughout. */
function finiteRows(logits: Float32Array, count: number): Float32Array {
  const [copy, classes] = [logits.slice(), logits.length / count];
  for (let n = 0; n < count; n++) {
    const row = copy.subarray(n * classes, (n + 1) * classes);
    if (!row.every(Number.isFinite)) row.fill(0);
  }
  return copy;
}

/** Runs the attack with all restarts; keeps for each sample the first point that breaks it, else the one of highest loss. */
async function perturb(network: CountedNetwork, job: MeasureJob, settings: MeasureSettings, x0: tf.Tensor4D, pixels: Float32Array) {
  const attack = ATTACKS[job.condition as keyof typeof ATTACKS];
  const { board, restarts } = settings;
  const { seed = settings.seed } = job;
  const norm = NORMS[board.norm];
  const { fromImage, restart: only } = job.variant ?? {};
  const threat: Threat = { norm, epsilon: board.epsilon, alpha: board.alpha, steps: board.steps, seed, fromImage };
  const size = pixels.length / job.labels.length;
  const batch: AttackBatch = {
    x0,
    split: job.split,
    labels: Int32Array.from(job.labels),
    samples: Int32Array.from(job.labels, (_, n) => recordOf(job)(n)),
  };
  let best: Float32Array | undefined;
  let score = new Float64Array(job.labels.length).fill(-Infinity);
  let zeroGradient: Uint8Array | undefined;
  const rounds = attack.bounded ? restarts : 1;
  for (let restart = 0; restart < rounds; restart++) {
    const { x, startGradient } = attack.run(network, batch, threat, only ?? restart);
    const points = (await x.data()) as Float32Array;
    x.dispose();
    if (startGradient) {
      const largest = await startGradient.data();
      startGradient.dispose();
      if (restart === 0) zeroGradient = Uint8Array.from(largest, (g) => (g === 0 ? 1 : 0));
    }
    for (let n = 0; n < job.labels.length; n++) {
      const [a, b] = [n * size, (n + 1) * size];
      clipToBall(points.subarray(a, b), pixels.subarray(a, b), attack.bounded ? board.norm : null, board.epsilon);
    }
    const broken = points.findIndex(Number.isNaN);
    if (broken >= 0) {
      throw new Failure(
        'computation-failed',
        `${job.condition}: the gradient at sample ${recordOf(job)(Math.floor(broken / size))} is not a number; the model cannot be attacked`,
      );
    }
    if (rounds === 1) return { points, zeroGradient };
    const logits = tf.tidy(() => network.logits(tf.tensor4d(points, x0.shape)));
    const goal = attack.targeted ? nextClass(job.labels, network.classes) : job.labels;
    const outcome = readLogits((await logits.data()) as Float32Array, goal, recordOf(job), network.outputName);
    logits.dispose();
    best ??= points.slice();
    const next = Float64Array.from(outcome.losses, (loss, n) => {
      const atGoal = outcome.predictions[n] === goal[n];
      return atGoal === attack.targeted ? Infinity : attack.targeted ? -loss : loss;
    });
    for (let n = 0; n < next.length; n++) {
      if (next[n] > score[n]) best.set(points.subarray(n * size, (n + 1) * size), n * size);
      else next[n] = score[n];
    }
    score = next;
  }
  return { points: best as Float32Array, zeroGradient };
}

/** `onProgress` hears of every pass of an attack, at most once each. */
export async function measure(
  network: Network,
  job: MeasureJob,
  settings: MeasureSettings,
  onProgress?: OnProgress,
): Promise<MeasureResult> {
  const { nodes } = network.graph;
  const folds = job.layers.map((task) => layerFold(task, job.condition, network.classes, elements(nodes[task.node].shape)));
  const parts: PartResult[] = [];
  const cost = job.variant ? probeCost({ condition: job.condition, variant: job.variant }, settings) : imageCost(job.condition, settings);
  const meter = onProgress && new UnitMeter(cost, onProgress);
  for (const part of partsOf(job)) parts.push(await measurePart(network, part, settingsOf(settings, job.variant), folds, meter));
  return { ...joined(parts), layers: folds.map((fold) => fold.result()) };
}

async function measurePart(
  network: Network,
  job: MeasureJob,
  settings: MeasureSettings,
  folds: readonly LayerFold[],
  meter?: UnitMeter,
): Promise<PartResult> {
  const [h, w, c] = network.inputShape;
  const count = job.labels.length;
  const pixels = toPixels(job.images);
  const counted = new CountedNetwork(network);
  if (job.condition !== 'clean' && ATTACK_INFO[job.condition].onStanding) {
    const instead = job.variant?.instead;
    if (instead === 'must-break') return measureMustBreak(network.graph, job, settings);
    if (instead) return measureBehind(instead, counted, network.graph, job, settings, meter);
    return measureStanding(counted, job, settings, STANDING_ATTACKS[job.condition as AutoAttackId], meter);
  }
  if (job.condition === 'joint') return measureJoint(network, job, settings, meter);
  const owned: tf.Tensor[] = [];
  try {
    const { change, passes = 1 } = job.variant ?? {};
    const samples = Array.from(job.labels, (_, n) => recordOf(job)(n));
    const seen = change ? changedImages(change, { pixels, shape: [h, w, c], samples, seed: job.seed ?? settings.seed }) : pixels;
    let points = job.perturbed ?? seen;
    let zeroGradient: Uint8Array | undefined;
    if (job.condition !== 'clean' && !job.perturbed) {
      const x0 = tf.tensor4d(pixels, [count, h, w, c]);
      owned.push(x0);
      // The passes of these attacks are only queued on a GPU, all at once: how many says nothing there.
      if (tf.getBackend() !== 'webgpu') counted.onPass = meter?.part(count);
      ({ points, zeroGradient } = await perturb(counted, job, settings, x0, pixels));
      counted.onPass = undefined;
    }
    const x = tf.tensor4d(points, [count, h, w, c]);
    owned.push(x);
    const feature = featureNode(network.graph);
    const taps = [...(job.wantFeatures && feature !== undefined ? [feature] : []), ...job.layers.map((l) => l.node)];
    const out = counted.forward(x, taps);
    owned.push(out.logits, ...out.taps);
    const logits = (await out.logits.data()) as Float32Array;
    const outcome = readLogits(job.anyOutput ? finiteRows(logits, count) : logits, job.labels, recordOf(job), network.outputName);
    const again: Float32Array[] = [];
    for (let pass = 1; pass < passes; pass++) {
      const { logits: more } = counted.forward(x, []);
      owned.push(more);
      again.push((await more.data()) as Float32Array);
    }
    const tapped = await Promise.all(out.taps.map((t) => t.data() as Promise<Float32Array>));
    const features = job.wantFeatures && feature !== undefined ? tapped.shift() : undefined;

    const labels = Int32Array.from(job.labels);
    folds.forEach((fold, i) => {
      fold.add(tapped[i], labels);
    });
    const size = h * w * c;
    const sizes = Array.from({ length: count }, (_, n) =>
      distance(points.subarray(n * size, (n + 1) * size), pixels.subarray(n * size, (n + 1) * size)),
    );
    return {
      ...outcome,
      linf: Float64Array.from(sizes, (s) => s.linf),
      l2: Float64Array.from(sizes, (s) => s.l2),
      ...(zeroGradient ? { zeroGradient } : {}),
      ...(job.condition === 'clean' ? { ambiguous: ambiguousRows(logits, count) } : {}),
      ...(features ? { features } : {}),
      ...(job.wantPerturbed ? { perturbed: points } : {}),
      ...(job.wantLogits ? { logits } : {}),
      ...(passes > 1 ? { spread: logitSpreads([logits, ...again], network.classes) } : {}),
      forwards: counted.forwards,
      backwards: counted.backwards,
    };
  } finally {
    tf.dispose(owned);
  }
}
