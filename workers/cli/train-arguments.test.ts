import { describe, expect, it } from 'vitest';
import { Failure } from '../../lib/failure';
import { readTrainArguments, TRAIN_HELP } from './train-arguments';

const NEEDED = ['--board', 'glyphs/linf', '--mode', 'st', '--out', 'model'];
const refusal = (...argv: string[]) => {
  try {
    readTrainArguments(argv);
  } catch (error) {
    if (error instanceof Failure && error.code === 'arguments') return error.message;
    throw error;
  }
  throw new Error('accepted');
};

describe('the arguments of train', () => {
  it('have the defaults that the help promises', () => {
    expect(readTrainArguments(NEEDED)).toMatchObject({
      ...{ board: { id: 'glyphs/linf' }, mode: { id: 'st' }, net: 'small', epochs: 3, batch: 128, learningRate: 0.1, schedule: 'cosine' },
      ...{ momentum: 0.9, weightDecay: 0.0005, seed: 20231107, backend: 'auto', out: 'model', quiet: false },
    });
    for (const word of ['default 3', 'default 128', 'default 0.1', 'default cosine', 'default 0.9', 'default 0.0005', 'default 20231107'])
      expect(TRAIN_HELP).toContain(word);
  });

  it('are taken as they are written', () => {
    const more = [
      '--mode',
      'at',
      '--lr',
      '1e-3',
      '--momentum',
      '0',
      '--weight-decay',
      '.5',
      '--train-samples',
      '100',
      '--schedule',
      'steps',
    ];
    expect(readTrainArguments([...NEEDED, ...more])).toMatchObject({
      ...{ mode: { id: 'at', recipe: 'AT' }, learningRate: 0.001, momentum: 0, weightDecay: 0.5, trainSamples: 100, schedule: 'steps' },
    });
    expect(readTrainArguments([...NEEDED, '--imbalance', '.01', '--shortcut', '0'])).toMatchObject({ imbalance: 0.01, shortcut: 0 });
    for (const name of ['imbalance', 'shortcut']) expect(readTrainArguments(NEEDED)).not.toHaveProperty(name);
    expect(readTrainArguments(['--help'])).toBe('help');
  });

  it.each([
    ['mode', 'magic', '--mode must be one of st, at, trades, trades-as-published, got magic'],
    ['net', 'vgg', '--net must be one of small, vgg-11, preact-resnet-18, preact-resnet-18-imagenette, got vgg'],
    ['width', '9', '--width must be a number from 0.05 to 4, got 9'],
    ['epochs', '0', '--epochs must be a whole number from 1 to 10000, got 0'],
    ['epochs', '2.5', '--epochs must be a whole number from 1 to 10000, got 2.5'],
    ['batch', '1', '--batch must be a whole number from 2 to 10000, got 1'],
    ['lr', '0', '--lr must be a number above 0 and at most 10, got 0'],
    ['lr', '11', '--lr must be a number above 0 and at most 10, got 11'],
    ['lr', '-1', '--lr must be a number above 0 and at most 10, got -1'],
    ['batch', '-8', '--batch must be a whole number from 2 to 10000, got -8'],
    ['lr', 'NaN', '--lr must be a number above 0 and at most 10, got NaN'],
    ['lr', '0x1', '--lr must be a number above 0 and at most 10, got 0x1'],
    ['momentum', '1', '--momentum must be a number from 0 to 0.9999, got 1'],
    ['weight-decay', '2', '--weight-decay must be a number from 0 to 1, got 2'],
    ['schedule', 'linear', '--schedule must be one of cosine, steps, constant, got linear'],
    ['seed', '4294967296', '--seed must be a whole number from 0 to 4294967295, got 4294967296'],
    ['train-samples', '1', '--train-samples must be a whole number from 2 to 1000000, got 1'],
    ['imbalance', '0', '--imbalance must be a number above 0 and at most 1, got 0'],
    ['imbalance', '1.5', '--imbalance must be a number above 0 and at most 1, got 1.5'],
    ['shortcut', '-0.1', '--shortcut must be a number from 0 to 1, got -0.1'],
    ['shortcut', '1.01', '--shortcut must be a number from 0 to 1, got 1.01'],
    ['warmup', '1', '--warmup is for modes that attack (at, trades, trades-as-published), got --mode st'],
    ['backend', 'cuda', '--backend must be one of auto, webgpu, wasm, cpu, got cuda'],
  ])('refuse --%s %s with what would be right', (name, value, message) => {
    expect(refusal(...NEEDED, `--${name}`, value)).toBe(message);
  });

  it('let adversarial training grow its attack over half of the epochs unless told otherwise', () => {
    const at = (...more: string[]) => readTrainArguments(['--board', 'glyphs/linf', '--mode', 'at', ...more]);
    expect(at()).toMatchObject({ epochs: 3, warmup: 1.5 });
    expect(at('--epochs', '10')).toMatchObject({ warmup: 5 });
    expect(at('--warmup', '0', '--from', 'earlier')).toMatchObject({ warmup: 0, from: 'earlier' });
    expect(readTrainArguments(NEEDED)).toMatchObject({ warmup: 0 });
    expect(refusal('--board', 'glyphs/linf', '--mode', 'at', '--warmup', '3.5')).toBe('--warmup must be a number from 0 to 3, got 3.5');
  });

  it('name what is missing or unknown', () => {
    expect(refusal(...NEEDED.slice(2))).toMatch(/^--board is missing: one of glyphs\/linf, /);
    expect(refusal('--board', 'glyphs/linf', '--out', 'x')).toBe('--mode is missing: one of st, at, trades, trades-as-published');
    expect(refusal(...NEEDED, '--loss', 'x')).toContain("Unknown option '--loss'");
  });
});
