/**
 * The passes over an activation that batch normalisation in training mode needs (Ioffe & Szegedy, arXiv 1502.03167), one
 * each. x and dy are [batch, …, channels]; the statistics are per channel, summed in float64 on wasm and cpu.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

const lastOf = (shape: number[]) => shape[shape.length - 1];
const sizes = ([x]: number[][]) => [
  { name: 'channels', type: 'int32' as const, value: lastOf(x) },
  { name: 'rows', type: 'int32' as const, value: x.reduce((a, b) => a * b, 1) / lastOf(x) },
];

/** WGSL that adds `term` (of row r, flat index i) up in runs of 256, so that float32 keeps its digits over long columns. */
const summed = (name: string, term: string) => `
  var ${name} = 0.0;
  for (var begin = 0; begin < uniforms.rows; begin += 256) {
    var part = 0.0;
    for (var r = begin; r < min(begin + 256, uniforms.rows); r++) { let i = r * uniforms.channels + c; part += ${term}; }
    ${name} += part;
  }`;

const runMoments = defineKernel<object>({
  name: 'SimplexityChannelMoments',
  inputs: ['x'],
  outputShape: ([x]) => [2, lastOf(x)],
  loop([x], out) {
    const channels = out.length / 2;
    const rows = x.length / channels;
    const mean = new Float64Array(channels);
    for (let i = 0; i < x.length; i += channels) for (let c = 0; c < channels; c++) mean[c] += x[i + c];
    for (let c = 0; c < channels; c++) mean[c] /= rows;
    const variance = new Float64Array(channels);
    for (let i = 0; i < x.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        const d = x[i + c] - mean[c];
        variance[c] += d * d;
      }
    }
    for (let c = 0; c < channels; c++) {
      out[c] = mean[c];
      out[channels + c] = variance[c] / rows;
    }
  },
  wgsl: {
    uniforms: sizes,
    body: () => ({
      main: `let c = index % uniforms.channels;
        ${summed('total', 'x[i]')}
        let mean = total / f32(uniforms.rows);
        if (index < uniforms.channels) { setOutputAtIndex(index, mean); return; }
        ${summed('squares', '(x[i] - mean) * (x[i] - mean)')}
        setOutputAtIndex(index, squares / f32(uniforms.rows));`,
    }),
  },
});

const runSums = defineKernel<{ relu: boolean }>({
  name: 'SimplexityBatchNormSums',
  inputs: ['dy', 'y', 'x', 'mean'],
  outputShape: ([dy]) => [2, lastOf(dy)],
  loop([dy, y, x, mean], out, _, { relu }) {
    const channels = mean.length;
    const [sums, products] = [new Float64Array(channels), new Float64Array(channels)];
    for (let i = 0; i < dy.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        if (relu && y[i + c] <= 0) continue;
        sums[c] += dy[i + c];
        products[c] += dy[i + c] * (x[i + c] - mean[c]);
      }
    }
    out.set(sums);
    out.set(products, channels);
  },
  wgsl: {
    uniforms: sizes,
    variant: (a) => String(a.relu),
    body: ({ relu }) => {
      const g = relu ? 'select(dy[i], 0.0, y[i] <= 0.0)' : 'dy[i]';
      return {
        main: `let c = index % uniforms.channels;
        if (index < uniforms.channels) { ${summed('total', g)} setOutputAtIndex(index, total); return; }
        ${summed('products', `${g} * (x[i] - mean[c])`)}
        setOutputAtIndex(index, products);`,
      };
    },
  },
});

const runGrad = defineKernel<{ relu: boolean }>({
  name: 'SimplexityBatchNormGrad',
  inputs: ['dy', 'y', 'x', 'factors'],
  outputShape: ([dy]) => dy,
  loop([dy, y, x, factors], out, _, { relu }) {
    const channels = factors.length / 4;
    for (let i = 0; i < dy.length; i += channels) {
      for (let c = 0; c < channels; c++) {
        const g = relu && y[i + c] <= 0 ? 0 : dy[i + c];
        out[i + c] = factors[c] * g + factors[channels + c] * (x[i + c] - factors[3 * channels + c]) + factors[2 * channels + c];
      }
    }
  },
  wgsl: {
    uniforms: sizes,
    variant: (a) => String(a.relu),
    body: ({ relu }) => ({
      main: `let n = uniforms.channels;
        let c = index % n;
        let g = ${relu ? 'select(dy[index], 0.0, y[index] <= 0.0)' : 'dy[index]'};
        setOutputAtIndex(index, factors[c] * g + factors[n + c] * (x[index] - factors[3 * n + c]) + factors[2 * n + c]);`,
    }),
  },
});

/** Mean and population variance of each channel: [2, channels]. */
export const channelMoments = (x: tf.Tensor) => runMoments([x], {}) as tf.Tensor2D;

/** With g = dy, zero where a fused ReLU's output y ≤ 0: Σ g and Σ g·(x − mean) of each channel, [2, channels]. */
export const batchNormSums = (dy: tf.Tensor, y: tf.Tensor, x: tf.Tensor, mean: tf.Tensor1D, relu: boolean) =>
  runSums([dy, y, x, mean], { relu }) as tf.Tensor2D;

/** a·g + b·(x − mean) + c for factors [4, channels] = a, b, c, mean; g as above. */
export const batchNormGrad = (dy: tf.Tensor, y: tf.Tensor, x: tf.Tensor, factors: tf.Tensor2D, relu: boolean) =>
  runGrad([dy, y, x, factors], { relu });
