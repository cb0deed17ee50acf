/**
 * Gradients of the attacks' losses with respect to the logits, per sample. Kept in float32 on every backend on purpose:
 * the paper's PGD-10 saturates there (softmax rounds to 1), and its number is part of the protocol.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

const crossEntropy = defineKernel<object>({
  name: 'SimplexityCrossEntropyGrad',
  inputs: ['logits', 'labels'],
  outputShape: ([logits]) => logits,
  loop([logits, labels], out, [[batch, classes]]) {
    for (let n = 0; n < batch; n++) {
      const row = n * classes;
      let max = -Infinity;
      for (let c = 0; c < classes; c++) if (logits[row + c] > max || Number.isNaN(logits[row + c])) max = logits[row + c];
      let sum = 0;
      for (let c = 0; c < classes; c++) {
        const e = Math.fround(Math.exp(logits[row + c] - max));
        out[row + c] = e;
        sum = Math.fround(sum + e);
      }
      for (let c = 0; c < classes; c++) {
        out[row + c] = Math.fround(out[row + c] / sum) - (c === labels[n] ? 1 : 0);
      }
    }
  },
  wgsl: {
    uniforms: ([logits]) => [{ name: 'classes', type: 'int32', value: logits[1] }],
    body: () => ({
      main: `
  let row = (index / uniforms.classes) * uniforms.classes;
  var top = logits[row];
  for (var c = 1; c < uniforms.classes; c++) { top = max(top, logits[row + c]); }
  var sum = 0.0;
  var broken = false;
  for (var c = 0; c < uniforms.classes; c++) { let e = logits[row + c] - top; sum += exp(e); broken = broken || isnan(e); }
  let p = exp(logits[index] - top) / sum;
  let hit = f32(index - row) == labels[index / uniforms.classes];
  setOutputAtIndex(index, select(select(p, p - 1.0, hit), uniforms.NAN, broken));`,
    }),
  },
});

const margin = defineKernel<object>({
  name: 'SimplexityMarginGrad',
  inputs: ['logits', 'labels'],
  outputShape: ([logits]) => logits,
  loop([logits, labels], out, [[batch, classes]]) {
    for (let n = 0; n < batch; n++) {
      const row = n * classes;
      const label = labels[n];
      let best = -1;
      for (let c = 0; c < classes; c++) {
        if (c !== label && (best < 0 || logits[row + c] > logits[row + best])) best = c;
      }
      out[row + best] = 1;
      out[row + label] = -1;
    }
  },
  wgsl: {
    uniforms: ([logits]) => [{ name: 'classes', type: 'int32', value: logits[1] }],
    body: () => ({
      main: `
  let row = (index / uniforms.classes) * uniforms.classes;
  let label = i32(labels[index / uniforms.classes]);
  var best = -1;
  for (var c = 0; c < uniforms.classes; c++) {
    if (c != label && (best < 0 || logits[row + c] > logits[row + max(best, 0)])) { best = c; }
  }
  let here = index - row;
  setOutputAtIndex(index, select(select(0.0, 1.0, here == best), -1.0, here == label));`,
    }),
  },
});

/** d/dz of cross-entropy −log softmax(z)_y: softmax(z) − onehot(y). logits [batch, classes], labels float32 [batch]. */
export function crossEntropyGrad(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return crossEntropy([logits, labels], {}) as tf.Tensor2D;
}

/** d/dz of (largest other logit − z_y): +1 at the first largest other, −1 at y. */
export function marginGrad(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return margin([logits, labels], {}) as tf.Tensor2D;
}
