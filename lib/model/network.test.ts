import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { nodeHost } from '../engine/node-host';
import { onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import { batchNorm, conv, dense, depthwise, functional, type KerasModel, modelFiles, plain, SHARD } from '../testing/keras-model';
import { oracleOutput } from '../testing/keras-oracle';
import type { LayerCase } from '../testing/layer-case';
import { LAYER_CASES } from '../testing/layer-cases';
import { linearNetwork } from '../testing/linear-network';
import { BATCH, expectAgreement, relative, TOLERANCE, type Trial, trialOf } from '../testing/network-oracle';
import { CountedNetwork } from './counting';
import type { ModelGraph } from './graph';
import { READERS } from './layer-readers';
import { Network } from './network';
import { readModel } from './preflight';

async function graphOf(model: KerasModel): Promise<ModelGraph> {
  const read = await readModel(modelFiles(model));
  if (!read.ok) throw new Error(read.reasons.join('\n'));
  return read.value.graph;
}

interface Expected {
  trial: Trial;
  oracle?: Float32Array;
}

async function expectedOf({ model, input, oracle }: LayerCase): Promise<Expected> {
  const trial = trialOf(await graphOf(model));
  const reference = oracle === null ? undefined : await oracleOutput(modelFiles(oracle ?? model), trial.images, [BATCH, ...input]);
  return { trial, ...(reference ? { oracle: reference } : {}) };
}

const expected = new Map<string, Expected>();
beforeAll(async () => {
  await openEngine('cpu', nodeHost);
  for (const c of LAYER_CASES) expected.set(c.title, await expectedOf(c));
});

const weightsOf = (title: string) => {
  const { model } = LAYER_CASES.find((c) => c.title === title) as LayerCase;
  return new Float32Array((modelFiles(model).get(SHARD) as Uint8Array).slice().buffer);
};

describe('the cases', () => {
  it('hold every layer class that the reader accepts, and no title twice', () => {
    const classes = new Set(LAYER_CASES.flatMap((c) => c.model.layers.map((l) => l.class_name)));
    classes.add('Softmax'); // tested where it is removed
    expect([...classes].sort()).toEqual(Object.keys(READERS).sort());
    expect(new Set(LAYER_CASES.map((c) => c.title)).size).toBe(LAYER_CASES.length);
  });

  it.each(LAYER_CASES.filter((c) => c.oracle !== null).map((c) => c.title))('are read as tfjs-layers reads them: %s', (title) => {
    const { trial, oracle } = expected.get(title) as Expected;
    expect(relative(trial.exact.outputs, oracle as Float32Array)).toBeLessThan(TOLERANCE);
  });

  it('apply what tfjs-layers does not know by its formula', () => {
    const perChannel = (title: string, formula: (x: number, c: number) => number) => {
      const { images, exact } = (expected.get(title) as Expected).trial;
      expect(
        relative(
          exact.outputs,
          Array.from(images, (x, i) => formula(x, i % 2)),
        ),
      ).toBeLessThan(TOLERANCE);
    };
    perChannel('rescaling per channel', (x, c) => [2, 0.5][c] * x + [-1, 0.25][c]);
    perChannel('normalisation with its mean in the config', (x, c) => (x - [0.3, -0.1][c]) / [0.5, 2][c]);
    perChannel('ReLU with a negative slope and a maximum', (x) => Math.min(x > 0 ? x : 0.1 * x, 0.7));
    perChannel('ELU with alpha 0.7', (x) => (x > 0 ? x : 0.7 * Math.expm1(x)));
    perChannel('activation gelu_new', (x) => 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3))));
    const adapted = 'normalisation with its mean among the weights';
    const [mean0, mean1, variance0, variance1] = weightsOf(adapted);
    perChannel(adapted, (x, c) => (x - [mean0, mean1][c]) / Math.sqrt([variance0, variance1][c]));
  });

  it('apply a dilated depthwise convolution as tfjs-core does', async () => {
    const title = 'depthwise dilated by 2, same';
    const { images, exact } = (expected.get(title) as Expected).trial;
    const y = tf.tidy(() =>
      tf.depthwiseConv2d(tf.tensor4d(images, [BATCH, 7, 7, 2]), tf.tensor4d(weightsOf(title), [3, 3, 2, 1]), 1, 'same', 'NHWC', 2),
    );
    expect(relative(exact.outputs, await y.data())).toBeLessThan(TOLERANCE);
    y.dispose();
  });
});

