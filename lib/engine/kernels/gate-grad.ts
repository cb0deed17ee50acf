/**
 * dL/dg of y = x·g where the gate g is stretched over x: sizes of 1 in g are repeated, as in squeeze and excitation, where
 * g is [batch, 1, 1, channels]. dg = Σ dy·x over what was repeated; the sum runs in float64 on cpu and wasm.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

interface Attributes {
  /** height, width, channels of the gate, each 1 or as in the image */
  gate: readonly number[];
}

const run = defineKernel<Attributes>({
  name: 'SimplexityGateGrad',
  inputs: ['dy', 'x'],
  outputShape: ([dy], { gate }) => [dy[0], ...gate],
  loop([dy, x], out, [[batch, height, width, channels]], { gate: [rows, cols, lanes] }) {
    const sums = new Float64Array(rows * cols * lanes);
    for (let n = 0; n < batch; n++) {
      sums.fill(0);
      for (let h = 0; h < height; h++) {
        for (let w = 0; w < width; w++) {
          const from = ((n * height + h) * width + w) * channels;
          const to = ((rows > 1 ? h * cols : 0) + (cols > 1 ? w : 0)) * lanes;
          for (let c = 0; c < channels; c++) sums[to + (lanes > 1 ? c : 0)] += dy[from + c] * x[from + c];
        }
      }
      out.set(sums, n * sums.length);
    }
  },
  wgsl: {
    uniforms: ([[, height, width, channels]], { gate: [rows, cols, lanes] }) =>
      Object.entries({ height, width, channels, rows, cols, lanes }).map(([name, value]) => ({ name, type: 'int32' as const, value })),
    body: () => ({
      main: `
  let lane = index % uniforms.lanes;
  let col = (index / uniforms.lanes) % uniforms.cols;
  let row = (index / (uniforms.lanes * uniforms.cols)) % uniforms.rows;
  let n = index / (uniforms.lanes * uniforms.cols * uniforms.rows);
  var sum = 0.0;
  for (var h = row; h < uniforms.height; h += select(1, uniforms.height, uniforms.rows > 1)) {
    for (var w = col; w < uniforms.width; w += select(1, uniforms.width, uniforms.cols > 1)) {
      let place = ((n * uniforms.height + h) * uniforms.width + w) * uniforms.channels;
      for (var c = lane; c < uniforms.channels; c += select(1, uniforms.channels, uniforms.lanes > 1)) {
        sum += dy[place + c] * x[place + c];
      }
    }
  }
  setOutputAtIndex(index, sum);`,
    }),
  },
});

/** dy, x: [batch, height, width, channels] → [batch, …gate]. */
export function gateGrad(dy: tf.Tensor, x: tf.Tensor, gate: readonly number[]): tf.Tensor {
  return run([dy, x], { gate });
}
