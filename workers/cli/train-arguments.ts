/** The arguments of `train`, read once and checked; a wrong one is named with what would be right. */
import { parseArgs } from 'node:util';
import type { BackendChoice } from '../../lib/engine/choose';
import { Failure } from '../../lib/failure';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { TRAINING_MODES } from '../../lib/training/modes';
import type { TrainingMode } from '../../lib/training/modes/mode';
import { NET_IDS, type NetId } from '../../lib/training/nets';
import { SCHEDULE_IDS, type ScheduleId } from '../../lib/training/schedule';

export interface TrainArguments {
  board: Board;
  mode: TrainingMode;
  net: NetId;
  epochs: number;
  batch: number;
  learningRate: number;
  schedule: ScheduleId;
  momentum: number;
  weightDecay: number;
  seed: number;
  /** Epochs in which the attack grows to the board's; 0 for modes that do not attack. */
  warmup: number;
  /** A model whose weights are the beginning; absent: random weights. */
  from?: string;
  /** The first so many training images; absent: all. */
  trainSamples?: number;
  backend: BackendChoice;
  /** Absent: a folder in the data directory. */
  out?: string;
  data?: string;
  quiet: boolean;
}

const MODES = [...TRAINING_MODES.values()];

export const TRAIN_HELP = `Trains a network and writes it as a TensorFlow.js layers model; what was done is JSON on stdout.

  npm run -s train -- --board glyphs/linf --mode st [options]

  --board ID           ${[...BOARDS.keys()].join(', ')}
  --mode NAME          ${MODES.map((m) => `${m.id} (${m.title})`).join(', ')}
  --out DIR            folder for model.json and its weights, written anew after every epoch
                       (default .data/trained/ and the name of data set and mode, where no model is yet)
  --net NAME           ${NET_IDS.join(', ')} (default ${NET_IDS[0]})
  --epochs N           1 to 10000 (default 3)
  --batch N            images a step, 2 to 10000 (default 128)
  --lr X               learning rate at the start, above 0 to 10 (default 0.1)
  --schedule NAME      ${SCHEDULE_IDS.join(', ')} (default ${SCHEDULE_IDS[0]})
  --momentum X         0 to 0.9999 (default 0.9)
  --weight-decay X     0 to 1 (default 0.0005)
  --warmup X           mode at: epochs, whole or not, in which the attack's radius and step grow from 0 to the board's
                       (default: half of all)
  --from DIR           begin with the weights of this model, of the same network; default: random ones
  --train-samples N    the first so many training images, 2 to 1000000 (default: all)
  --seed N             initial weights, order and attacks (default ${DEFAULT_SEED})
  --backend NAME       auto, webgpu, wasm, cpu (default auto: webgpu on a hardware GPU, else wasm)
  --data DIR           data sets (default DATASETS_DIR, then the local cache, then the official address); glyphs need none
  --quiet              no progress
  --help

The same seed, backend and images give the same weights to the last bit.
Exit codes: 0 done, 2 arguments, 3 the model of --from refused, 4 data missing or damaged, 5 device lost, or the loss was no longer a number; 130 stopped.
`;

const wrong = (message: string) => new Failure('arguments', message);

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < min || n > max) throw wrong(`--${name} must be a whole number from ${min} to ${max}, got ${text}`);
  return n;
}

/** `above`: the lower end itself is not allowed. */
function decimal(name: string, text: string, min: number, max: number, above = false): number {
  const n = Number(text);
  const fits = /^\d*\.?\d+(e-?\d+)?$/i.test(text) && n <= max && (above ? n > min : n >= min);
  if (!fits) throw wrong(`--${name} must be a number ${above ? `above ${min} and at most` : `from ${min} to`} ${max}, got ${text}`);
  return n;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if (!choices.includes(text as T)) throw wrong(`--${name} must be one of ${choices.join(', ')}, got ${text}`);
  return text as T;
}

const NAMES = [
  'board',
  'mode',
  'out',
  'net',
  'epochs',
  'batch',
  'lr',
  'schedule',
  'momentum',
  'weight-decay',
  'train-samples',
  'seed',
  'warmup',
  'from',
];

/** Returns 'help' where help was asked for. */
export function readTrainArguments(argv: string[]): TrainArguments | 'help' {
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        ...Object.fromEntries([...NAMES, 'backend', 'data'].map((name) => [name, { type: 'string' } as const])),
        quiet: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (values.help) return 'help';
  const text = (name: string, fallback: string) => (values[name] as string | undefined) ?? fallback;
  const required = (name: string, what: string) => {
    const value = values[name] as string | undefined;
    if (!value) throw wrong(`--${name} is missing: ${what}`);
    return value;
  };
  const board = BOARDS.get(oneOf('board', required('board', `one of ${[...BOARDS.keys()].join(', ')}`), [...BOARDS.keys()])) as Board;
  const modeIds = MODES.map((m) => m.id);
  const mode = TRAINING_MODES.get(oneOf('mode', required('mode', `one of ${modeIds.join(', ')}`), modeIds)) as TrainingMode;
  const epochs = wholeNumber('epochs', text('epochs', '3'), 1, 10000);
  const attacks = mode.recipe !== 'ST';
  if (values.warmup !== undefined && !attacks) throw wrong(`--warmup is for modes that attack (at), got --mode ${mode.id}`);
  return {
    board,
    mode,
    net: oneOf('net', text('net', NET_IDS[0]), NET_IDS),
    epochs,
    batch: wholeNumber('batch', text('batch', '128'), 2, 10000),
    learningRate: decimal('lr', text('lr', '0.1'), 0, 10, true),
    schedule: oneOf('schedule', text('schedule', SCHEDULE_IDS[0]), SCHEDULE_IDS),
    momentum: decimal('momentum', text('momentum', '0.9'), 0, 0.9999),
    weightDecay: decimal('weight-decay', text('weight-decay', '0.0005'), 0, 1),
    seed: wholeNumber('seed', text('seed', String(DEFAULT_SEED)), 0, 0xffffffff),
    warmup: attacks ? decimal('warmup', text('warmup', String(epochs / 2)), 0, epochs) : 0,
    ...(values.from ? { from: values.from as string } : {}),
    ...(values['train-samples'] ? { trainSamples: wholeNumber('train-samples', values['train-samples'] as string, 2, 1e6) } : {}),
    backend: oneOf('backend', text('backend', 'auto'), ['auto', 'webgpu', 'wasm', 'cpu']),
    ...(values.out ? { out: values.out as string } : {}),
    ...(values.data ? { data: values.data as string } : {}),
    quiet: values.quiet === true,
  };
}
