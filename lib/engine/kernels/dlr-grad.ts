/**
 * Gradients of AutoAttack's scale-free losses (Croce & Hein, arXiv 2003.01690, eqs. 6 and 7) with respect to the logits.
 * π₁, π₂, … order the logits, largest first, the first of equal ones before the others.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

/** Keeps a division by three equal logits finite, as the published program does. */
const TINY = 1e-12;

/** Places of the four largest entries of a row, largest first; −1 where there are fewer. */
function topFour(z: Float32Array, row: number, classes: number, out: Int32Array): void {
  out.fill(-1);
  for (let c = 0; c < classes; c++) {
    let k = 4;
    while (k > 0 && (out[k - 1] < 0 || z[row + c] > z[row + out[k - 1]])) k--;
    if (k === 4) continue;
    out.copyWithin(k + 1, k, 3);
    out[k] = c;
  }
}

/** The same in WGSL, with row and classes as in the bodies below: the places t0 … t3. */
const TOP_FOUR = `
  let row = (index / uniforms.classes) * uniforms.classes;
  let here = index - row;
  let label = i32(labels[index / uniforms.classes]);
  var t0 = -1; var t1 = -1; var t2 = -1; var t3 = -1;
  var broken = false;
  for (var c = 0; c < uniforms.classes; c++) {
    let v = logits[row + c];
    broken = broken || isnan(v);
    if (t0 < 0 || v > logits[row + max(t0, 0)]) { t3 = t2; t2 = t1; t1 = t0; t0 = c; }
    else if (t1 < 0 || v > logits[row + max(t1, 0)]) { t3 = t2; t2 = t1; t1 = c; }
    else if (t2 < 0 || v > logits[row + max(t2, 0)]) { t3 = t2; t2 = c; }
    else if (t3 < 0 || v > logits[row + max(t3, 0)]) { t3 = c; }
  }`;

const classesUniform = ([logits]: number[][]) => [{ name: 'classes', type: 'int32' as const, value: logits[1] }];

const untargeted = defineKernel<object>({
  name: 'SimplexityDlrGrad',
  inputs: ['logits', 'labels'],
  outputShape: ([logits]) => logits,
  loop([logits, labels], out, [[batch, classes]]) {
    const top = new Int32Array(4);
    for (let n = 0; n < batch; n++) {
      const row = n * classes;
      const label = labels[n];
      topFour(logits, row, classes, top);
      const other = top[0] === label ? top[1] : top[0];
      const width = logits[row + top[0]] - logits[row + top[2]] + TINY;
      const slope = (logits[row + label] - logits[row + other]) / (width * width);
      out[row + label] -= 1 / width;
      out[row + other] += 1 / width;
      out[row + top[0]] += slope;
      out[row + top[2]] -= slope;
    }
  },
  wgsl: {
    uniforms: classesUniform,
    body: () => ({
      main: `${TOP_FOUR}
  let other = select(t0, t1, t0 == label);
  let width = logits[row + t0] - logits[row + max(t2, 0)] + ${TINY};
  let slope = (logits[row + label] - logits[row + other]) / width / width;
  var g = select(0.0, -1.0 / width, here == label) + select(0.0, 1.0 / width, here == other);
  g += select(0.0, slope, here == t0) - select(0.0, slope, here == t2);
  setOutputAtIndex(index, select(g, uniforms.NAN, broken));`,
    }),
  },
});

const targeted = defineKernel<object>({
  name: 'SimplexityDlrTargetedGrad',
  inputs: ['logits', 'labels', 'targets'],
  outputShape: ([logits]) => logits,
  loop([logits, labels, targets], out, [[batch, classes]]) {
    const top = new Int32Array(4);
    for (let n = 0; n < batch; n++) {
      const row = n * classes;
      topFour(logits, row, classes, top);
      const [first, , third, fourth] = top;
      const width = logits[row + first] - (logits[row + third] + logits[row + fourth]) / 2 + TINY;
      const slope = (logits[row + labels[n]] - logits[row + targets[n]]) / (width * width);
      out[row + labels[n]] -= 1 / width;
      out[row + targets[n]] += 1 / width;
      out[row + first] += slope;
      out[row + third] -= slope / 2;
      out[row + fourth] -= slope / 2;
    }
  },
  wgsl: {
    uniforms: classesUniform,
    body: () => ({
      main: `${TOP_FOUR}
  let aim = i32(targets[index / uniforms.classes]);
  let width = logits[row + t0] - 0.5 * (logits[row + max(t2, 0)] + logits[row + max(t3, 0)]) + ${TINY};
  let slope = (logits[row + label] - logits[row + aim]) / width / width;
  var g = select(0.0, -1.0 / width, here == label) + select(0.0, 1.0 / width, here == aim);
  g += select(0.0, slope, here == t0) - select(0.0, 0.5 * slope, here == t2 || here == t3);
  setOutputAtIndex(index, select(g, uniforms.NAN, broken));`,
    }),
  },
});

const difference = defineKernel<object>({
  name: 'SimplexityDifferenceGrad',
  inputs: ['logits', 'labels', 'targets'],
  outputShape: ([logits]) => logits,
  loop([logits, labels, targets], out, [[batch, classes]]) {
    for (let n = 0; n < batch; n++) {
      const row = n * classes;
      out[row + targets[n]] += 1;
      out[row + labels[n]] -= 1;
      for (let c = 0; c < classes; c++) if (Number.isNaN(logits[row + c])) out[row + c] = Number.NaN;
    }
  },
  wgsl: {
    uniforms: classesUniform,
    body: () => ({
      main: `
  let n = index / uniforms.classes;
  let here = index - n * uniforms.classes;
  let g = select(0.0, 1.0, here == i32(targets[n])) - select(0.0, 1.0, here == i32(labels[n]));
  setOutputAtIndex(index, select(g, uniforms.NAN, isnan(logits[index])));`,
    }),
  },
});

/** d/dz of DLR −(z_y − max_{i≠y} z_i)/(z_π₁ − z_π₃ + 10⁻¹²). Needs three classes. logits [batch, classes], labels [batch]. */
export function dlrGrad(logits: tf.Tensor2D, labels: tf.Tensor1D): tf.Tensor2D {
  return untargeted([logits, labels], {}) as tf.Tensor2D;
}

/** d/dz of targeted DLR −(z_y − z_t)/(z_π₁ − (z_π₃ + z_π₄)/2 + 10⁻¹²). Needs four classes. labels y and targets t [batch]. */
export function dlrTargetedGrad(logits: tf.Tensor2D, labels: tf.Tensor1D, targets: tf.Tensor1D): tf.Tensor2D {
  return targeted([logits, labels, targets], {}) as tf.Tensor2D;
}

/** d/dz of z_t − z_y: one at the target, minus one at the label; all zero where they are the same class. */
export function differenceGrad(logits: tf.Tensor2D, labels: tf.Tensor1D, targets: tf.Tensor1D): tf.Tensor2D {
  return difference([logits, labels, targets], {}) as tf.Tensor2D;
}
