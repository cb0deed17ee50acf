/** Records on their way into a network, and logits on their way out. */
import * as tf from '@tensorflow/tfjs-core';
import type { Records } from '../data/datasets';

/** The images of these indices in [0, 1]: [indices.length, …shape]. */
export function imageTensor({ images }: Records, indices: Uint32Array, shape: readonly [number, number, number]): tf.Tensor4D {
  const size = shape[0] * shape[1] * shape[2];
  const pixels = new Float32Array(indices.length * size);
  indices.forEach((index, n) => {
    for (let i = 0; i < size; i++) pixels[n * size + i] = images[index * size + i] / 255;
  });
  return tf.tensor4d(pixels, [indices.length, ...shape]);
}

/** Cross-entropy (summed, in float64; NaN for logits that are not finite) and hits of logits [labels.length, classes]. */
export function crossEntropySum(logits: Float32Array, labels: ArrayLike<number>): { loss: number; correct: number } {
  const classes = logits.length / labels.length;
  let [loss, correct] = [0, 0];
  for (let n = 0; n < labels.length; n++) {
    const row = logits.subarray(n * classes, (n + 1) * classes);
    let best = 0;
    for (let c = 1; c < classes; c++) if (row[c] > row[best]) best = c;
    const sum = row.reduce((s, z) => s + Math.exp(z - row[best]), 0);
    loss += row[best] + Math.log(sum) - row[labels[n]];
    if (best === labels[n]) correct++;
  }
  return { loss, correct };
}
