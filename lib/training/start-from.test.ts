import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { draw } from '../testing/draw';
import { onEngine } from '../testing/on-engine';
import { bundledFiles } from '../testing/small-evaluation';
import { exportModel } from './export';
import type { PixelStatistics } from './layers/normalize';
import { meanCrossEntropyGrad } from './modes/mean-cross-entropy';
import { openNet } from './nets';
import type { TrainableNetwork } from './network';
import { readStartingModel, type StartingModel, startFrom } from './start-from';

const PIXELS: PixelStatistics = { mean: [0.4], deviation: [0.25] };
const open = (seed: number, pixels = PIXELS, classes = 10) => openNet('small', 'net', { input: [28, 28, 1], classes, pixels, seed });
const TEXT = new TextDecoder();
type Json = { modelTopology: { model_config: { config: { layers: { class_name: string; config: Record<string, unknown> }[] } } } };

/** As training leaves it: moving averages that are no longer 0 and 1. */
function used(): TrainableNetwork {
  const network = open(1);
  const x = tf.tensor4d(draw(4 * 784, 5, 0, 1), [4, 28, 28, 1]);
  const labels = tf.tensor1d([0, 1, 2, 3], 'float32');
  const { logits, gradients } = network.gradients(x, labels, meanCrossEntropyGrad);
  tf.dispose([x, labels, logits, ...gradients]);
  return network;
}

async function usedFiles(change: (json: Json) => void = () => undefined) {
  const network = used();
  const files = await exportModel(network, {});
  network.dispose();
  const json = JSON.parse(TEXT.decode(files.get('model.json'))) as Json;
  change(json);
  return files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
}

onEngine('wasm');

it('a network begun with a model is that model, to the last bit, moving averages and normalisation included', async () => {
  const files = await usedFiles();
  const read = await readStartingModel(files);
  if (!read.ok) throw new Error(read.reasons.join());
  const network = open(2, read.value.pixels);
  expect(startFrom(network, read.value)).toEqual({ ok: true, value: undefined });
  const again = await exportModel(network, {});
  expect(again.get('group1-shard1of1.bin')).toEqual(files.get('group1-shard1of1.bin'));
  network.dispose();
});

async function reasons(files: ReadonlyMap<string, Uint8Array>, classes = 10): Promise<string[]> {
  const read = await readStartingModel(files);
  if (!read.ok) return read.reasons;
  const network = open(2, PIXELS, classes);
  const started = startFrom(network, read.value as StartingModel);
  network.dispose();
  return started.ok ? [] : started.reasons;
}
const layerOf = (json: Json, i: number) => json.modelTopology.model_config.config.layers[i];

it.each<[string, (json: Json) => void, string]>([
  [
    'another number of filters',
    (json) => {
      layerOf(json, 1).config.filters = 8;
    },
    'model.json: layer 2 (conv1) has filters 8; 16 is expected',
  ],
  [
    'another kind of layer',
    (json) => {
      layerOf(json, 4).class_name = 'AveragePooling2D';
    },
    'model.json: layer 5 is an AveragePooling2D; a MaxPooling2D is expected',
  ],
  [
    'a field left out',
    (json) => {
      delete layerOf(json, 1).config.padding;
    },
    'model.json: layer 2 (conv1) has padding not given; "same" is expected',
  ],
  [
    'other images',
    (json) => {
      layerOf(json, 0).config.batch_input_shape = [null, 32, 32, 3];
    },
    'model.json: layer 1 has batch_input_shape [null,32,32,3]; [null,28,28,1] is expected',
  ],
  [
    'a layer too few',
    (json) => {
      json.modelTopology.model_config.config.layers.pop();
    },
    'model.json has 17 layers; 18 are expected',
  ],
])('%s is refused by name', async (_, change, reason) => {
  expect(await reasons(await usedFiles(change))).toEqual([reason]);
});

it('weights that are missing or of another shape are named', async () => {
  const files = await usedFiles((json) => {
    const [{ weights }] = (json as unknown as { weightsManifest: { weights: { name: string; shape: number[] }[] }[] }).weightsManifest;
    weights[2].name = 'conv1/other';
    weights[3].shape = [4, 4];
  });
  expect(await reasons(files)).toEqual(['weight conv1/kernel is missing', 'weight bn1/gamma has shape [4,4]; [16] is expected']);
});

it('a model of other classes, and one that is no such chain, are refused', async () => {
  expect(await reasons(await usedFiles(), 100)).toEqual(['model.json: layer 18 (logits) has units 10; 100 is expected']);
  expect((await reasons(bundledFiles('fmnist_st')))[0]).toMatch(/^model\.json(: layer 1 | has \d+ layers; 18 are expected)/);
  const graph = new Map([['model.json', new TextEncoder().encode('{"modelTopology":{"node":[]},"weightsManifest":[]}')]]);
  expect(await reasons(graph)).toEqual(['model.json must be a Sequential layers model, as this command writes it']);
});
