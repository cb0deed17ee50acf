/** Which network the transfer attack climbs on, board by board: a bundled one of the same data, pinned by its digest. */
import { BUNDLED_MODELS, type BundledModel } from './bundled-models';
import type { Board } from './protocol/boards';

/** Adversarially trained ones where there are any: their points transfer to robust and to plain networks alike. */
const PINNED: Partial<Record<Board['dataset'], string>> = { glyphs: 'glyphs_st', 'fashion-mnist': 'fmnist_at' };

/** `notRun`: why there is none for this board and this model. */
export function surrogateFor({ id, dataset }: Pick<Board, 'id' | 'dataset'>, sha256: string): BundledModel | { notRun: string } {
  const pinned = BUNDLED_MODELS.find((model) => model.id === PINNED[dataset]);
  if (!pinned) return { notRun: `no surrogate is pinned for ${id}` };
  return pinned.sha256 === sha256 ? { notRun: `the model is ${pinned.id} itself, the surrogate of ${id}` } : pinned;
}
