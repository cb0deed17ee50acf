import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { maxDifference, onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { gradient64 } from '../testing/float64-network';
import { fileOf, GRAPH_CASES, type GraphCase } from '../testing/graph-cases';
import { filesOf, inNumbers } from '../testing/graph-file';
import { graphOracle } from '../testing/graph-oracle';
import type { ModelGraph } from './graph';
import { OPS } from './graph-ops';
import { Network } from './network';
import { readModel } from './preflight';

const BATCH = 2;

async function graphOf(files: ReadonlyMap<string, Uint8Array>): Promise<ModelGraph> {
  const read = await readModel(files);
  if (!read.ok) throw new Error(read.reasons.join('\n'));
  return read.value.graph;
}

interface Expected {
  graph: ModelGraph;
  images: Float32Array;
  /** Weights of the loss L = ⟨weights, output⟩. */
  weights: Float32Array;
  outputs: Float32Array;
  gradient: ArrayLike<number>;
}

async function expectedOf(graphCase: GraphCase): Promise<Expected> {
  const { input, noGradient } = graphCase;
  const { g, output } = fileOf(graphCase);
  const files = g.files(output);
  const graph = await graphOf(files);
  const size = input[0] * input[1] * input[2];
  const images = draw(BATCH * size, 77, -1.2, 1.2);
  const outSize = graph.nodes[graph.output].shape.reduce((a, b) => a * b, 1);
  const weights = draw(BATCH * outSize, 78);
  const oracle = await graphOracle(files, images, [BATCH, ...input], noGradient ? undefined : weights);
  const exact = () =>
    Array.from({ length: BATCH }, (_, n) => {
      const [image, w] = [images.subarray(n * size, (n + 1) * size), weights.subarray(n * outSize, (n + 1) * outSize)];
      return [...gradient64(graph, image, w)];
    }).flat();
  return { graph, images, weights, outputs: oracle.outputs, gradient: oracle.gradient ?? exact() };
}

const expected = new Map<string, Expected>();
beforeAll(async () => {
  await openEngine('cpu', nodeHost);
  for (const c of GRAPH_CASES) expected.set(c.title, await expectedOf(c));
});

/** Float32 sums of a few hundred products: errors stay near 1e-6 of the largest entry. */
const TOLERANCE = 1e-5;
const relative = (actual: ArrayLike<number>, wanted: ArrayLike<number>) =>
  maxDifference(actual, wanted) / Math.max(...Array.from(wanted, Math.abs));

describe('the cases', () => {
  it('hold every operation that is read, and no title twice', () => {
    const ops = new Set(GRAPH_CASES.flatMap((c) => fileOf(c).g.nodes.map((n) => n.op)));
    for (const passive of ['Placeholder', 'Const', 'NoOp']) ops.delete(passive);
    ops.add('Softmax'); // tested where it is removed
    ops.add('Softsign'); // tfjs has none; its formula is tested with the kernel
    expect([...ops].sort()).toEqual([...OPS.keys()].sort());
    expect(new Set(GRAPH_CASES.map((c) => c.title)).size).toBe(GRAPH_CASES.length);
  });

  it.each(GRAPH_CASES)('are the same graph in either spelling: $title', async (graphCase) => {
    const { g, output } = fileOf(graphCase);
    const { graph } = expected.get(graphCase.title) as Expected;
    expect(await graphOf(filesOf(inNumbers(g.json(output)), g.shard()))).toEqual(graph);
  });
});

onEachBackend('a graph model', () => {
  it.each(GRAPH_CASES)("computes tfjs' outputs and input gradient: $title", async ({ title, input }) => {
    const { graph, images, weights, outputs, gradient } = expected.get(title) as Expected;
    const network = new Network(graph);
    const x = tf.tensor4d(images, [BATCH, ...input]);
    const labels = tf.zeros([BATCH]) as tf.Tensor1D;
    const dy = tf.tensor(weights, [BATCH, ...graph.nodes[graph.output].shape]);
    const y = network.logits(x);
    const dx = network.inputGradient(x, labels, () => tf.clone(dy) as tf.Tensor2D);
    expect(relative(await y.data(), outputs)).toBeLessThan(TOLERANCE);
    expect(relative(await dx.data(), gradient)).toBeLessThan(TOLERANCE);
    network.dispose();
    tf.dispose([x, labels, dy, y, dx]);
  });
});
