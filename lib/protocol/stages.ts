/** What an evaluation goes through, in order, and whether the data suffice for it; known before anything is measured. */
import { COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import { DATASETS, type DataSource, type SplitInfo } from '../data/datasets';
import { Failure } from '../failure';
import type { Split } from '../random';
import type { Board } from './boards';
import type { EvaluationRequest } from './evaluate';
import { layerBytes, MAX_LAYER_BYTES } from './layer-stage';
import { trainConditionsOf } from './plan';

export interface Stages {
  /** Conditions of the test part. */
  test: Condition[];
  /** Conditions of the training part, which collapse is measured on. */
  train: Condition[];
  /** Test conditions that are looked at again layer by layer; empty where no layers are measured. */
  layers: Condition[];
  /** Why there is no collapse. */
  withoutCollapse?: string;
}

/** Throws where the layers' class means would not fit into memory. */
export function stagesOf({ model, attacks, samples, trainSamples, layers }: EvaluationRequest): Stages {
  const test: Condition[] = samples > 0 ? ['clean', ...attacks] : [];
  const withoutCollapse =
    'missing' in model.feature ? model.feature.missing : trainSamples > 0 ? undefined : 'no training images were asked for';
  const train = withoutCollapse === undefined ? trainConditionsOf(attacks) : [];
  const withLayers = layers && train.length > 0;
  if (withLayers && layerBytes(model) > MAX_LAYER_BYTES) {
    const [need, most] = [layerBytes(model), MAX_LAYER_BYTES].map((bytes) => (bytes / 2 ** 30).toFixed(1));
    const classes = model.graph.nodes[model.graph.output].shape[0];
    throw new Failure(
      'arguments',
      `${classes} class means of all layers would take ${need} GB, ${most} GB is the most; measure this model without layers`,
    );
  }
  return {
    test,
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
