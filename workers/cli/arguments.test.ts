import { describe, expect, it } from 'vitest';
import { LEVEL_ATTACKS } from '../../lib/attacks/catalogue';
import { BOARDS } from '../../lib/protocol/boards';
import { type EvaluateArguments, HELP, readArguments } from './arguments';

const needed = ['--model', 'm', '--board', 'fashion-mnist/linf'];
const read = (...more: string[]) => readArguments([...needed, ...more]) as EvaluateArguments;

it('has the published defaults', () => {
  expect(read()).toEqual({
    model: 'm',
    board: BOARDS.get('fashion-mnist/linf'),
    level: 'pgd',
    attacks: [...LEVEL_ATTACKS.pgd],
    samples: 500,
    trainSamples: 2000,
    batch: 100,
    seed: 20231107,
    restarts: 1,
    layers: false,
    checks: false,
    curves: false,
    backend: 'auto',
    merge: [],
    quiet: false,
  });
});

it('takes a file to resume from, shares and what they are merged into', () => {
  expect(read('--resume', 'a.part', '--merge', 'b.part,c.part')).toMatchObject({ resume: 'a.part', merge: ['b.part', 'c.part'] });
  expect(read('--resume', 'a.part', '--from', '100')).toMatchObject({ share: { from: 100, count: 400 } });
  expect(read('--resume', 'a.part', '--count', '50')).toMatchObject({ share: { from: 0, count: 50 } });
  expect(read('--resume', 'a.part', '--samples', '0', '--from', '1900', '--count', '100')).toMatchObject({
    share: { from: 1900, count: 100 },
  });
});

it('takes every option', () => {
  const all = '--attacks pgd-10,sign --samples 0 --train-samples 7 --batch 3 --seed 4294967295 --restarts 2 --layers --backend cpu'.split(
    ' ',
  );
  expect(read(...all, '--workers', '4', '--data', 'd', '--out', 'o', '--evidence', 'e', '--quiet')).toMatchObject({
    attacks: ['pgd-10', 'sign'],
    samples: 0,
    trainSamples: 7,
    batch: 3,
    seed: 4294967295,
    restarts: 2,
    layers: true,
    backend: 'cpu',
    workers: 4,
    data: 'd',
    out: 'o',
    evidence: 'e',
    quiet: true,
  });
  expect(read('--samples=12').samples).toBe(12);
});

it('takes checks and curves, on the first 256 test images or as many as it is told', () => {
  expect(read('--checks')).toMatchObject({ checks: true, curves: false, checkSamples: 256 });
  expect(read('--checks', '--curves', '--samples', '100').checkSamples).toBe(100);
  expect(read('--curves', '--check-samples', '40')).toMatchObject({ checks: false, curves: true, checkSamples: 40 });
  expect(() => read('--check-samples', '40')).toThrow('--check-samples was given without --checks or --curves');
  expect(() => read('--checks', '--samples', '0')).toThrow('--checks and --curves need test images: leave out --samples 0');
  expect(() => read('--checks', '--check-samples', '501')).toThrow('--check-samples must be a whole number from 1 to 500, got 501');
});

it('AutoAttack runs on the first 1000 test images, or on as many as it is told', () => {
  expect(read('--level', 'standard').autoattackSamples).toBe(500);
  expect(read('--level', 'standard', '--samples', '10000').autoattackSamples).toBe(1000);
  expect(read('--attacks', 'square', '--autoattack-samples', '40')).toMatchObject({ samples: 500, autoattackSamples: 40 });
  expect(read('--level', 'standard', '--samples', '0')).not.toHaveProperty('autoattackSamples');
  expect(() => read('--level', 'standard', '--autoattack-samples', '501')).toThrow(
    '--autoattack-samples must be a whole number from 1 to 500',
  );
  expect(() => read('--level', 'standard', '--autoattack-samples', '0')).toThrow(
    '--autoattack-samples must be a whole number from 1 to 500',
  );
  expect(() => read('--autoattack-samples', '40')).toThrow('no attack of AutoAttack is run: add --level standard');
});

