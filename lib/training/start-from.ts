/** The weights of an earlier model as the beginning of a training; only of a network that is the same layer by layer. */
import * as tf from '@tensorflow/tfjs-core';
import { type Checked, refuse, refuseFor } from '../model/bundle';
import { IMAGE_NAME } from '../model/layers-files';
import { type WrittenLayer, writtenLayers } from './layer';
import type { TrainableNetwork } from './network';
import type { StartingLayer, StartingModel } from './starting-model';

/** A layer as it would be written, its weights by their shapes. */
type Described = Required<Pick<WrittenLayer, 'className' | 'config' | 'inputs'>> & { weights: [name: string, shape: readonly number[]][] };

function describe(network: TrainableNetwork): Described[] {
  const described: Described[] = [];
  tf.tidy(() => {
    for (const { className, config, inputs, weights = {} } of writtenLayers(network.layers, IMAGE_NAME)) {
      const shapes = Object.entries(weights).map(([role, t]): Described['weights'][number] => [`${config.name}/${role}`, t.shape]);
      described.push({ className, config, inputs: inputs ?? [described.at(-1)?.config.name ?? IMAGE_NAME], weights: shapes });
    }
  });
  return described;
}

/** What makes no difference to the numbers. */
const INDIFFERENT = ['trainable', 'dtype'];
const article = (word: string) => (/^[AEIOU]/.test(word) ? 'an' : 'a');

/** The first difference of a layer from the one that stands there in the network, if there is one. */
function layerReason(found: StartingLayer, { className, config, inputs }: Described, number: number): string | undefined {
  if (found.class_name !== className)
    return `model.json: layer ${number} is ${article(found.class_name)} ${found.class_name}; ${article(className)} ${className} is expected`;
  for (const [field, value] of Object.entries(config)) {
    const [theirs, ours] = [JSON.stringify(found.config[field]), JSON.stringify(value)];
    if (!INDIFFERENT.includes(field) && theirs !== ours)
      return `model.json: layer ${number} (${config.name}) has ${field} ${theirs ?? 'not given'}; ${ours} is expected`;
  }
  if (String(found.inputs) !== String(inputs))
    return `model.json: layer ${number} (${config.name}) reads ${found.inputs.join(' and ')}; ${inputs.join(' and ')} ${inputs.length > 1 ? 'are' : 'is'} expected`;
  return undefined;
}

/** Puts the model's weights and moving averages into a network, or names what differs and changes nothing. */
export function startFrom(network: TrainableNetwork, { bundle, layers, batchInputShape }: StartingModel): Checked<undefined> {
  const written = describe(network);
  if (layers.length !== written.length) return refuse(`model.json has ${layers.length} layers; ${written.length} are expected`);
  const input = JSON.stringify([null, ...network.inputShape]);
  const shape = JSON.stringify(batchInputShape);
  if (shape !== input) return refuse(`model.json: the first layer has batch_input_shape ${shape ?? 'not given'}; ${input} is expected`);
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
  for (const layer of network.layers) layer.restoreAverages?.(values);
  return { ok: true, value: undefined };
}
