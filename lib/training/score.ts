/** How many images a network in training names rightly, as the finished model would. */
import * as tf from '@tensorflow/tfjs-core';
import type { Records } from '../data/datasets';
import { Failure } from '../failure';
import { crossEntropySum, imageTensor } from './batches';
import type { TrainableNetwork } from './network';

const BATCH = 100;

/** Share of the records that are classified rightly, with moving averages. Refuses logits that are not finite, as `diverged`: weights can be finite, and too large. */
export async function accuracyOf(network: TrainableNetwork, records: Records): Promise<number> {
  const classifier = network.classifier('inference');
  let correct = 0;
  for (let first = 0; first < records.labels.length; first += BATCH) {
    const indices = Uint32Array.from({ length: Math.min(BATCH, records.labels.length - first) }, (_, i) => first + i);
    const x = imageTensor(records, indices, network.inputShape);
    const logits = classifier.logits(x);
    const values = (await logits.data()) as Float32Array;
    tf.dispose([x, logits]);
    if (!values.every(Number.isFinite)) throw new Failure('diverged', 'the trained weights give logits that are not finite numbers');
    correct += crossEntropySum(values, records.labels.subarray(first, first + indices.length)).correct;
  }
  return correct / records.labels.length;
}
