/** Models that come with the site: for a first look on the evaluate page, and as the board's baselines. */
import type { DatasetId } from './data/datasets';

export interface BundledModel {
  /** Its folder in public/models, and its name. */
  id: string;
  description: string;
  dataset: DatasetId;
  /** Of all its files. */
  bytes: number;
  /** Of the model, as reports name it. */
  sha256: string;
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
    sha256: '2b983b198ac1c2df87863b4db2c2ba4466cefe8fa472cc6d86270df2a655e2ce',
    recipe: 'ST',
    epsilonTrained: null,
    licence: 'MIT',
  },
  {
    id: 'fmnist_st',
    description: 'A small convolutional network with standard training on Fashion-MNIST. It has collapsed, and breaks.',
    dataset: 'fashion-mnist',
    bytes: 402_030,
    sha256: 'cf3f9ce56a10fe74e823df220e5f729dcb9d782f002e755fcebad8368505c074',
    recipe: 'ST',
    epsilonTrained: null,
    licence: 'MIT',
  },
  {
    id: 'fmnist_at',
    description: 'The same network with adversarial training: a little less accurate, and hard to break.',
    dataset: 'fashion-mnist',
    bytes: 402_030,
    sha256: '63f23edc2fd012d6feaa44cc1545d61f969c57d201a5cc00004357f484621425',
    recipe: 'AT',
    epsilonTrained: 0.1,
    licence: 'MIT',
  },
];

export const modelUrl = (id: string) => `/models/${id}/model.json`;

/** File of a baseline's report on a board, in db/baselines. */
export const baselineFile = (id: string, board: string) => `${id}.${board.replace('/', '.')}.json`;
