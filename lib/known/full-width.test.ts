import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Network } from '../model/network';
import { type Model, readModel } from '../model/preflight';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { forward64, slopeAlong } from '../testing/float64-network';
import { randomStateDict } from '../testing/state-dicts';
import type { Architecture } from './architecture';
import { convert } from './convert';
import { ARCHITECTURES } from './registry';

const PIXELS = 32 * 32 * 3;

/**
 * Parameters and multiply–accumulates by hand.
 * PreActResNet-18, parameters: stem 1 728; stages 147 968 + 525 184 + 2 098 944 + 8 392 192; last batch norm 1 024; linear 5 130.
 * MACs: stem 1 769 472; stage 1 4 · 37 748 736; stages 2–4 each 18 874 368 + 3 · 37 748 736 + shortcut 2 097 152; linear 5 120.
 * VGG-11, parameters: 1 920 + 74 112 + 295 680 + 590 592 + 1 181 184 + 3 · 2 360 832 with biases and batch norms; linear 5 130.
 * MACs: 1 769 472 + 18 874 368 · 4 + 37 748 736 · 2 (the second convolutions of 256 and 512) + 5 120.
 */
const MODELS: { id: string; given: Record<string, number[]>; params: number; macs: number; nodes: Record<string, number> }[] = [
  {
    id: 'preact-resnet-18',
    given: { 'bn.weight': [512] }, // as the paper's code has it
    params: 11_172_170,
    macs: 1_769_472 + 150_994_944 + 3 * 134_217_728 + 5_120,
    nodes: { conv: 20, affine: 9, maxPool: 0 },
  },
  {
    id: 'vgg-11-bn',
    given: {},
    params: 9_231_114,
    macs: 1_769_472 + 4 * 18_874_368 + 2 * 37_748_736 + 5_120,
    nodes: { conv: 8, affine: 0, maxPool: 4 },
  },
];

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
});

describe.each(MODELS)('$id in full width', ({ id, given, params, macs, nodes }) => {
  let model: Model;
  beforeAll(async () => {
    const architecture = ARCHITECTURES.get(id) as Architecture;
    const options = { input: architecture.input, classes: 10 };
    const converted = convert(architecture, randomStateDict(architecture, { ...options, given }), options);
    if (!converted.ok) throw new Error(converted.reasons.join('\n'));
    const read = await readModel(converted.value.files);
    if (!read.ok) throw new Error(read.reasons.join('\n'));
    model = read.value;
  });

  it('has the parameters and multiply–accumulates of the original', () => {
    expect(model.graph.params).toBe(params);
    expect(model.macs).toBe(macs);
    expect(model.feature).toEqual({ name: 'mean', dim: 512 });
    expect(model.graph.nodes[model.graph.output].shape).toEqual([10]);
  });

  it('keeps only those batch norms apart that no convolution can take in', () => {
    const count = (kind: string) => model.graph.nodes.filter((n) => n.op.kind === kind).length;
    expect({ conv: count('conv'), affine: count('affine'), maxPool: count('maxPool') }).toEqual(nodes);
    expect(count('activation')).toBe(0);
  });

  it('has on wasm the outputs and the input gradient of a float64 forward pass', async () => {
    const image = draw(PIXELS, 5, 0, 1);
    const [direction, weights] = [draw(PIXELS, 6), draw(10, 7)];
    const before = tf.memory().numTensors;
    const network = new Network(model.graph);
    const x = tf.tensor4d(image, [1, 32, 32, 3]);
    const labels = tf.tensor1d([0], 'float32');
    const logits = network.logits(x);
    const gradient = network.inputGradient(x, labels, () => tf.tensor2d(weights, [1, 10]));
    const expected = forward64(model.graph, image);
    // 20 layers of float32 sums of up to 4 608 products: about 1e-6 a layer.
    expect(maxDifference(await logits.data(), expected) / Math.max(...expected.map(Math.abs))).toBeLessThan(2e-5);
    const g = Float64Array.from(await gradient.data());
    const along = g.reduce((sum, v, i) => sum + v * direction[i], 0);
    const norm = Math.sqrt(g.reduce((sum, v) => sum + v * v, 0)) * Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0));
    // The difference quotient is exact to 1e-8; of half a million ReLUs one or two lie within float32's rounding of a tie.
    expect(Math.abs(along - slopeAlong(model.graph, image, direction, weights)) / norm).toBeLessThan(1e-4);
    expect(Math.abs(along) / norm).toBeGreaterThan(1e-3); // two random directions in 3 072 dimensions: typically 0.018
    network.dispose();
    tf.dispose([x, labels, logits, gradient]);
    expect(tf.memory().numTensors).toBe(before);
  });
});
