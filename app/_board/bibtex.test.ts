import { expect, it } from 'vitest';
import { BOARDS } from '@/lib/protocol/boards';
import { boardBibtex } from './bibtex';

it('cites a board as it stood on a day, with every brace closed', () => {
  for (const board of BOARDS.values()) {
    const entry = boardBibtex(board, 'https://a.example', new Date('2026-02-03T23:59:00Z'));
    expect(entry.split('{').length).toBe(entry.split('}').length);
    expect(entry).toContain(`url = {https://a.example/boards/${board.id}}`);
  }
  const entry = boardBibtex(
    [...BOARDS.values()].find((b) => b.id === 'cifar-10/linf') as never,
    'https://a.example',
    new Date('2026-02-03T23:59:00Z'),
  );
  expect(entry).toContain('@misc{simplexity-cifar-10-linf-2026-02-03,');
  expect(entry).toContain('{CIFAR-10}, $L_\\infty$, $\\epsilon = 8/255$, protocol 1');
});
