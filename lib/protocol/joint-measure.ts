/** One unit of the joint probe: what the network with the other weights says of the point, both measured anew. */
import * as tf from '@tensorflow/tfjs-core';
import { hostBall } from '../attacks/host-ball';
import { GAMMA, jointSearch, movedShare } from '../attacks/joint';
import { Failure } from '../failure';
import { Network } from '../model/network';
import { clipToBall, distance } from './ball';
import { type MeasureJob, type MeasureSettings, readLogits, recordOf, toPixels } from './measure';
import type { PartResult } from './parts';
import type { UnitMeter } from './unit-progress';

export async function measureJoint(network: Network, job: MeasureJob, settings: MeasureSettings, meter?: UnitMeter): Promise<PartResult> {
  const { board, restarts } = settings;
  const count = job.labels.length;
  const pixels = toPixels(job.images);
  const size = pixels.length / Math.max(1, count);
  const result: PartResult = {
    predictions: new Int32Array(count),
    losses: new Float64Array(count),
    linf: new Float64Array(count),
    l2: new Float64Array(count),
    looksLikeProbabilities: false,
    ...(job.wantPerturbed ? { perturbed: pixels.slice() } : {}),
    forwards: 0,
    backwards: 0,
  };
  for (let n = 0; n < count; n++) {
    const image = pixels.slice(n * size, (n + 1) * size);
    const sample = recordOf(job)(n);
    const heard = meter?.part(1);
    for (let restart = 0; restart < restarts; restart++) {
      const { x, graph } = await jointSearch(network, {
        ...{ ball: hostBall(board.norm, board.epsilon, image, size), label: job.labels[n], sample, restart },
        ...{ split: job.split, seed: job.seed ?? settings.seed, alpha: board.alpha, steps: board.steps },
        onPass: () => {
          result.forwards++;
          result.backwards++;
          heard?.(1, true);
        },
      });
      clipToBall(x, image, board.norm, board.epsilon);
      if (movedShare(network.graph, graph) > GAMMA)
        throw new Failure('computation-failed', `joint: the weights at sample ${sample} left their radius`);
      result.forwards++;
      const { predictions, losses } = readLogits(await logitsOf(network, graph, x), [job.labels[n]], sample, network.outputName);
      const broken = predictions[0] !== job.labels[n];
      // The first that breaks it, else the one of highest loss.
      if (restart === 0 || broken || losses[0] > result.losses[n]) {
        result.predictions[n] = predictions[0];
        result.losses[n] = losses[0];
        const { linf, l2 } = distance(x, image);
        result.linf[n] = linf;
        result.l2[n] = l2;
        result.perturbed?.set(x, n * size);
      }
      if (broken) break;
    }
  }
  return result;
}

async function logitsOf(network: Network, graph: Network['graph'], x: Float32Array): Promise<Float32Array> {
  const moved = graph === network.graph ? network : new Network(graph);
  const logits = tf.tidy(() => moved.logits(tf.tensor4d(x, [1, ...network.inputShape])));
  const values = (await logits.data()) as Float32Array;
  logits.dispose();
  if (moved !== network) moved.dispose();
  return values;
}
