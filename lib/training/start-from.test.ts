import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { convert } from '../known/convert';
import { PREACT_RESNET_18 } from '../known/preact-resnet-18';
import { draw } from '../testing/draw';
import { onEngine } from '../testing/on-engine';
import { testModelFiles } from '../testing/small-evaluation';
import { randomStateDict } from '../testing/state-dicts';
import { exportModel } from './export';
import type { PixelStatistics } from './layers/normalize';
import { meanCrossEntropyGrad } from './modes/mean-cross-entropy';
import { openNet } from './nets';
import type { TrainableNetwork } from './network';
import { startFrom } from './start-from';
import { readStartingModel } from './starting-model';

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
  const started = startFrom(network, read.value);
  network.dispose();
  return started.ok ? [] : started.reasons;
}

/** A narrow PreActResNet-18 as `convert` writes it from PyTorch's weights. */
function converted(change: (layers: FunctionalLayer[]) => void = () => undefined): Map<string, Uint8Array> {
  const sizes = { input: [28, 28, 1] as const, classes: 10 };
  const given = { 'conv1.weight': [4, 1, 3, 3], 'bn.weight': [32] };
  const result = convert(PREACT_RESNET_18, randomStateDict(PREACT_RESNET_18, { ...sizes, given }), {
    ...{ ...sizes, normalization: { mean: [0.5], std: [0.25] } },
  });
  if (!result.ok) throw new Error(result.reasons.join());
  const { files } = result.value;
  const json = JSON.parse(TEXT.decode(files.get('model.json')));
  change(json.modelTopology.model_config.config.layers);
  return files.set('model.json', new TextEncoder().encode(JSON.stringify(json)));
}
type FunctionalLayer = { name: string; class_name: string; config: Record<string, unknown>; inbound_nodes: [string, number, number][][] };
const openResNet = (pixels = PIXELS) =>
  openNet('preact-resnet-18', 'net', { input: [28, 28, 1], classes: 10, pixels, seed: 2, width: 1 / 16 });

it('a residual network begins with PyTorch’s weights, or with its own, and is written as it was', async () => {
  const files = converted();
  for (let round = 0; round < 2; round++) {
    const read = await readStartingModel(files);
    if (!read.ok) throw new Error(read.reasons.join());
    const network = openResNet(read.value.pixels);
    expect(startFrom(network, read.value)).toEqual({ ok: true, value: undefined });
    const again = await exportModel(network, {});
    expect(again.get('group1-shard1of1.bin')).toEqual(files.get('group1-shard1of1.bin'));
    files.set('model.json', again.get('model.json') as Uint8Array);
    network.dispose();
  }
});

const named = (layers: FunctionalLayer[], name: string) => layers.find((l) => l.name === name) as FunctionalLayer;
it.each<[string, (layers: FunctionalLayer[]) => void, string]>([
  [
    'another shortcut',
    (layers) => {
      named(layers, 'layer1.1.add').inbound_nodes[0][1][0] = 'layer1.1.relu1';
    },
    'model.json: layer 16 (layer1.1.add) reads layer1.1.conv2 and layer1.1.relu1; layer1.1.conv2 and layer1.0.add are expected',
  ],
  [
    'another stride',
    (layers) => {
      named(layers, 'layer2.0.shortcut.0').config.strides = [1, 1];
    },
    'model.json: layer 24 (layer2.0.shortcut.0) has strides [1,1]; [2,2] is expected',
  ],
  [
    'padding at one side',
    (layers) => {
      named(layers, 'layer2.0.conv1.pad').config.padding = [
        [0, 1],
        [0, 1],
      ];
    },
    'model.json: layer 19 (layer2.0.conv1.pad) has padding [[0,1],[0,1]]; [1,1] is expected',
  ],
  [
    'other images',
    (layers) => {
      layers[0].config.batch_input_shape = [null, 32, 32, 3];
    },
    'model.json: the first layer has batch_input_shape [null,32,32,3]; [null,28,28,1] is expected',
  ],
  [
    'a layer called twice',
    (layers) => {
      named(layers, 'layer1.0.relu1').inbound_nodes.push([['conv1', 0, 0]]);
    },
    'model.json must be a layers model, Sequential or of layers that are called once, as this command writes it',
  ],
  [
    'an end before the last layer',
    (layers) => {
      layers.pop();
    },
    'model.json: output_layers names linear; the last layer, mean, is expected',
  ],
])('of a residual network, %s is refused by name', async (_, change, reason) => {
  const read = await readStartingModel(converted(change));
  const network = openResNet();
  const started = read.ok ? startFrom(network, read.value) : read;
  network.dispose();
  expect(started).toEqual({ ok: false, reasons: [reason] });
});

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
    'model.json: the first layer has batch_input_shape [null,32,32,3]; [null,28,28,1] is expected',
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
  expect((await reasons(testModelFiles('fmnist_st')))[0]).toMatch(/^model\.json(: layer 1 | has \d+ layers; 18 are expected)/);
  const graph = new Map([['model.json', new TextEncoder().encode('{"modelTopology":{"node":[]},"weightsManifest":[]}')]]);
  expect(await reasons(graph)).toEqual([
    'model.json must be a layers model, Sequential or of layers that are called once, as this command writes it',
  ]);
});
