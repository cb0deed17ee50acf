/** Every layer's gradients against central differences of slow float64 twins. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { GraphNode, ModelGraph, Operation, Pads } from '../model/graph';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import type { Mode, TrainableLayer } from './layer';
import { batchNormReluLayer } from './layers/batch-norm';
import { convLayer } from './layers/conv';
import { denseLayer } from './layers/dense';
import { normalizeLayer } from './layers/normalize';
import { globalAverageLayer, maxPoolLayer } from './layers/pool';

const BATCH = 3;
const elements = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);
type Numbers = ArrayLike<number>;

/** y of a whole batch from x and the parameters, in float64. */
type Twin = (x: Numbers, parameters: Numbers[]) => Float64Array;

/** Image by image through one operation of the float64 network. */
function perImage(input: readonly number[], shape: readonly number[], operation: (parameters: Numbers[]) => Operation): Twin {
  return (x, parameters) => {
    const nodes: GraphNode[] = [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: [...input] },
      { name: 'layer', op: operation(parameters), inputs: [0], shape: [...shape] },
    ];
    const graph: ModelGraph = { nodes, output: 1, notes: [], layers: 1, params: 0 };
    const size = elements(input);
    return Float64Array.from(
      Array.from({ length: BATCH }, (_, n) => [...forward64(graph, Array.from(x).slice(n * size, (n + 1) * size))]).flat(),
    );
  };
}

/** The float64 network keeps kernels in float32, which hold these sums exactly: halves and 1024ths. */
const float32 = (values: Numbers) => Float32Array.from(values);
const convTwin = (input: readonly number[], shape: readonly number[], window: number, stride: number, pads: Pads) =>
  perImage(input, shape, ([kernel]) => ({
    ...{ kind: 'conv', relu: false, strides: [stride, stride], dilations: [1, 1], pads },
    kernel: { shape: [window, window, input[2], shape[2]], values: float32(kernel) },
  }));
const denseTwin = (size: number, units: number) =>
  perImage([size], [units], ([kernel, bias]) => ({
    ...{ kind: 'dense', relu: false, bias: float32(bias) },
    kernel: { shape: [size, units], values: float32(kernel) },
  }));
const poolTwin = (kind: 'maxPool' | 'avgPool', input: readonly number[], size: readonly [number, number]) =>
  perImage(input, [Math.floor(input[0] / size[0]), Math.floor(input[1] / size[1]), input[2]], () => ({
    ...{ kind, window: size, strides: size, pads: [0, 0, 0, 0] },
  }));

/** Batch norm with a ReLU by the textbook, with the statistics of the batch or with mean 0 and variance 1. */
const normTwin =
  (channels: number, ofBatch: boolean): Twin =>
  (x, [gamma, beta]) => {
    const rows = x.length / channels;
    const y = new Float64Array(x.length);
    for (let c = 0; c < channels; c++) {
      const column = Array.from({ length: rows }, (_, r) => x[r * channels + c]);
      const mean = ofBatch ? column.reduce((a, b) => a + b) / rows : 0;
      const variance = ofBatch ? column.reduce((a, b) => a + (b - mean) ** 2, 0) / rows : 1;
      column.forEach((v, r) => {
        y[r * channels + c] = Math.max(0, (gamma[c] * (v - mean)) / Math.sqrt(variance + 1e-5) + beta[c]);
      });
    }
    return y;
  };

interface Case {
  title: string;
  input: readonly number[];
  open(): TrainableLayer;
  twin: Twin;
  mode?: Mode;
  /** Step of the differences: large where the layer is linear, so that float32 kernels lose nothing. */
  h?: number;
  /** float32 sums of this many products. */
  tolerance: number;
}
const convCase = (
  title: string,
  input: readonly [number, number, number],
  window: number,
  stride: number,
  pads: Pads,
  padding?: 'even',
): Case => ({
  title,
  input,
  open: () => convLayer({ name: 'conv', input, filters: 5, window, stride, padding, seed: 1, index: 0 }),
  twin: convTwin(input, [Math.ceil(input[0] / stride), Math.ceil(input[1] / stride), 5], window, stride, pads),
  h: 0.5,
  tolerance: 2e-5,
});

