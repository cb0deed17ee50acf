/** The weights of an earlier model as the beginning of a training; only of a network that is the same layer by layer. */
import * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import { type Checked, type ModelBundle, readBundle, refuse, refuseFor } from '../model/bundle';
import type { WrittenLayer } from './layer';
import type { PixelStatistics } from './layers/normalize';
import type { TrainableNetwork } from './network';

const sequentialSchema = z.object({
  class_name: z.literal('Sequential'),
  config: z.object({ layers: z.array(z.object({ class_name: z.string(), config: z.record(z.string(), z.unknown()) })).min(1) }),
});
const topologySchema = z.union([z.object({ model_config: sequentialSchema }).transform((t) => t.model_config), sequentialSchema]);

export interface StartingModel {
  bundle: ModelBundle;
  layers: { class_name: string; config: Record<string, unknown> }[];
  /** Of its first layer, if that normalises pixels. */
  pixels?: PixelStatistics;
}

export async function readStartingModel(files: ReadonlyMap<string, Uint8Array>): Promise<Checked<StartingModel>> {
  const bundle = await readBundle(files);
  if (!bundle.ok) return bundle;
  const { json, weights } = bundle.value;
  const parsed = topologySchema.safeParse(json.topology);
  if (json.format !== 'layers-model' || !parsed.success)
    return refuse('model.json must be a Sequential layers model, as this command writes it');
  const { layers } = parsed.data.config;
  const [mean, variance] = ['moving_mean', 'moving_variance'].map((role) => weights.get(`${layers[0].config.name}/${role}`)?.values);
  const pixels = mean && variance && { mean: [...mean], deviation: Array.from(variance, Math.sqrt) };
  return { ok: true, value: { bundle: bundle.value, layers, ...(pixels ? { pixels } : {}) } };
}

/** A layer as it would be written, its weights by their shapes. */
type Described = Pick<WrittenLayer, 'className' | 'config'> & { weights: [name: string, shape: readonly number[]][] };

function describe(network: TrainableNetwork): Described[] {
  const described: Described[] = [];
  tf.tidy(() => {
    for (const { className, config, weights = {} } of network.layers.flatMap((l) => l.written())) {
      const shapes = Object.entries(weights).map(([role, t]): Described['weights'][number] => [`${config.name}/${role}`, t.shape]);
      described.push({ className, config, weights: shapes });
    }
  });
  return described;
}

/** What makes no difference to the numbers. */
const INDIFFERENT = ['trainable', 'dtype'];
const article = (word: string) => (/^[AEIOU]/.test(word) ? 'an' : 'a');

/** The first difference of a layer from the one that stands there in the network, if there is one. */
function layerReason(found: StartingModel['layers'][number], { className, config }: Described, number: number): string | undefined {
  if (found.class_name !== className)
    return `model.json: layer ${number} is ${article(found.class_name)} ${found.class_name}; ${article(className)} ${className} is expected`;
  for (const [field, value] of Object.entries(config)) {
    const [theirs, ours] = [JSON.stringify(found.config[field]), JSON.stringify(value)];
    if (!INDIFFERENT.includes(field) && theirs !== ours)
      return `model.json: layer ${number} (${config.name}) has ${field} ${theirs ?? 'not given'}; ${ours} is expected`;
  }
  return undefined;
}

/** Puts the model's weights and moving averages into a network, or names what differs and changes nothing. */
export function startFrom(network: TrainableNetwork, { bundle, layers }: StartingModel): Checked<undefined> {
  const written = describe(network);
  if (layers.length !== written.length) return refuse(`model.json has ${layers.length} layers; ${written.length} are expected`);
  const input = JSON.stringify([null, ...network.inputShape]);
  const shape = JSON.stringify(layers[0].config.batch_input_shape);
  if (shape !== input) return refuse(`model.json: layer 1 has batch_input_shape ${shape ?? 'not given'}; ${input} is expected`);
  for (const [i, layer] of written.entries()) {
    const reason = layerReason(layers[i], layer, i + 1);
    if (reason) return refuse(reason);
  }
  const reasons = written
    .flatMap((l) => l.weights)
    .flatMap(([name, size]) => {
      const have = bundle.weights.get(name)?.shape;
      if (!have) return [`weight ${name} is missing`];
      return String(have) === String(size) ? [] : [`weight ${name} has shape [${have}]; [${size}] is expected`];
    });
  if (reasons.length) return refuseFor(reasons);

  const values = (name: string) => bundle.weights.get(name)?.values as Float32Array;
  for (const parameter of network.parameters) {
    const old = parameter.value;
    parameter.value = tf.keep(tf.tensor(values(parameter.name).slice(), old.shape));
    old.dispose();
  }
  for (const layer of network.layers) layer.restoreAverages?.((role) => values(`${layer.name}/${role}`));
  return { ok: true, value: undefined };
}
