import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUNDLED_MODELS } from './bundled-models';
import { BOARDS, type Board } from './protocol/boards';
import { openSurrogate, surrogateFor } from './surrogates';

const board = (id: string) => BOARDS.get(id) as Board;
const sha256Of = (id: string) => BUNDLED_MODELS.find((model) => model.id === id)?.sha256 as string;
const filesOf = async (id: string) =>
  new Map(readdirSync(`public/models/${id}`).map((file) => [file, new Uint8Array(readFileSync(`public/models/${id}/${file}`))]));

it.each([
  ['glyphs/linf', 'glyphs_at', 'glyphs_trades'],
  ['fashion-mnist/linf', 'fmnist_at', 'fmnist_trades'],
  ['fashion-mnist/l2', 'fmnist_at', 'fmnist_trades'],
])('on %s checks climb on %s, for that one on %s', async (id, first, second) => {
  expect(surrogateFor(board(id), 'x')).toMatchObject({ id: first, dataset: board(id).dataset });
  expect((await openSurrogate(board(id), 'x', filesOf)).named).toBe(sha256Of(first));
  expect(surrogateFor(board(id), sha256Of(first))).toMatchObject({ id: second, dataset: board(id).dataset });
});

it('where there is none, it says so', () => {
  expect(surrogateFor(board('cifar-10/linf'), 'x')).toEqual({ notRun: 'no surrogate is pinned for cifar-10/linf' });
});

it('files that are not those that are pinned are refused', async () => {
  const other = async () => filesOf('fmnist_st');
  await expect(openSurrogate(board('glyphs/linf'), 'x', other)).rejects.toMatchObject({ code: 'data-damaged' });
});
