/** What is asked of a network that learnt thinned classes or planted squares, after each epoch (lib/probes has the formulas). */
import type { Condition } from '../../lib/attacks/catalogue';
import { DATASETS, type Records } from '../../lib/data/datasets';
import type { Model } from '../../lib/model/preflight';
import { type Head, headOf } from '../../lib/probes/feature-data';
import { type GroupCollapse, groupCollapse } from '../../lib/probes/groups';
import { type Minority, minorityCollapse } from '../../lib/probes/minority';
import { type DynamicsOptions, dynamicsOf } from '../../lib/protocol/dynamics';
import { plantShortcut } from '../../lib/training/shortcut';
import type { LabRequest } from './lab-request';

export interface SetProbes {
  /** Where classes 5 – 9 are thinned: mean cosines, −1 … 1, of the measured images. */
  minority?: Pick<Minority, 'weights' | 'means' | 'simplex'>;
  /** Where squares are planted: what the same images do when their squares name other classes. */
  groups?: Pick<GroupCollapse, 'followed' | 'cosine'>;
}

interface Measured {
  /** The measured images as the network learnt them, and their clean features. */
  labels: Uint8Array;
  features: Float32Array;
  /** The same images as they are, without squares. */
  plain: Records;
}

export async function setProbes(
  model: Model,
  { set = 'plain', seed }: Pick<LabRequest, 'set' | 'seed'>,
  { labels, features, plain }: Measured,
  options: DynamicsOptions,
): Promise<SetProbes> {
  const { result: head } = headOf(model.graph);
  if (!head) return {};
  if (set === 'imbalanced') {
    const { result } = minorityCollapse(head, { features, labels });
    return result ? { minority: { weights: result.weights, means: result.means, simplex: result.simplex } } : {};
  }
  if (set === 'plain') return {};
  const { shape } = DATASETS.glyphs;
  const planted = plantShortcut(plain, { classes: head.classes, shape, share: 0, seed, split: 'train' });
  const of = async (records: Records) => {
    const found = await cleanFeatures(model, records, options);
    return { features: found, labels: records.labels, predictions: named(found, head) };
  };
  const { result } = groupCollapse(await of(plain), { ...(await of(planted.records)), attributes: planted.attributes }, head.classes);
  return result ? { groups: { followed: result.followed, cosine: result.cosine } } : {};
}

async function cleanFeatures(model: Model, records: Records, options: DynamicsOptions): Promise<Float32Array> {
  let found = new Float32Array();
  await dynamicsOf(model, records, {
    ...{ ...options, conditions: ['clean'], byLayer: [] },
    onFeatures(_: Condition, features) {
      found = features as Float32Array<ArrayBuffer>;
    },
  });
  return found;
}

/** The class of the greatest logit Wᵀh + b of each image. */
function named(features: Float32Array, { dim, classes, kernel, bias }: Head): Uint8Array {
  return Uint8Array.from({ length: features.length / dim }, (_, n) => {
    let [best, most] = [0, -Infinity];
    for (let c = 0; c < classes; c++) {
      let logit = bias?.[c] ?? 0;
      for (let i = 0; i < dim; i++) logit += features[n * dim + i] * kernel[i * classes + c];
      if (logit > most) [best, most] = [c, logit];
    }
    return best;
  });
}
