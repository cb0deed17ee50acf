import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { DATASETS } from '../data/datasets';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import {
  asLayer,
  batchNorm,
  conv,
  dense,
  functional,
  inputLayer,
  jsonBytes,
  type KerasLayer,
  type KerasModel,
  modelFiles,
  plain,
  SHARD,
  sequential,
  writeModel,
} from '../testing/keras-model';
import { boardReasons, type Model, readModel } from './preflight';

const INPUT = [6, 6, 2];
const IMAGE = draw(72, 3);
const body = [conv('c', [3, 3, 2, 3], { activation: 'relu' }), plain('GlobalAveragePooling2D', 'gap')];
const logits = dense('fc', [3, 4]);

async function accepted(model: KerasModel): Promise<Model> {
  return acceptedFiles(modelFiles(model));
}
async function acceptedFiles(files: Map<string, Uint8Array>): Promise<Model> {
  const read = await readModel(files);
  if (!read.ok) throw new Error(read.reasons.join('\n'));
  return read.value;
}
const stack = (...layers: KerasLayer[]) => sequential(INPUT, layers);

describe('a softmax at the end', () => {
  const softmaxDense = dense('fc', [3, 4], { activation: 'softmax' });
  it.each<[string, KerasModel, string]>([
    ['of a dense layer', stack(...body, softmaxDense), 'fc'],
    ['as an activation layer', stack(...body, logits, plain('Activation', 'probabilities', { activation: 'softmax' })), 'probabilities'],
    ['as a layer of its own', stack(...body, logits, plain('Softmax', 'probabilities', { axis: -1 })), 'probabilities'],
    ['of a model inside', stack(...body, asLayer(sequential([3], [softmaxDense], 'head'))), 'fc'],
    [
      'of a functional model',
      functional(
        INPUT,
        [
          [body[0], 'input'],
          [body[1], 'c'],
          [softmaxDense, 'gap'],
        ],
        'fc',
      ),
      'fc',
    ],
  ])('%s is removed and said so', async (_, model, name) => {
    const { graph } = await accepted(model);
    const plainGraph = (await accepted(stack(...body, logits))).graph;
    expect(graph.notes).toEqual([`the softmax of layer ${name} was removed: attacks need logits`]);
    expect(forward64(graph, IMAGE)).toEqual(forward64(plainGraph, IMAGE));
    expect(plainGraph.notes).toEqual([]);
  });
});

describe('the feature layer', () => {
  const featureOf = async (...layers: KerasLayer[]) => (await accepted(stack(...layers))).feature;

  it('is the input of the last dense layer', async () => {
    expect(await featureOf(...body, logits)).toEqual({ name: 'gap', dim: 3 });
    expect(await featureOf(...body, dense('hidden', [3, 7], { activation: 'relu' }), dense('out', [7, 4]))).toEqual({
      name: 'hidden',
      dim: 7,
    });
    expect(await featureOf(...body, logits, plain('Dropout', 'd'), batchNorm('bn', 4))).toEqual({ name: 'gap', dim: 3 });
  });

  it('is missing without a dense layer, and the reason is given', async () => {
    expect(await featureOf(...body)).toEqual({ missing: 'the model has no Dense layer, so there is no feature layer' });
  });

  it('is missing if the last dense layer does not give the classes', async () => {
    expect(
      await featureOf(...body, logits, plain('Reshape', 'r', { target_shape: [2, 2, 1] }), conv('d', [1, 1, 1, 3]), plain('Flatten', 'f')),
    ).toEqual({
      missing: 'the last Dense layer (fc) has 4 units, the output 12',
    });
  });
});

