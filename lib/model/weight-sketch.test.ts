import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { CHECKS } from '../confidence/catalogue';
import { standardNormal } from '../random';
import type { Constant, ModelGraph } from './graph';
import { readModel } from './preflight';
import { kernelShapes, SKETCH_SIZE, sketchCosine, weightSketch } from './weight-sketch';

const THRESHOLD = CHECKS['duplicate-weights'].threshold;

async function networkIn(folder: string): Promise<ModelGraph> {
  const paths = ['model.json', 'group1-shard1of1.bin'];
  const model = await readModel(new Map(paths.map((path) => [path, new Uint8Array(readFileSync(`${folder}/${path}`))])));
  if (!model.ok) throw new Error(model.reasons.join());
  return model.value.graph;
}
const [AT, ST] = [await networkIn('lib/testing/models/fmnist_at'), await networkIn('lib/testing/models/fmnist_st')];

/** The same network with every kernel changed. */
function changed(graph: ModelGraph, change: (kernel: Constant, at: number) => ArrayLike<number>): ModelGraph {
  const nodes = graph.nodes.map((node, at) =>
    'kernel' in node.op
      ? { ...node, op: { ...node.op, kernel: { ...node.op.kernel, values: Float32Array.from(change(node.op.kernel, at)) } } }
      : node,
  );
  return { ...graph, nodes };
}
const noisy = (graph: ModelGraph, share: number) =>
  changed(graph, ({ values }, sample) => {
    const deviation = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);
    const noise = standardNormal({ seed: 1, tag: 99, sample, split: 'train' }, values.length);
    return values.map((v, i) => v + share * deviation * noise[i]);
  });
const quantised = (graph: ModelGraph) =>
  changed(graph, ({ values }) => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    const step = (high - low) / 255;
    return values.map((v) => low + step * Math.round((v - low) / step));
  });

/** What the sketch estimates: the mean of the kernels' cosines, weighted by their sizes. */
function trueCosine(a: ModelGraph, b: ModelGraph): number {
  const of = ({ nodes }: ModelGraph) => nodes.flatMap(({ op }) => ('kernel' in op ? [op.kernel.values] : []));
  const [left, right] = [of(a), of(b)];
  const dot = (x: Float32Array, y: Float32Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
  const n = left.reduce((sum, k) => sum + k.length, 0);
  return left.reduce((sum, k, t) => sum + ((k.length / n) * dot(k, right[t])) / Math.sqrt(dot(k, k) * dot(right[t], right[t])), 0);
}
const cosine = (a: ModelGraph, b: ModelGraph) => sketchCosine(weightSketch(a), weightSketch(b)) as number;

it('copies are above the threshold: the same, quantised to a byte, scaled layer by layer, or other than their kernels', () => {
  expect(cosine(AT, AT)).toBeCloseTo(1, 12);
  expect(cosine(AT, quantised(AT))).toBeGreaterThan(THRESHOLD);
  expect(
    cosine(
      AT,
      changed(AT, ({ values }, at) => values.map((v) => v * (at % 2 ? 7 : 1 / 7))),
    ),
  ).toBeCloseTo(1, 6);
  const biased = AT.nodes.map((node) => ('bias' in node.op ? { ...node, op: { ...node.op, bias: new Float32Array(10) } } : node));
  expect(cosine(AT, { ...AT, nodes: biased as ModelGraph['nodes'] })).toBeCloseTo(1, 12);
});

it('two trainings of one architecture are far below it', async () => {
  expect(kernelShapes(AT)).toBe(kernelShapes(ST));
  expect(Math.abs(cosine(AT, ST) - trueCosine(AT, ST))).toBeLessThan(4 / Math.sqrt(SKETCH_SIZE));
  expect(cosine(AT, ST)).toBeLessThan(0.5);
  // Trained from the same initial weights, on the same images.
  expect(cosine(await networkIn('public/models/fmnist_at'), await networkIn('public/models/fmnist_trades'))).toBeLessThan(0.99);
});

it.each([0.003, 0.01, 0.03, 0.1])('1 − cosine is estimated to within four standard deviations of 4.4 %% where the noise is %f', (share) => {
  const other = noisy(AT, share);
  const exact = 1 - trueCosine(AT, other);
  expect(exact).toBeCloseTo(share ** 2 / 2, 3);
  expect((1 - cosine(AT, other)) / exact).toBeGreaterThan(1 - 4 * Math.sqrt(2 / SKETCH_SIZE));
  expect((1 - cosine(AT, other)) / exact).toBeLessThan(1 + 4 * Math.sqrt(2 / SKETCH_SIZE));
});

it('networks of other shapes are told apart by them, and one without weights has no cosine', () => {
  const cut = { ...AT, nodes: AT.nodes.slice(0, -1) };
  expect(kernelShapes(cut)).not.toBe(kernelShapes(AT));
  const nothing = weightSketch({ ...AT, nodes: [] });
  expect(nothing).toEqual(new Float32Array(SKETCH_SIZE));
  expect(sketchCosine(nothing, weightSketch(AT))).toBeNull();
});
