/** Which network the transfer attack climbs on, board by board: one that comes with the site, of the same data, pinned by its digest. */
import { BUNDLED_MODELS, type BundledModel } from './bundled-models';
import { Failure } from './failure';
import { readModel } from './model/preflight';
import type { Board } from './protocol/boards';

/** Adversarially trained ones: their points transfer to robust and to plain networks alike. The second is for the first itself. */
const PINNED: Partial<Record<Board['dataset'], readonly string[]>> = {
  glyphs: ['glyphs_at', 'glyphs_trades'],
  'fashion-mnist': ['fmnist_at', 'fmnist_trades'],
};

/** `notRun`: why there is none for this board and this model. */
export function surrogateFor({ id, dataset }: Pick<Board, 'id' | 'dataset'>, sha256: string): BundledModel | { notRun: string } {
  const ids = PINNED[dataset];
  if (!ids) return { notRun: `no surrogate is pinned for ${id}` };
  const other = ids.flatMap((name) => BUNDLED_MODELS.find((model) => model.id === name && model.sha256 !== sha256) ?? [])[0];
  return other ?? { notRun: `the model is ${ids[0]} itself, the surrogate of ${id}` };
}

export interface Surrogate {
  /** For the request: its digest, or why there is none. */
  named: string | { notRun: string };
  /** For the laboratory. */
  files?: ReadonlyMap<string, Uint8Array>;
}

/** `read`: the files of a bundled model. Throws where they are not those that are pinned. */
export async function openSurrogate(
  board: Board,
  sha256: string,
  read: (id: string) => Promise<ReadonlyMap<string, Uint8Array>>,
): Promise<Surrogate> {
  const pinned = surrogateFor(board, sha256);
  if ('notRun' in pinned) return { named: pinned };
  const files = await read(pinned.id);
  const model = await readModel(files);
  if (!model.ok || model.value.sha256 !== pinned.sha256)
    throw new Failure('data-damaged', `${pinned.id}, which the checks climb on, is not the model ${pinned.sha256} that is pinned`);
  return { named: pinned.sha256, files };
}
