import { expect, it } from 'vitest';
import { BOARDS, DEFAULT_SEED, PROTOCOL } from './boards';

const PUBLISHED = [
  ['glyphs/linf', 'glyphs', 'linf', 0.1, 0.02],
  ['fashion-mnist/linf', 'fashion-mnist', 'linf', 0.1, 0.02],
  ['fashion-mnist/l2', 'fashion-mnist', 'l2', 1.5, 0.25],
  ['cifar-10/linf', 'cifar-10', 'linf', 8 / 255, 2 / 255],
  ['cifar-10/l2', 'cifar-10', 'l2', 128 / 255, 15 / 255],
  ['cifar-100/linf', 'cifar-100', 'linf', 8 / 255, 2 / 255],
  ['cifar-100/l2', 'cifar-100', 'l2', 128 / 255, 15 / 255],
  ['imagenette/linf', 'imagenette', 'linf', 8 / 255, 2 / 255],
  ['imagenette/l2', 'imagenette', 'l2', 128 / 255, 15 / 255],
] as const;

it.each(PUBLISHED)('%s has the published norm, radius, step and count', (id, dataset, norm, epsilon, alpha) => {
  expect(BOARDS.get(id)).toMatchObject({ id, dataset, norm, epsilon, alpha, steps: 10 });
});

it('has the boards in the published order, the one without data files first', () => {
  expect([...BOARDS.keys()]).toEqual(PUBLISHED.map(([id]) => id));
});

it('writes each radius as people do', () => {
  for (const board of BOARDS.values()) {
    const [top, bottom = '1'] = board.epsilonLabel.split('/');
    expect(Number(top) / Number(bottom)).toBe(board.epsilon);
    expect(board.id).toBe(`${board.dataset}/${board.norm}`);
  }
});

it('is protocol 1 with the published seed', () => {
  expect(PROTOCOL).toBe('1');
  expect(DEFAULT_SEED).toBe(20231107);
});
