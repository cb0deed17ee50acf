import { describe, expect, it } from 'vitest';
import { Failure } from '../../lib/failure';
import { ARCHITECTURES } from '../../lib/known/registry';
import { CONVERT_HELP, readConvertArguments } from './convert-arguments';

const NEEDED = ['--arch', 'vgg-11-bn', '--weights', 'net.safetensors', '--out', 'model'];
const refusal = (...argv: string[]) => {
  try {
    readConvertArguments(argv);
  } catch (error) {
    if (error instanceof Failure && error.code === 'arguments') return error.message;
    throw error;
  }
  throw new Error('accepted');
};

describe('the arguments of convert', () => {
  it('have the defaults that the help promises', () => {
    expect(readConvertArguments(NEEDED)).toEqual({
      ...{ architecture: ARCHITECTURES.get('vgg-11-bn'), input: [32, 32, 3], classes: 10 },
      ...{ weights: 'net.safetensors', out: 'model', quiet: false },
    });
    expect(CONVERT_HELP).toContain('default 10');
    for (const { id, input } of ARCHITECTURES.values()) expect(CONVERT_HELP).toMatch(new RegExp(`\n +${id} .*, ${input.join('x')}\n`));
  });

  it('are taken as they are written', () => {
    const more = ['--classes', '100', '--input', '28x30x1', '--mean=-1e-1', '--std', '.5', '--quiet'];
    expect(readConvertArguments([...NEEDED, ...more])).toMatchObject({
      ...{ input: [28, 30, 1], classes: 100, normalization: { mean: [-0.1], std: [0.5] }, quiet: true },
    });
    expect(readConvertArguments([...NEEDED, '--mean', '0.5, 0.4,0.3', '--std', '1,1,1'])).toMatchObject({
      normalization: { mean: [0.5, 0.4, 0.3], std: [1, 1, 1] },
    });
    expect(readConvertArguments(['--help'])).toBe('help');
  });

  it.each([
    [['--arch', 'resnet'], /^--arch must be one of preact-resnet-18, .*, plain-cnn, got resnet$/],
    [['--classes', '1'], '--classes must be a whole number from 2 to 10000, got 1'],
    [['--input', '32x32'], '--input must be like 32x32x3, height, width and channels from 1 to 4096, got 32x32'],
    [['--input', '0x32x3'], '--input must be like 32x32x3, height, width and channels from 1 to 4096, got 0x32x3'],
    [['--mean', '0,0,0'], '--mean and --std belong together; --std is missing'],
    [['--std', '1,1,1'], '--mean and --std belong together; --mean is missing'],
    [['--mean', '0,0', '--std', '1,1,1'], '--mean must have 3 numbers, one for each channel, got 2'],
    [['--mean', '0,0,0', '--std', '1,0,1'], '--std must be above 0, got 1,0,1'],
    [['--mean', '0,x,0', '--std', '1,1,1'], '--mean must be numbers with commas between them, got 0,x,0'],
    [['--mean', '', '--std', '1,1,1'], '--mean and --std belong together; --mean is missing'],
  ])('refuse %j with what would be right', (more, message) => {
    expect(refusal(...NEEDED, ...more)).toMatch(message instanceof RegExp ? message : new RegExp(`^${message.replaceAll('.', '\\.')}$`));
  });

  it('name what is missing or unknown', () => {
    expect(refusal(...NEEDED.slice(2))).toMatch(/^--arch is missing: one of preact-resnet-18, /);
    expect(refusal('--arch', 'vgg-11-bn', '--out', 'x')).toBe('--weights is missing: a safetensors file');
    expect(refusal(...NEEDED.slice(0, 4))).toBe('--out is missing: the folder for the model');
    expect(refusal(...NEEDED, '--width', '2')).toContain("Unknown option '--width'");
  });
});
