import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { type ModelBundle, readBundle } from './bundle';
import { layersModelFiles, type StoredLayer } from './layers-files';
import { readModel } from './preflight';
import { SHARD_BYTES } from './reshard';

const folder = 'public/models/glyphs_st';
const bundled = new Map(['model.json', 'group1-shard1of1.bin'].map((f) => [f, new Uint8Array(readFileSync(`${folder}/${f}`))]));

/** The layers of a Sequential model, as {@link layersModelFiles} takes them. */
function storedLayers({ json, weights }: ModelBundle): StoredLayer[] {
  const { config } = (json.topology as { model_config: { config: { layers: { class_name: string; config: StoredLayer['config'] }[] } } })
    .model_config;
  return config.layers.map((layer) => {
    const { batch_input_shape: _, ...rest } = layer.config as StoredLayer['config'] & { batch_input_shape?: unknown };
    const own = [...weights].filter(([name]) => name.startsWith(`${rest.name}/`));
    return {
      className: layer.class_name,
      config: rest as StoredLayer['config'],
      weights: Object.fromEntries(own.map(([name, tensor]) => [name.split('/')[1], tensor])),
    };
  });
}

it('a model that was read and is written again is the same to the last byte', async () => {
  const bundle = await readBundle(bundled);
  if (!bundle.ok) throw new Error(bundle.reasons.join('\n'));
  const about = JSON.parse(new TextDecoder().decode(bundled.get('model.json'))).userDefinedMetadata;
  const model = {
    name: 'glyphs_st',
    input: [28, 28, 1] as const,
    layers: storedLayers(bundle.value),
    generatedBy: 'simplexity train',
    about,
  };
  expect(layersModelFiles(model)).toEqual(bundled);
});

it('a fork is written as a functional model, and weights above 4 MiB in several files', async () => {
  const dense = (name: string, inputs?: string[]): StoredLayer => ({
    className: 'Dense',
    config: { name, units: 1100, use_bias: false },
    ...(inputs ? { inputs } : {}),
    weights: { kernel: { shape: [1100, 1100], values: new Float32Array(1100 * 1100).fill(name === 'right' ? 2 : 1) } },
  });
  const files = layersModelFiles({
    ...{ name: 'fork', input: [11, 10, 10], generatedBy: 'a test', about: {} },
    layers: [
      { className: 'Flatten', config: { name: 'flat' } },
      dense('left'),
      dense('right', ['flat']),
      { className: 'Add', config: { name: 'sum' }, inputs: ['left', 'right'] },
    ],
  });
  expect([...files.keys()]).toEqual(['model.json', ...[1, 2, 3].map((n) => `group1-shard${n}of3.bin`)]);
  expect(Math.max(...[...files.values()].map((f) => f.length))).toBe(SHARD_BYTES);
  const model = await readModel(files);
  if (!model.ok) throw new Error(model.reasons.join('\n'));
  const { nodes, output, params } = model.value.graph;
  expect(params).toBe(2 * 1100 * 1100);
  expect(nodes[output].inputs.map((i) => nodes[i].name)).toEqual(['left', 'right']);
});
