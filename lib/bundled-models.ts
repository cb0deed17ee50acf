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
  /** Arguments of `npm run -s train` that make it again. */
  trained: string;
  licence: string;
}

const GLYPHS_ST = '--board glyphs/linf --mode st --epochs 2 --batch 64 --backend wasm';
/** Ten thousand images for each of the ways of training. */
const fashion = (mode: string) =>
  `--board fashion-mnist/linf --mode ${mode} --train-samples 10000 --batch 64 --lr 0.05 --epochs ${mode === 'st' ? 20 : '8 --warmup 4'} --backend wasm`;

export const BUNDLED_MODELS: readonly BundledModel[] = [
  {
    id: 'glyphs_st',
    description: 'CNN-4 with standard training on drawn glyphs, which need no data file. It names nearly every one, and breaks.',
    ...{ dataset: 'glyphs', recipe: 'ST', epsilonTrained: null, trained: GLYPHS_ST, licence: 'MIT' },
    ...{ bytes: 195_200, sha256: '2b983b198ac1c2df87863b4db2c2ba4466cefe8fa472cc6d86270df2a655e2ce' },
  },
  {
    id: 'fmnist_st',
    description: 'CNN-4 with standard training on Fashion-MNIST. It has collapsed, and breaks.',
    ...{ dataset: 'fashion-mnist', recipe: 'ST', epsilonTrained: null, trained: fashion('st'), licence: 'MIT' },
    ...{ bytes: 196_615, sha256: 'acbd8dd8995a02a143e3e17d07a36dda327ee8b9ea384239385087869ba93315' },
  },
  {
    id: 'fmnist_at',
    description: 'CNN-4 with adversarial training on Fashion-MNIST: less accurate than with standard training, and hard to break.',
    ...{ dataset: 'fashion-mnist', recipe: 'AT', epsilonTrained: 0.1, trained: fashion('at'), licence: 'MIT' },
    ...{ bytes: 195_715, sha256: '19807dfe326c501799c459a2b615b13eedaefa64040515d558b75b00652e4561' },
  },
  {
    id: 'fmnist_trades',
    description: 'CNN-4 with TRADES on Fashion-MNIST: clean accuracy weighed against robustness.',
    ...{ dataset: 'fashion-mnist', recipe: 'TRADES', epsilonTrained: 0.1, trained: fashion('trades'), licence: 'MIT' },
    ...{ bytes: 195_722, sha256: '29cf71a8490e1c52cee9cc64e4303c3b0d0ae03b25f601bf0a84aec592f06a49' },
  },
];

export const modelUrl = (id: string) => `/models/${id}/model.json`;

/** File of a baseline's report on a board, in db/baselines. */
export const baselineFile = (id: string, board: string) => `${id}.${board.replace('/', '.')}.json`;
