/** What an evaluation goes through, in order, and whether the data suffice for it; known before anything is measured. */
import { COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import { DATASETS, type DataSource, type SplitInfo } from '../data/datasets';
import { Failure } from '../failure';
import type { Split } from '../random';
import type { Board } from './boards';
import type { EvaluationRequest } from './evaluate';
import { layerBytes } from './layer-stage';
import { layersMemory, MAX_LAYERS_MEMORY, trainConditionsOf } from './plan';
import { type Probe, probesOf } from './probes';

export interface Stages {
  /** Conditions of the test part. */
  test: Condition[];
  /** After them, what checks and curves ask for. */
  probes: Probe[];
  /** Conditions of the training part, which collapse is measured on. */
  train: Condition[];
  /** Test conditions that are looked at again layer by layer; empty where no layers are measured. */
  layers: Condition[];
  /** Why there is no collapse. */
  withoutCollapse?: string;
}

/** Throws where layer by layer would not fit into memory. */
export function stagesOf(request: EvaluationRequest): Stages {
  const { model, board, attacks, samples, trainSamples, layers } = request;
  const test: Condition[] = samples > 0 ? ['clean', ...attacks] : [];
  const withoutCollapse =
    'missing' in model.feature ? model.feature.missing : trainSamples > 0 ? undefined : 'no training images were asked for';
  const train = withoutCollapse === undefined ? trainConditionsOf(attacks) : [];
  const withLayers = layers && train.length > 0;
  const memory = withLayers ? layersMemory({ dataset: board.dataset, attacks, samples, trainSamples }, layerBytes(model)) : 0;
  if (memory > MAX_LAYERS_MEMORY) {
    const [means, need, most] = [layerBytes(model), memory, MAX_LAYERS_MEMORY].map((bytes) => (bytes / 2 ** 30).toFixed(1));
    const parts = `class means of all layers ${means} GB, with the perturbed images ${need} GB`;
    throw new Failure(
      'arguments',
      `layer by layer would need too much memory (${parts}; ${most} GB is the most): measure fewer images, or without layers`,
    );
  }
  return {
    test,
    probes: probesOf(request),
    train,
    layers: withLayers ? test.filter((c) => COLLAPSE_CONDITIONS.includes(c)) : [],
    ...(withoutCollapse === undefined ? {} : { withoutCollapse }),
  };
}

/** What the data source says of a split; throws where it has fewer records than are asked for. */
export async function splitOf(data: DataSource, board: Board, split: Split, wanted: number): Promise<SplitInfo> {
  const { sha256, records, official } = await data.info(split);
  if (wanted > records) {
    const { title } = DATASETS[board.dataset];
    throw new Failure('arguments', `the ${split} split of ${title} has ${records} records here, ${wanted} were asked for`);
  }
  return { sha256, records, official };
}