const CASES: Case[] = [
  convCase('a 3×3 convolution', [6, 5, 4], 3, 1, [1, 1, 1, 1]),
  convCase('a 5×5 convolution', [6, 7, 2], 5, 1, [2, 2, 2, 2]),
  convCase('a 1×1 convolution', [4, 4, 3], 1, 1, [0, 0, 0, 0]),
  convCase('a 3×3 convolution of stride 2 on an even image', [6, 8, 3], 3, 2, [0, 1, 0, 1]),
  convCase('a 3×3 convolution of stride 2 on an odd image', [7, 5, 3], 3, 2, [1, 1, 1, 1]),
  convCase('a 1×1 convolution of stride 2, which leaves pixels out', [6, 6, 3], 1, 2, [0, 0, 0, 0]),
  convCase('a 3×3 convolution of stride 2, evenly padded, on an even image', [6, 8, 3], 3, 2, [1, 1, 1, 1], 'even'),
  {
    title: 'a dense layer',
    input: [7],
    open: () => denseLayer({ name: 'dense', input: [7], units: 4, seed: 1, index: 0 }),
    twin: denseTwin(7, 4),
    h: 0.5,
    tolerance: 1e-5,
  },
  {
    title: 'batch norm with batch statistics',
    input: [4, 3, 5],
    open: () => batchNormReluLayer('bn', [4, 3, 5]),
    twin: normTwin(5, true),
    tolerance: 2e-5,
  },
  {
    title: 'batch norm with its moving averages',
    input: [4, 3, 5],
    open: () => batchNormReluLayer('bn', [4, 3, 5]),
    twin: normTwin(5, false),
    mode: 'inference',
    tolerance: 2e-5,
  },
  {
    title: 'max pooling of an odd image',
    input: [5, 4, 3],
    open: () => maxPoolLayer('pool', [5, 4, 3], 2),
    twin: poolTwin('maxPool', [5, 4, 3], [2, 2]),
    tolerance: 1e-6,
  },
  {
    title: 'max pooling of windows that overlap, with a row of padding',
    input: [6, 5, 3],
    open: () => maxPoolLayer('pool', [6, 5, 3], 3, { stride: 2, pad: 1 }),
    twin: perImage([6, 5, 3], [3, 3, 3], () => ({ kind: 'maxPool', window: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] })),
    tolerance: 1e-6,
  },
  {
    title: 'the mean over the image',
    input: [5, 4, 3],
    open: () => globalAverageLayer('gap', [5, 4, 3]),
    twin: poolTwin('avgPool', [5, 4, 3], [5, 4]),
    tolerance: 1e-6,
  },
  {
    title: 'the normalisation of pixels',
    input: [3, 3, 2],
    open: () => normalizeLayer('normalize', [3, 3, 2], { mean: [0.25, 0.5], deviation: [0.5, 0.25] }),
    twin: (x) => Float64Array.from(x, (v, i) => (i % 2 ? (v - 0.5) / 0.25 : (v - 0.25) / 0.5)),
    tolerance: 1e-5,
  },
];

const thousandths = (count: number, seed: number) => draw(count, seed).map((v) => Math.round(v * 1024) / 1024);
const inner = (a: Numbers, b: Numbers) => Array.from(a).reduce((sum, v, i) => sum + v * b[i], 0);

/** d⟨weights, y⟩/d values, every entry by a central difference. */
function differences(values: Numbers, h: number, y: (values: Numbers) => Float64Array, weights: Numbers): number[] {
  return Array.from(values, (_, i) => {
    const moved = (step: number) => Float64Array.from(values, (v, k) => (k === i ? v + step : v));
    return (inner(weights, y(moved(h))) - inner(weights, y(moved(-h)))) / (2 * h);
  });
}

onEachBackend('the gradients of', () => {
  it.each(CASES)('$title agree with central differences in float64', async ({ input, open, twin, mode = 'batch', h = 1e-6, tolerance }) => {
    const layer = open();
    for (const [i, p] of layer.parameters.entries()) {
      const old = p.value;
      p.value = tf.keep(tf.tensor(thousandths(old.size, 10 + i), old.shape));
      old.dispose();
    }
    const xs = thousandths(BATCH * elements(input), 1);
    const weights = thousandths(BATCH * elements(layer.shape), 2);
    const x = tf.tensor(xs, [BATCH, ...input]);
    const dy = tf.tensor(weights, [BATCH, ...layer.shape]);
    const results = tf.tidy(() => {
      const pass = layer.forward(x, mode);
      return [tf.clone(pass.y), pass.toInput(dy), ...pass.toParameters(dy)];
    });
    const [y, dx, ...dws] = await Promise.all(results.map((t) => t.data()));
    const parameters = await Promise.all(layer.parameters.map((p) => p.value.data()));
    expect(maxDifference(y, twin(xs, parameters))).toBeLessThan(tolerance);
    // The input is float64 in the twin, so a small step is exact enough there, whatever the layer.
    expect(
      maxDifference(
        dx,
        differences(xs, 1e-6, (v) => twin(v, parameters), weights),
      ),
    ).toBeLessThan(tolerance);
    expect(dws.length).toBe(parameters.length);
    dws.forEach((dw, k) => {
      const y64 = (v: Numbers) =>
        twin(
          xs,
          parameters.map((p, j) => (j === k ? v : p)),
        );
      expect(maxDifference(dw, differences(parameters[k], h, y64, weights))).toBeLessThan(tolerance);
    });
    tf.dispose([x, dy, results]);
    layer.dispose();
  });
});
