/** Small models that are read, and why they are refused. */
import { readModel } from '../model/preflight';
import { conv, dense, functional, type KerasLayer, type KerasModel, modelFiles, plain, sequential, type Wire } from './keras-model';

export const INPUT = [6, 6, 2];
export const c = conv('c', [3, 3, 2, 3]);
export const flat = plain('Flatten', 'flat');
export const logits = dense('fc', [48, 4]);

export async function reasonsOf(model: KerasModel): Promise<string[]> {
  const read = await readModel(modelFiles(model));
  return read.ok ? [] : read.reasons;
}
export const stack = (...layers: KerasLayer[]) => sequential(INPUT, layers);
/** A functional model of one convolution, with its config to be changed. */
export function wired(change: (config: FunctionalConfig) => void, wires: Wire[] = [[c, 'input']], output = 'c'): KerasModel {
  const model = structuredClone(functional(INPUT, wires, output));
  change(model.config.config as unknown as FunctionalConfig);
  return model;
}
export interface FunctionalConfig {
  layers: { name: string; class_name: string; config: Record<string, unknown>; inbound_nodes: unknown }[];
  input_layers: unknown;
  output_layers: unknown;
}