describe('a file is read', () => {
  const reference = stack(...body, logits);
  const written = (change: (json: ReturnType<typeof writeModel>['json']) => object) => {
    const { json, shard } = writeModel(reference);
    return new Map([
      ['model.json', jsonBytes(change(json))],
      [SHARD, shard],
    ]);
  };
  const camel = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(camel);
    if (typeof value !== 'object' || value === null) return value;
    const kept = ['class_name', 'batch_input_shape'];
    return Object.fromEntries(
      Object.entries(value).map(([k, v]) => [kept.includes(k) ? k : k.replace(/_([a-z])/g, (_, l: string) => l.toUpperCase()), camel(v)]),
    );
  };

  it.each<[string, (json: ReturnType<typeof writeModel>['json']) => object]>([
    ['without the wrapper model_config', (json) => ({ ...json, modelTopology: json.modelTopology.model_config })],
    [
      'whose Sequential is a mere list',
      (json) => {
        const { model_config: config } = json.modelTopology;
        return { ...json, modelTopology: { ...config, config: config.config.layers } };
      },
    ],
    ['that writes its keys in camel case', (json) => ({ ...json, modelTopology: camel(json.modelTopology.model_config) })],
    [
      'that begins with an input layer',
      (json) => {
        const { config } = json.modelTopology.model_config;
        const layers = [inputLayer('in', INPUT), ...(config.layers as object[])];
        return { ...json, modelTopology: { class_name: 'Sequential', config: { ...config, layers } } };
      },
    ],
    [
      'whose weights stand in scopes',
      (json) => {
        for (const weight of json.weightsManifest[0].weights) weight.name = `model/${weight.name}:0`;
        return json;
      },
    ],
  ])('%s', async (_, change) => {
    const [model, plainModel] = [await acceptedFiles(written(change)), await accepted(reference)];
    expect(model.graph.params).toBe(plainModel.graph.params);
    expect(forward64(model.graph, IMAGE)).toEqual(forward64(plainModel.graph, IMAGE));
  });

  it('with its parameters counted once where a layer is shared', async () => {
    const shared = conv('s', [3, 3, 2, 2], { padding: 'same' });
    const model = functional(
      INPUT,
      [
        [shared, 'input'],
        [shared, 's'],
      ],
      's#1',
    );
    const { graph, macs } = await accepted(model);
    expect(graph.params).toBe(38);
    expect(macs).toBe(2 * 36 * 36);
    expect(graph.layers).toBe(2);
  });

  it('with the size and digest of its files', async () => {
    const files = modelFiles(reference);
    const model = await acceptedFiles(files);
    expect(model.bytes).toBe([...files.values()].reduce((n, f) => n + f.length, 0));
    expect(model.sha256).toMatch(/^[0-9a-f]{64}$/);
    files.set(SHARD, files.get(SHARD)?.map((b, i) => (i === 0 ? b ^ 1 : b)) as Uint8Array);
    expect((await acceptedFiles(files)).sha256).not.toBe(model.sha256);
  });

  it('quickly though it lists a hundred thousand weights', async () => {
    const layers = Array.from({ length: 500 }, (_, i) => batchNorm(`bn${i}`, 2));
    const { json, shard } = writeModel(stack(...layers));
    const extra = 100_000;
    for (let i = 0; i < extra; i++) json.weightsManifest[0].weights.push({ name: `unused/w${i}/x`, shape: [1], dtype: 'float32' });
    const bytes = new Uint8Array(shard.length + 4 * extra);
    bytes.set(shard);
    const files = new Map([
      ['model.json', jsonBytes(json)],
      [SHARD, bytes],
    ]);
    const started = performance.now();
    const model = await acceptedFiles(files);
    expect(model.graph.params).toBe(2000);
    expect(performance.now() - started).toBeLessThan(5000); // 0.3 s here; looking every name up in the list takes a minute
  });
});

describe('a model and a board', () => {
  const forBoard = (shape: number[], classes: number) =>
    accepted(sequential(shape, [plain('Flatten', 'flat'), dense('fc', [shape.reduce((a, b) => a * b), classes])]));

  it('fit if input and classes agree', async () => {
    expect(boardReasons(await forBoard([28, 28, 1], 10), DATASETS['fashion-mnist'])).toEqual([]);
    expect(boardReasons(await forBoard([32, 32, 3], 10), DATASETS['cifar-10'])).toEqual([]);
  });

  it('do not fit if they differ; every reason is given', async () => {
    expect(boardReasons(await forBoard([32, 32, 3], 100), DATASETS['fashion-mnist'])).toEqual([
      'model.json: the input has shape [32,32,3]; Fashion-MNIST has images of [28,28,1]',
      'layer fc: the output has shape [100]; Fashion-MNIST has 10 classes',
    ]);
  });

  it('do not fit if the output is an image', async () => {
    const model = await accepted(sequential([28, 28, 1], [conv('c', [28, 28, 1, 10])]));
    expect(boardReasons(model, DATASETS['fashion-mnist'])).toEqual([
      'layer c: the output has shape [1,1,10]; Fashion-MNIST has 10 classes',
    ]);
  });

  it.each(['fmnist_st', 'fmnist_at'])('fit for the reference model %s', async (name) => {
    const read = (file: string) => readFile(`lib/testing/models/${name}/${file}`);
    const model = await acceptedFiles(
      new Map([
        ['model.json', await read('model.json')],
        [SHARD, await read(SHARD)],
      ]),
    );
    expect(boardReasons(model, DATASETS['fashion-mnist'])).toEqual([]);
    expect(model.feature).toEqual({ name: 'gap', dim: 128 });
    expect(model.graph.params).toBe(98_682 + 2); // the network's, and scale and shift of the normalisation before it
  });
});
