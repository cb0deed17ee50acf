import { describe, expect, it } from 'vitest';
import { Options } from './options';

const read = (...argv: string[]) => {
  const options = Options.read(argv, { texts: ['name', 'count', 'rate', 'colour', 'board'], flags: ['quiet'] });
  if (options === 'help') throw new Error('expected options');
  return options;
};

describe('options', () => {
  it('are what was given, or what is assumed', () => {
    const some = read('--name', ' a b ', '--count', '7', '--rate', '.5', '--colour', 'red', '--board', 'glyphs/linf', '--quiet');
    expect([
      some.text('name'),
      some.whole('count', 1, 9, 3),
      some.decimal('rate', 0, 1, 0.1),
      some.oneOf('colour', ['red', 'blue']),
    ]).toEqual(['a b', 7, 0.5, 'red']);
    expect([some.board('board').id, some.flag('quiet')]).toEqual(['glyphs/linf', true]);
    const none = read('--name', '');
    expect([none.text('name'), none.whole('count', 1, 9, undefined), none.decimal('rate', 0, 1, 0.1), none.flag('quiet')]).toEqual([
      ...[undefined, undefined, 0.1, false],
    ]);
    expect(none.oneOf('colour', ['red', 'blue'], 'blue')).toBe('blue');
  });

  it('ask for help whatever else is there', () => {
    expect(Options.read(['-h'], { texts: ['name'] })).toBe('help');
    expect(Options.read(['--name', 'x', '--help'], { texts: ['name'] })).toBe('help');
  });

  it.each<[string, () => unknown]>([
    ['--name is missing: a word', () => read().needed('name', 'a word')],
    ['--count must be a whole number from 1 to 9, got 10', () => read('--count', '10').whole('count', 1, 9, 1)],
    ['--count must be a whole number from 1 to 9, got 1e0', () => read('--count', '1e0').whole('count', 1, 9, 1)],
    ['--rate must be a number from 0 to 1, got 2', () => read('--rate', '2').decimal('rate', 0, 1, 0)],
    ['--rate must be a number from 0 to 1, got -1', () => read('--rate', '-1').decimal('rate', 0, 1, 0)],
    ['--count must be a whole number from 1 to 9, got -.5', () => read('--quiet', '--count', '-.5').whole('count', 1, 9, 1)],
    ['--rate must be a number above 0 and at most 1, got 0', () => read('--rate', '0').decimal('rate', 0, 1, 1, true)],
    ['--colour is missing: one of red, blue', () => read().oneOf('colour', ['red', 'blue'])],
    ['--colour must be one of red, blue, got green', () => read('--colour', 'green').oneOf('colour', ['red', 'blue'])],
  ])('%s', (sentence, work) => {
    expect(work).toThrow(sentence);
    expect(work).toThrow(expect.objectContaining({ code: 'arguments' }));
  });

  it('that nobody declared are named', () => {
    expect(() => read('--nmae', 'x')).toThrow(/--nmae.*; see --help$/);
  });
});
