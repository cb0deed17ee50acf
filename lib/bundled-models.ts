/** Models that come with the site: for a first look on the evaluate page, and as the board's baselines. */
import type { DatasetId } from './data/datasets';

export interface BundledModel {
  /** Its folder in public/models, and its name. */
  id: string;
  description: string;
  dataset: DatasetId;
  /** Of all its files. */
  bytes: number;
  recipe: 'ST' | 'AT' | 'TRADES';
  /** Radius of adversarial training in pixel units; null for standard training. */
  epsilonTrained: number | null;
  licence: string;
}

export const BUNDLED_MODELS: readonly BundledModel[] = [
  {
    // npm run -s train -- --board glyphs/linf --mode st --epochs 2 --batch 64 --seed 20231107 --backend wasm --out DIR
    id: 'glyphs_st',
    description: 'A smaller network with standard training on drawn glyphs, made here by npm run train; it needs no data file.',
    dataset: 'glyphs',
    bytes: 195_200,
    recipe: 'ST',
    epsilonTrained: null,
    licence: 'MIT',
  },
  {
    id: 'fmnist_st',
    description: 'A small convolutional network with standard training on Fashion-MNIST. It has collapsed, and breaks.',
    dataset: 'fashion-mnist',
    bytes: 402_030,
    recipe: 'ST',
    epsilonTrained: null,
    licence: 'MIT',
  },
  {
    id: 'fmnist_at',
    description: 'The same network with adversarial training: a little less accurate, and hard to break.',
    dataset: 'fashion-mnist',
    bytes: 402_030,
    recipe: 'AT',
    epsilonTrained: 0.1,
    licence: 'MIT',
  },
];

export const modelUrl = (id: string) => `/models/${id}/model.json`;

/** File of a baseline's report on a board, in db/baselines. */
export const baselineFile = (id: string, board: string) => `${id}.${board.replace('/', '.')}.json`;
