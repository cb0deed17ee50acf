/** The arguments of `convert`, read once and checked; a wrong one is named with what would be right. */
import type { Architecture, ImageShape } from '../../lib/known/architecture';
import { ARCHITECTURES } from '../../lib/known/registry';
import type { Normalization } from '../../lib/known/state-dict';
import { Options, wrong } from '../options';

export interface ConvertArguments {
  architecture: Architecture;
  input: ImageShape;
  classes: number;
  /** Absent: the file's own, or none. */
  normalization?: Normalization;
  weights: string;
  out: string;
  quiet: boolean;
}

const shapeText = (shape: ImageShape) => shape.join('x');
const KNOWN = [...ARCHITECTURES.values()];
const width = Math.max(...KNOWN.map((a) => a.id.length));

export const CONVERT_HELP = `Converts PyTorch weights of a known network to a TensorFlow.js layers model; what was made is JSON on stdout.

  npm run -s convert -- --arch ${KNOWN[0].id} --weights FILE.safetensors --out DIR [options]

  --arch NAME          one of
${KNOWN.map((a) => `      ${a.id.padEnd(width)}  ${a.title}, ${shapeText(a.input)}`).join('\n')}
  --weights FILE       the state_dict as safetensors; scripts/torch_to_safetensors.py makes it of a .pt or .pth file
  --out DIR            folder for model.json and its weights
  --classes N          2 to 10000 (default 10)
  --input HxWxC        height, width and channels of the images, where they are not those in the list
  --mean A,B,C         what the training code subtracted from pixels in [0, 1], one number a channel
  --std A,B,C          what it divided them by; default: the file's own normalisation, else none
  --quiet              no notes
  --help

Exit codes: 0 done, 2 arguments, 3 the weights do not fit the network, 4 the file is missing or is not safetensors.
`;

function numbers(name: string, text: string | undefined): number[] | undefined {
  if (text === undefined) return undefined;
  const list = text.split(',').map((part) => (/^\s*-?\d*\.?\d+(e-?\d+)?\s*$/i.test(part) ? Number(part) : Number.NaN));
  if (!list.every(Number.isFinite)) throw wrong(`--${name} must be numbers with commas between them, got ${text}`);
  return list;
}

function normalizationOf(mean: number[] | undefined, std: number[] | undefined, channels: number): Normalization | undefined {
  if (!mean && !std) return undefined;
  if (!mean || !std) throw wrong(`--mean and --std belong together; --${mean ? 'std' : 'mean'} is missing`);
  for (const [name, list] of Object.entries({ mean, std }))
    if (list.length !== channels) throw wrong(`--${name} must have ${channels} numbers, one for each channel, got ${list.length}`);
  if (std.some((s) => s <= 0)) throw wrong(`--std must be above 0, got ${std.join(',')}`);
  return { mean, std };
}

function inputOf(text: string | undefined, fallback: ImageShape): ImageShape {
  if (text === undefined) return fallback;
  const sizes = /^\d+x\d+x\d+$/.test(text) ? text.split('x').map(Number) : [];
  if (sizes.length !== 3 || sizes.some((n) => n < 1 || n > 4096))
    throw wrong(`--input must be like 32x32x3, height, width and channels from 1 to 4096, got ${text}`);
  return sizes as unknown as ImageShape;
}

/** Returns 'help' where help was asked for. */
export function readConvertArguments(argv: string[]): ConvertArguments | 'help' {
  const texts = ['arch', 'weights', 'out', 'classes', 'input', 'mean', 'std'] as const;
  const options = Options.read(argv, { texts, flags: ['quiet'] });
  if (options === 'help') return 'help';
  const architecture = ARCHITECTURES.get(
    options.oneOf(
      'arch',
      KNOWN.map((a) => a.id),
    ),
  ) as Architecture;
  const classes = options.whole('classes', 2, 10000, 10);
  const input = inputOf(options.text('input'), architecture.input);
  const normalization = normalizationOf(numbers('mean', options.text('mean')), numbers('std', options.text('std')), input[2]);
  return {
    architecture,
    input,
    classes,
    ...(normalization ? { normalization } : {}),
    weights: options.needed('weights', 'a safetensors file'),
    out: options.needed('out', 'the folder for the model'),
    quiet: options.flag('quiet'),
  };
}