onEachBackend('a network', () => {
  it.each(LAYER_CASES)('computes outputs and input gradient: $title', async ({ title }) => {
    const { trial } = expected.get(title) as Expected;
    await expectAgreement(trial, trial.exact.outputs, [trial.exact.gradient]);
  });

  it('gives logits beside their gradient, the same as alone, and leaves the images to the caller', async () => {
    const network = linearNetwork([2, 2, 1], [draw(4, 1), draw(4, 2), draw(4, 3)]);
    const [x, labels] = [tf.tensor4d(draw(8, 4, 0, 1), [2, 2, 2, 1]), tf.tensor1d([0, 2], 'float32')];
    const both = network.logitsAndGradient(x, labels, crossEntropyGrad);
    const alone = [network.logits(x), network.inputGradient(x, labels, crossEntropyGrad)];
    expect(await both.logits.data()).toEqual(await alone[0].data());
    expect(await both.gradient.data()).toEqual(await alone[1].data());
    network.dispose();
    tf.dispose([x, labels, both.logits, both.gradient, ...alone]);
  });
});

/** A little of everything whose kernels might look at neighbours in the batch. */
const MIXED = functional(
  [10, 12, 3],
  [
    [batchNorm('norm', 3), 'input'],
    [conv('stem', [3, 3, 3, 8], { padding: 'same', strides: [2, 2], activation: 'relu' }), 'norm'],
    [depthwise('dw', [3, 3, 8, 1], { padding: 'same' }), 'stem'],
    [plain('Activation', 'gelu', { activation: 'gelu' }), 'dw'],
    [conv('point', [1, 1, 8, 8]), 'gelu'],
    [plain('Add', 'sum'), ['point', 'stem']],
    [plain('MaxPooling2D', 'pool', { pool_size: 3, strides: 2, padding: 'same' }), 'sum'],
    [plain('GlobalAveragePooling2D', 'gap'), 'pool'],
    [dense('fc', [8, 10]), 'gap'],
  ],
  'fc',
);

onEachBackend('a network on a batch', (backend) => {
  const COUNT = 7;
  const SIZE = 10 * 12 * 3;
  const images = draw(COUNT * SIZE, 5, 0, 1);
  const labels = Float32Array.from({ length: COUNT }, (_, n) => n);
  let graph: ModelGraph;
  beforeAll(async () => {
    graph = await graphOf(MIXED);
  });

  const run = async (sizes: number[]) => {
    const network = new Network(graph);
    const [outputs, gradients]: number[][] = [[], []];
    let first = 0;
    for (const size of sizes) {
      const x = tf.tensor4d(images.subarray(first * SIZE, (first + size) * SIZE), [size, 10, 12, 3]);
      const y = tf.tensor1d(labels.subarray(first, first + size));
      const [logits, gradient] = [network.logits(x), network.inputGradient(x, y, crossEntropyGrad)];
      outputs.push(...(await logits.data()));
      gradients.push(...(await gradient.data()));
      tf.dispose([x, y, logits, gradient]);
      first += size;
    }
    network.dispose();
    return { outputs, gradients };
  };

  it('gives every image the same numbers, whatever the batch size; bit for bit on cpu and wasm', async () => {
    const whole = await run([COUNT]);
    for (const sizes of [Array(COUNT).fill(1), [2, 5], [4, 3]]) {
      const parts = await run(sizes);
      if (backend !== 'webgpu') expect(parts).toEqual(whole);
      // tfjs picks another matmul program for another size on WebGPU, which adds in another order.
      expect(relative(parts.outputs, whole.outputs)).toBeLessThan(TOLERANCE);
      expect(relative(parts.gradients, whole.gradients)).toBeLessThan(TOLERANCE);
    }
    expect(new Set(whole.outputs).size).toBeGreaterThan(COUNT * 9); // the images do differ
  });

  it('reads out any layer, the output too, as tensors of their own', async () => {
    const network = new Network(graph);
    const taps = graph.nodes.map((_, i) => i).filter((i) => graph.nodes[i].op.kind !== 'input');
    const x = tf.tensor4d(images.subarray(0, SIZE), [1, 10, 12, 3]);
    const out = network.forward(x, taps);
    for (const [k, node] of taps.entries()) {
      expect(out.taps[k].shape).toEqual([1, ...graph.nodes[node].shape]);
      expect(
        relative(await out.taps[k].data(), forward64({ ...graph, output: node }, images.subarray(0, SIZE))),
        graph.nodes[node].name,
      ).toBeLessThan(backend === 'webgpu' ? 2 * TOLERANCE : TOLERANCE);
    }
    tf.dispose(out.taps);
    expect((await out.logits.data()).length).toBe(10);
    tf.dispose([x, out.logits]);
    network.dispose();
  });

  it('counts the images that pass through it', () => {
    const network = new Network(graph);
    const counted = new CountedNetwork(network);
    tf.tidy(() => {
      const x = tf.tensor4d(images, [COUNT, 10, 12, 3]);
      counted.logits(x);
      counted.forward(x, []);
      counted.inputGradient(x, tf.tensor1d(labels), crossEntropyGrad);
    });
    expect([counted.forwards, counted.backwards]).toEqual([3 * COUNT, COUNT]);
    expect([counted.inputShape, counted.classes]).toEqual([[10, 12, 3], 10]);
    network.dispose();
  });
});
