/**
 * The reference values: a folder of JSON and binary files beside the checkout, named by SIMPLEXITY_REFERENCE, made by
 * running the published programs (its README says how). Tests that need it are skipped, and listed, where it is absent.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { AutoAttackId, Condition } from '../attacks/catalogue';
import { DATASETS, type DataSource, type DatasetId } from '../data/datasets';
import { openDataset } from '../data/node-source';

const { SIMPLEXITY_REFERENCE, DATASETS_DIR } = process.env;
export const hasReference = [SIMPLEXITY_REFERENCE, DATASETS_DIR].every((dir) => dir && existsSync(dir));

export const REFERENCE_MODELS = ['fmnist_st', 'fmnist_at', 'cifar_st'] as const;
export type ReferenceModel = (typeof REFERENCE_MODELS)[number];
type Subset = 'train2000' | 'test500';
export type ReferenceAttack = 'pgd_linf' | 'targeted_linf' | 'pgd_l2' | 'gaussian' | 'linf_sign';

/** How the reference names our conditions. */
export const REFERENCE_NAMES: Record<Exclude<Condition, 'pgd-margin' | 'joint' | AutoAttackId>, 'clean' | ReferenceAttack> = {
  clean: 'clean',
  'pgd-10': 'pgd_linf',
  targeted: 'targeted_linf',
  gaussian: 'gaussian',
  sign: 'linf_sign',
};

export interface ReferenceCollapse {
  nc1: number;
  nc2_norm_M: number;
  nc2_norm_W: number;
  nc2_angle_M: number;
  nc2_angle_W: number;
  nc3: number;
  nc4: number;
}
interface Binary {
  file: string;
  shape: [number, number, number, number];
}
interface Trace {
  ce_per_forward: number[][];
}
interface Outcome {
  accuracy: number;
  n_correct: number;
  pred: number[];
}
interface AttackOutcome extends Outcome {
  loss_mean_true_label: number;
  linf_max: number;
  l2_max: number;
  target_success_rate?: number;
  adv_first16: Binary;
}
interface Similarity {
  dist_abs: number[];
  angle_abs: number[];
  dist_centred: number[];
  angle_centred: number[];
  muG_dist: number;
  muG_angle: number;
}
export interface Golden {
  subsets: Record<Subset, { labels: number[] }>;
  clean: Record<Subset, Outcome & { loss_mean: number }>;
  logits32: {
    labels: number[];
    images: Binary;
    logits: number[][];
    features: number[][];
    ce_per_sample: number[];
    ce_input_grad_gaussian_adv_sample0: number[];
  };
  attacks: Record<ReferenceAttack, Record<Subset, AttackOutcome>>;
  traces8: Record<'pgd_linf' | 'targeted_linf' | 'pgd_l2', Trace>;
  nc: Record<
    Subset,
    Record<
      string,
      {
        recomputed_float64: ReferenceCollapse & { tr_ratio: number; rank_Sb: number };
        /** Row by row above the diagonal. */
        pairwise_cos_centred_means_upper: number[];
      }
    >
  >;
  simplex_similarity: Record<Subset, Record<string, Similarity>>;
  layerwise: {
    layers: string[];
    values: Record<
      string,
      Record<Subset, Record<string, { dim: number; tr_Sw: number; tr_Sb: number; nc1_pinv: number; ncc_accuracy: number }>>
    >;
  };
}
export interface GoldenExtra {
  runs: Record<
    string,
    Omit<Outcome, 'n_correct'> & {
      eps: number;
      alpha: number;
      iters: number;
      targeted: boolean;
      loss_mean_true_label: number;
      target_success_rate: number | null;
      nc: ReferenceCollapse;
    }
  >;
}

const inReference = (...parts: string[]) => path.join(SIMPLEXITY_REFERENCE ?? '', ...parts);
const readJson = (file: string) => JSON.parse(readFileSync(inReference(file), 'utf8'));

export const golden = (model: ReferenceModel): Golden => readJson(`golden_${model}.json`);
export const goldenExtra = (model: ReferenceModel): GoldenExtra => readJson(`golden_extra_${model}.json`);

export function referenceArray({ file }: Binary): Float32Array {
  const bytes = readFileSync(inReference(file));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

export function referenceFiles(model: ReferenceModel): Map<string, Uint8Array> {
  const read = (file: string) => new Uint8Array(readFileSync(inReference('models', model, file)));
  return new Map(['model.json', 'group1-shard1of1.bin'].map((file) => [file, read(file)]));
}

export const datasetOf = (model: ReferenceModel): DatasetId => (model === 'cifar_st' ? 'cifar-10' : 'fashion-mnist');

/** The images that the reference was made on. */
export function referenceData(model: ReferenceModel): Promise<DataSource & { close(): Promise<void> }> {
  return openDataset({ dataset: DATASETS[datasetOf(model)], directory: DATASETS_DIR, cache: path.resolve('.cache/datasets') });
}
