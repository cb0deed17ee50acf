import { expect, it } from 'vitest';
import { readHuntArguments } from './hunt-arguments';

const needed = ['--server', 'https://example.org/', '--token', 'sx_1', '--model', 'a-net', '--board', 'glyphs/linf'];
const read = (...more: string[]) => readHuntArguments([...needed, ...more], {});

it('needs a site, an account, a model and a board', () => {
  expect(read()).toMatchObject({
    server: 'https://example.org',
    token: 'sx_1',
    model: 'a-net',
    board: { id: 'glyphs/linf' },
    rounds: 4,
    seed: 1,
  });
  for (let i = 0; i < needed.length; i += 2) {
    const without = needed.filter((_, n) => n !== i && n !== i + 1);
    expect(() => readHuntArguments(without, {}), needed[i]).toThrow(needed[i]);
  }
  expect(
    readHuntArguments(
      needed.filter((a) => a !== '--token' && a !== 'sx_1'),
      { SIMPLEXITY_TOKEN: 'sx_2' },
    ),
  ).toMatchObject({ token: 'sx_2' });
  expect(readHuntArguments([...needed.filter((a) => a !== '--token' && a !== 'sx_1'), '--out', 'there'], {})).toMatchObject({
    out: 'there',
  });
  expect(readHuntArguments(['--help'], {})).toBe('help');
});

it.each([
  ['--images', '0', '--images must be a whole number from 1 to 100000, got 0'],
  ['--seed', '4294967296', '--seed must be a whole number from 0 to 4294967295'],
  ['--rounds', 'many', '--rounds'],
  ['--backend', 'gpu', '--backend must be one of auto, webgpu, wasm, cpu, got gpu'],
  ['--board', 'mnist/linf', '--board must be one of glyphs/linf'],
])('%s %s is refused with what would be right', (name, value, sentence) => {
  expect(() => read(name, value)).toThrow(sentence);
});

it('a volunteer hunts everywhere, or on one board, and sends what is found', () => {
  const volunteer = (...more: string[]) => readHuntArguments(['--server', 'https://example.org', '--token', 'sx_1', '--all', ...more], {});
  const everywhere = volunteer();
  if (everywhere === 'help') throw new Error('expected arguments');
  expect(everywhere).toMatchObject({ all: true, images: 200 });
  expect(everywhere.boards.length).toBeGreaterThan(5);
  expect(volunteer('--board', 'glyphs/linf', '--images', '7')).toMatchObject({ boards: [{ id: 'glyphs/linf' }], images: 7 });
  expect(() => volunteer('--model', 'a-net')).toThrow('leave out --model');
  expect(() => volunteer('--out', 'there')).toThrow('leave out --out');
});
