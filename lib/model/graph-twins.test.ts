/** The bundled models written again as graph models, in every style of the converter: the same numbers as before. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import { nodeHost } from '../engine/node-host';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { filesOf } from '../testing/graph-file';
import { type GraphStyle, graphFromKeras } from '../testing/graph-from-keras';
import { graphOracle } from '../testing/graph-oracle';
import {
  drawnRecords,
  evaluateHere,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  timeless,
} from '../testing/small-evaluation';
import { featureNode, type GraphNode } from './graph';
import type { Model } from './preflight';
import { reshard } from './reshard';

const NAMES = ['fmnist_st', 'fmnist_at'] as const;
const IMAGES = draw(4 * 28 * 28, 9, 0, 1);
const STYLES: [string, GraphStyle][] = [
  ['node by node', {}],
  ['with a softmax at the end', { softmax: true }],
  ['with its dense matrix transposed', { transposed: true }],
  ['with batch norms folded', { folded: true }],
  ['fused', { fused: true }],
  ['fused, transposed and with a softmax', { fused: true, transposed: true, softmax: true }],
];

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
});

/** What `make` gives for an argument, made once: several tests look at one model, and none of them changes it. */
function once<A, R>(make: (argument: A) => R, key: (argument: A) => unknown = (a) => a): (argument: A) => R {
  const made = new Map<unknown, R>();
  return (argument) => {
    const at = key(argument);
    if (!made.has(at)) made.set(at, make(argument));
    return made.get(at) as R;
  };
}

const layersOf = once(async (name: (typeof NAMES)[number]) => modelOf(testModelFiles(name)));
const styledFiles = once(
  ([name, style]: [(typeof NAMES)[number], GraphStyle]) => {
    const { json, shard } = graphFromKeras(testModelFiles(name), style);
    return filesOf(json, shard);
  },
  (arguments_) => JSON.stringify(arguments_),
);
const filesIn = (name: (typeof NAMES)[number], style: GraphStyle) => styledFiles([name, style]);
const readIn = once(modelOf);
const modelIn = (name: (typeof NAMES)[number], style: GraphStyle) => readIn(filesIn(name, style));

/** Logits, features and the gradient of the loss on a few images. */
const numbers = once(async (model: Model) => {
  const network = networkOf(model);
  const x = tf.tensor4d(IMAGES, [4, 28, 28, 1]);
  const labels = tf.tensor1d([0, 1, 2, 3], 'float32');
  const out = network.forward(x, [featureNode(model.graph) as number]);
  const gradient = network.inputGradient(x, labels, crossEntropyGrad);
  const all = { logits: await out.logits.data(), features: await out.taps[0].data(), gradient: await gradient.data() };
  tf.dispose([x, labels, out.logits, ...out.taps, gradient]);
  network.dispose();
  return all;
});

/** Its nodes, each list of numbers as one string of its bytes. */
const written = ({ graph }: Model) =>
  JSON.parse(
    JSON.stringify(graph.nodes, (_, v) =>
      v instanceof Float32Array ? Buffer.from(v.buffer, v.byteOffset, v.byteLength).toString('base64') : v,
    ),
  ) as GraphNode[];

describe.each(NAMES)('%s as a graph model', (name) => {
  it.each(STYLES)('%s is the very network that it was', async (_, style) => {
    const [twin, layers] = [await modelIn(name, style), await layersOf(name)];
    expect(twin.graph.nodes[0]).toEqual({ ...layers.graph.nodes[0], name: 'x' });
    expect(written(twin).slice(1)).toEqual(written(layers).slice(1));
    expect(twin.graph.notes).toEqual(style.softmax ? ['the softmax of layer probabilities was removed: attacks need logits'] : []);
    expect(twin.feature).toEqual(layers.feature);
    expect(twin.macs).toBe(layers.macs);
    expect(await numbers(twin)).toEqual(await numbers(layers));
  });

  it.each(STYLES.filter(([, s]) => !s.softmax))('%s has the logits that tfjs gives it', async (_, style) => {
    const files = filesIn(name, style);
    const { outputs } = await graphOracle(files, IMAGES, [4, 28, 28, 1]);
    const { logits } = await numbers(await modelIn(name, style));
    expect(maxDifference(logits, outputs) / Math.max(...outputs.map(Math.abs))).toBeLessThan(1e-5);
  });

  it('counts the parameters and layers of the original', async () => {
    const [{ graph }, layers] = [await modelIn(name, {}), await layersOf(name)];
    expect([graph.params, graph.layers]).toEqual([layers.graph.params, layers.graph.layers]);
  });

  it('in half precision has nearly the same logits and features, and tfjs agrees on them', async () => {
    const halves = filesIn(name, { fused: true, halves: true });
    const [coarse, exact] = [await numbers(await readIn(halves)), await numbers(await layersOf(name))];
    for (const what of ['logits', 'features'] as const) {
      const off = maxDifference(coarse[what], exact[what]) / Math.max(...exact[what].map(Math.abs));
      expect(off).toBeGreaterThan(1e-6);
      expect(off).toBeLessThan(2e-3); // weights are off by up to 2^-12
    }
    const { outputs } = await graphOracle(halves, IMAGES, [4, 28, 28, 1]);
    expect(maxDifference(coarse.logits, outputs) / Math.max(...outputs.map(Math.abs))).toBeLessThan(1e-5);
  });
});

describe('a graph model', () => {
  it('gets the report of the layers model, except for its hash and the count of its layers', async () => {
    const data = memorySource({ test: drawnRecords('test', 10), train: drawnRecords('train', 20) });
    const reportOf = async (model: Model) => {
      const network = networkOf(model);
      const report = await evaluateHere(network, requestFor(model, { layers: true }), data);
      network.dispose();
      const { sha256, layers, params, ...rest } = report.model;
      return { sha256, rest: { ...(timeless(report) as object), model: rest } };
    };
    const [layers, graph] = [await layersOf('fmnist_at'), await modelIn('fmnist_at', { fused: true })];
    const [ours, twins] = [await reportOf(layers), await reportOf(graph)];
    expect(twins.rest).toEqual(ours.rest);
    expect(twins.sha256).not.toBe(ours.sha256);
  });

  it('may be cut into smaller files, and stays what it is', async () => {
    const files = filesIn('fmnist_st', { fused: true, halves: true });
    const cut = reshard(files, { largest: 100_000, shard: 65_537 });
    expect(cut.changed).toBe(true);
    expect(cut.files.size).toBeGreaterThan(3);
    expect(written(await modelOf(cut.files))).toEqual(written(await readIn(files)));
  });
});