it('level standard adds the four attacks of AutoAttack, and runs no fewer', () => {
  expect(read('--level', 'standard').attacks).toEqual([...LEVEL_ATTACKS.pgd, 'apgd-ce', 'apgd-t', 'fab-t', 'square']);
  expect(read('--attacks', 'square,apgd-dlr,apgd-ce')).toMatchObject({ level: 'pgd', attacks: ['apgd-ce', 'apgd-dlr', 'square'] });
  expect(() => read('--level', 'standard', '--attacks', 'apgd-ce,apgd-t')).toThrow(/leaves out .*, fab-t, square, which --level standard/);
});

it('puts attacks into the order of the protocol, each once', () => {
  expect(read('--attacks', 'sign,pgd-10,sign').attacks).toEqual(['pgd-10', 'sign']);
  expect(read('--attacks', '').attacks).toEqual([]);
});

describe('a wrong argument is named with what would be right', () => {
  it.each([
    [['--board', 'fashion-mnist/linf'], '--model is missing: a folder with model.json'],
    [['--model', 'm'], /^--board is missing: one of glyphs\/linf, /],
    [['--model', 'm', '--board', 'mnist'], /^--board must be one of .*, got mnist$/],
    [['--model', 'm', '--board', '__proto__'], /got __proto__$/],
    [[...needed, '--samples', '-1'], /--samples/],
    [[...needed, '--samples=-1'], '--samples must be a whole number from 0 to 1000000, got -1'],
    [[...needed, '--samples', '1.5'], '--samples must be a whole number from 0 to 1000000, got 1.5'],
    [[...needed, '--samples', '1e3'], /got 1e3$/],
    [[...needed, '--samples', '0', '--train-samples', '0'], '--samples and --train-samples are both 0: nothing to measure'],
    [[...needed, '--batch', '0'], '--batch must be a whole number from 1 to 10000, got 0'],
    [[...needed, '--seed', '4294967296'], /--seed must be a whole number from 0 to 4294967295/],
    [[...needed, '--restarts', '0'], /--restarts/],
    [[...needed, '--workers', '0'], /--workers/],
    [[...needed, '--attacks', 'pgd-10,fgsm'], /--attacks must be one of pgd-10, .*, got fgsm/],
    [[...needed, '--backend', 'cuda'], '--backend must be one of auto, webgpu, wasm, cpu, got cuda'],
    [[...needed, '--level', 'full'], /--level must be one of pgd.*, got full/],
    [[...needed, '--epsilon', '0.3'], /'--epsilon'/],
    [[...needed, 'more'], /'more'/],
    [[...needed, '--out'], /--out/],
    [[...needed, '--resume', 'a', '--out', './a'], '--resume and --out name the same file, ./a; each needs one of its own'],
    [[...needed, '--merge', 'a,b', '--resume', 'b'], /^--merge and --resume name the same file, b/],
    [[...needed, '--merge', 'a,a'], /^--merge and --merge name the same file, a/],
    [[...needed, '--from', '5'], '--from and --count measure a share: name the file that it goes to with --resume'],
    [[...needed, '--resume', 'a', '--from', '500'], '--from must be a whole number from 0 to 499, got 500'],
    [[...needed, '--resume', 'a', '--from', '400', '--count', '101'], '--count must be a whole number from 1 to 100, got 101'],
    [[...needed, '--resume', 'a', '--count', '9', '--out', 'o'], /leave --out to the run that merges/],
    [[...needed, '--resume', 'a', '--count', '9', '--merge', 'b'], /leave --merge to the run that merges/],
  ])('%j', (argv, message) => {
    let failure: unknown;
    try {
      readArguments(argv);
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ code: 'arguments', message: typeof message === 'string' ? message : expect.stringMatching(message) });
  });
});

it('answers --help whatever else is said, naming every option', () => {
  expect(readArguments(['--help'])).toBe('help');
  expect(readArguments(['-h', '--board', 'nothing'])).toBe('help');
  for (const option of [
    'model',
    'board',
    'level',
    'attacks',
    'samples',
    'train-samples',
    'batch',
    'seed',
    'restarts',
    'layers',
    'backend',
    'resume',
    'from',
    'count',
    'merge',
  ]) {
    expect(HELP).toContain(`--${option} `);
  }
  for (const board of BOARDS.keys()) expect(HELP).toContain(board);
});
