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
const ROBUST = '--epochs 8 --warmup 4';
/** On ten thousand images. */
const trainedOn = (board: string, mode: string, length = ROBUST) =>
  `--board ${board} --mode ${mode} --train-samples 10000 --batch 64 --lr 0.05 ${length} --backend wasm`;
const glyphs = (mode: string) => trainedOn('glyphs/linf', mode);
const fashion = (mode: string) => trainedOn('fashion-mnist/linf', mode, mode === 'st' ? '--epochs 20' : ROBUST);

export const BUNDLED_MODELS: readonly BundledModel[] = [
  {
    id: 'glyphs_st',
    description: 'CNN-4 with standard training on drawn glyphs, which need no data file. It names nearly every one, and breaks.',
    ...{ dataset: 'glyphs', recipe: 'ST', epsilonTrained: null, trained: GLYPHS_ST, licence: 'MIT' },
    ...{ bytes: 195_200, sha256: '2b983b198ac1c2df87863b4db2c2ba4466cefe8fa472cc6d86270df2a655e2ce' },
  },
  {
    id: 'glyphs_at',
    description: 'CNN-4 with adversarial training on drawn glyphs: fewer right when clean, and a share of them holds.',
    ...{ dataset: 'glyphs', recipe: 'AT', epsilonTrained: 0.1, trained: glyphs('at'), licence: 'MIT' },
    ...{ bytes: 195_699, sha256: '737f557c05f3f4179f8ed55aadffb2509e00dbd840927433ff73dd9c763fe4c2' },
  },
  {
    id: 'glyphs_trades',
    description: 'CNN-4 with TRADES on drawn glyphs: clean accuracy weighed against what holds.',
    ...{ dataset: 'glyphs', recipe: 'TRADES', epsilonTrained: 0.1, trained: glyphs('trades'), licence: 'MIT' },
    ...{ bytes: 195_709, sha256: '6ba4a97da2340a7ada0b3d36c60a7ff19dd17d68ae183fcf2cf15c15b3fe6c1c' },
  },
  {
    id: 'fmnist_st',
    description: 'CNN-4 with standard training on Fashion-MNIST: accurate, the most collapsed of the three, and broken by every attack.',
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
