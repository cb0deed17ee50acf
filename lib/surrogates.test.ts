import { expect, it } from 'vitest';
import { BUNDLED_MODELS } from './bundled-models';
import { BOARDS, type Board } from './protocol/boards';
import { surrogateFor } from './surrogates';

const board = (id: string) => BOARDS.get(id) as Board;

it('boards of data that a bundled model is of have a surrogate', () => {
  expect(surrogateFor(board('fashion-mnist/linf'), 'x')).toMatchObject({ id: 'fmnist_at', dataset: 'fashion-mnist' });
  expect(surrogateFor(board('fashion-mnist/l2'), 'x')).toMatchObject({ id: 'fmnist_at' });
  expect(surrogateFor(board('glyphs/linf'), 'x')).toMatchObject({ id: 'glyphs_st' });
});

it('where there is none, or the model is the surrogate itself, it says why', () => {
  expect(surrogateFor(board('cifar-10/l2'), 'x')).toEqual({ notRun: 'no surrogate is pinned for cifar-10/l2' });
  const { sha256 } = BUNDLED_MODELS.find(({ id }) => id === 'fmnist_at') as { sha256: string };
  expect(surrogateFor(board('fashion-mnist/l2'), sha256)).toEqual({
    notRun: 'the model is fmnist_at itself, the surrogate of fashion-mnist/l2',
  });
});
