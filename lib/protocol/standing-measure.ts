/**
 * One unit of an attack that runs on standing images. The attack is not believed: each point is clipped, rounded to the witness
 * that would be stored, and shown to the network again; only what that witness breaks counts.
 */
import * as tf from '@tensorflow/tfjs-core';
import { hostBall } from '../attacks/host-ball';
import type { StandingAttack } from '../attacks/standing';
import type { CountedNetwork } from '../model/counting';
import { clipToBall, distance } from './ball';
import { fromDeltas, toDeltas } from './deltas';
import { type MeasureJob, type MeasureSettings, type Outcome, readLogits, recordOf, toPixels } from './measure';
import type { PartResult } from './parts';
import type { UnitMeter } from './unit-progress';
import type { Variant } from './variant';

/** Outcomes of some images under one condition. */
export interface Before extends Outcome {
  linf: Float64Array;
  l2: Float64Array;
}

const pick = ({ iterations, restart }: Partial<Variant> = {}) => ({
  ...(iterations === undefined ? {} : { iterations }),
  ...(restart === undefined ? {} : { restart }),
});

/** Images that are broken already keep the outcome of the condition before. */
export async function measureStanding(
  network: CountedNetwork,
  job: MeasureJob,
  { board, seed: seedOfRun }: MeasureSettings,
  attack: StandingAttack,
  meter?: UnitMeter,
): Promise<PartResult> {
  const { seed = seedOfRun } = job;
  const count = job.labels.length;
  const record = recordOf(job);
  const pixels = toPixels(job.images);
  const size = pixels.length / Math.max(1, count);
  const of = <T extends Uint8Array | Float32Array>(list: T, n: number) => list.subarray(n * size, (n + 1) * size) as T;
  const shown = async (points: readonly Float32Array[], which: readonly number[]): Promise<Outcome> => {
    const x = new Float32Array(which.length * size);
    points.forEach((point, row) => {
      x.set(point, row * size);
    });
    const logits = tf.tidy(() => network.logits(tf.tensor4d(x, [which.length, ...network.inputShape])));
    const values = (await logits.data()) as Float32Array;
    logits.dispose();
    const labels = which.map((n) => job.labels[n]);
    return readLogits(values, labels, (row) => record(which[row]), network.outputName);
  };

  const before =
    job.before ??
    (await cleanOutcome(count, (all) =>
      shown(
        all.map((n) => of(pixels, n)),
        all,
      ),
    ));
  const result: PartResult = {
    predictions: before.predictions.slice(),
    losses: before.losses.slice(),
    linf: before.linf.slice(),
    l2: before.l2.slice(),
    looksLikeProbabilities: before.looksLikeProbabilities,
    attacked: 0,
    lostToRounding: 0,
    forwards: 0,
    backwards: 0,
  };
  const points = job.wantPerturbed ? (job.perturbed ?? pixels).slice() : undefined;
  const standing = Array.from({ length: count }, (_, n) => n).filter((n) => before.predictions[n] === job.labels[n]);
  result.attacked = standing.length;
  // A ball of radius 0 holds nothing but the image itself.
  if (standing.length > 0 && board.epsilon > 0) {
    const clean = new Float32Array(standing.length * size);
    standing.forEach((n, row) => {
      clean.set(of(pixels, n), row * size);
    });
    network.onPass = meter?.part(standing.length);
    const found = await attack.attack(network, {
      ball: hostBall(board.norm, board.epsilon, clean, size),
      labels: Int32Array.from(standing, (n) => job.labels[n]),
      samples: Int32Array.from(standing, record),
      split: job.split,
      seed,
      ...pick(job.variant),
    });
    network.onPass = undefined;
    const rows = standing.flatMap((n, row) => (found.broken[row] ? [{ n, point: of(found.points, row) }] : []));
    for (const { n, point } of rows) clipToBall(point, of(pixels, n), board.norm, board.epsilon);
    const witnesses = rows.map(({ n, point }) => fromDeltas(toDeltas(point, of(job.images, n), board), of(job.images, n)));
    const which = rows.map(({ n }) => n);
    const outcome = rows.length > 0 ? await shown(witnesses, which) : undefined;
    const lost: number[] = [];
    rows.forEach(({ n }, row) => {
      if (!outcome) return;
      if (outcome.predictions[row] === job.labels[n]) {
        lost.push(row);
        return;
      }
      const { linf, l2 } = distance(witnesses[row], of(pixels, n));
      result.predictions[n] = outcome.predictions[row];
      result.losses[n] = outcome.losses[row];
      result.linf[n] = linf;
      result.l2[n] = l2;
      points?.set(witnesses[row], n * size);
    });
    if (lost.length > 0) {
      const unrounded = await shown(
        lost.map((row) => rows[row].point),
        lost.map((row) => which[row]),
      );
      result.lostToRounding = lost.filter((row, i) => unrounded.predictions[i] !== job.labels[which[row]]).length;
    }
  }
  return { ...result, ...(points ? { perturbed: points } : {}), forwards: network.forwards, backwards: network.backwards };
}

/** Clean images: their own condition, where no other one came before. */
async function cleanOutcome(count: number, shown: (all: number[]) => Promise<Outcome>): Promise<Before> {
  const outcome = await shown(Array.from({ length: count }, (_, n) => n));
  return { ...outcome, linf: new Float64Array(count), l2: new Float64Array(count) };
}
