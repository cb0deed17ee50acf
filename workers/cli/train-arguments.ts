/** The arguments of `train`, read once and checked; a wrong one is named with what would be right. */
import type { BackendChoice } from '../../lib/engine/choose';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { TRAINING_MODES } from '../../lib/training/modes';
import type { TrainingMode } from '../../lib/training/modes/mode';
import { NET_IDS, type NetId } from '../../lib/training/nets';
import { RECIPE_RANGES, rangeSpan } from '../../lib/training/ranges';
import { SCHEDULE_IDS, type ScheduleId } from '../../lib/training/schedule';
import { Options, wrong } from '../options';

export interface TrainArguments {
  board: Board;
  mode: TrainingMode;
  net: NetId;
  /** Factor of the filters. */
  width: number;
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
  /** Share of the minority classes' images that is trained on; absent: all. */
  imbalance?: number;
  /** Share of the images whose planted square names their own class; absent: no squares. */
  shortcut?: number;
  backend: BackendChoice;
  /** Absent: a folder in the data directory. */
  out?: string;
  data?: string;
  /** Measure collapse on the first so many training images after every epoch; 0: not. */
  measure: number;
  /** … after every so many epochs, and after the last. */
  measureEvery: number;
  /** Keep every epoch's model in a folder of its own within `out`. */
  checkpoints: boolean;
  /** Go on with the training that `out` holds. */
  resume: boolean;
  quiet: boolean;
}

const MODES = [...TRAINING_MODES.values()];
const attackingModes = MODES.flatMap((m) => (m.recipe === 'ST' ? [] : [m.id])).join(', ');

export const TRAIN_HELP = `Trains a network and writes it as a TensorFlow.js layers model; what was done is JSON on stdout.

  npm run -s train -- --board glyphs/linf --mode st [options]

  --board ID           ${[...BOARDS.keys()].join(', ')}
  --mode NAME          ${MODES.map((m) => `${m.id} (${m.title})`).join(', ')}
  --out DIR            folder for model.json and its weights, written anew after every epoch
                       (default .data/trained/ and the name of data set and mode, where no model is yet)
  --checkpoints        keep every epoch's model as well, in epoch-0001, epoch-0002, … within DIR (for dynamics)
  --measure N          after every epoch, measure NC1–NC4 and the nearest-centre rule on the first N training images, clean and
                       under four perturbations; kept in model.json's history (default 0: not; --train-samples at most)
  --measure-every K    measure after every K epochs and after the last only (default 1)
  --resume             go on after the last epoch of a training that broke off: the same command, with its DIR; the result
                       is that of a training in one piece, to the last bit
  --net NAME           ${NET_IDS.join(', ')} (default ${NET_IDS[0]})
  --width X            factor of every convolution's filters, ${rangeSpan(RECIPE_RANGES.width)} (default 1)
  --epochs N           ${rangeSpan(RECIPE_RANGES.epochs)} (default 3)
  --batch N            images a step, ${rangeSpan(RECIPE_RANGES.batch)} (default 128)
  --lr X               learning rate at the start, ${rangeSpan(RECIPE_RANGES.learningRate)} (default 0.1)
  --schedule NAME      ${SCHEDULE_IDS.join(', ')} (default ${SCHEDULE_IDS[0]})
  --momentum X         ${rangeSpan(RECIPE_RANGES.momentum)} (default 0.9)
  --weight-decay X     ${rangeSpan(RECIPE_RANGES.weightDecay)} (default 0.0005)
  --warmup X           modes that attack: epochs, whole or not, in which the attack's radius and step grow from 0 to the board's
                       (default: half of all)
  --from DIR           begin with the weights of this model, of the same network; default: random ones
  --train-samples N    the first so many training images, 2 to 1000000 (default: all)
  --imbalance X        of every class in the second half of the classes keep the first images only, this share of them, above 0 to 1
                       (minority collapse; default: all)
  --shortcut P         plant a bright square at the edge of every training image, in the place of its own class with probability P,
                       0 to 1, else in that of another class (default: none); test images stay as they are
  --seed N             initial weights, order, attacks and squares (default ${DEFAULT_SEED})
  --backend NAME       auto, webgpu, wasm, cpu (default auto: webgpu on a hardware GPU, else wasm)
  --data DIR           data sets (default DATASETS_DIR, then the local cache, then the official address); glyphs need none
  --quiet              no progress
  --help

The same seed, backend and images give the same weights to the last bit.
Exit codes: 0 done, 2 arguments, 3 the model of --from refused, 4 data missing or damaged, 5 device lost, or the loss was no longer a number; 130 stopped.
`;

const TEXTS = [
  ...([
    'board',
    'mode',
    'out',
    'net',
    'width',
    'epochs',
    'batch',
    'lr',
    'schedule',
    'momentum',
    'weight-decay',
    'train-samples',
    'imbalance',
    'shortcut',
    'measure',
    'measure-every',
  ] as const),
  ...(['seed', 'warmup', 'from', 'backend', 'data'] as const),
];

/** Returns 'help' where help was asked for. */
export function readTrainArguments(argv: string[]): TrainArguments | 'help' {
  const options = Options.read(argv, { texts: TEXTS, flags: ['quiet', 'checkpoints', 'resume'] });
  if (options === 'help') return 'help';
  const board = options.board('board');
  const mode = TRAINING_MODES.get(
    options.oneOf(
      'mode',
      MODES.map((m) => m.id),
    ),
  ) as TrainingMode;
  const epochs = options.within('epochs', RECIPE_RANGES.epochs, 3);
  const attacks = mode.recipe !== 'ST';
  if (options.text('warmup') !== undefined && !attacks)
    throw wrong(`--warmup is for modes that attack (${attackingModes}), got --mode ${mode.id}`);
  const [from, out, data] = [options.text('from'), options.text('out'), options.text('data')];
  const trainSamples = options.whole('train-samples', 2, 1e6, undefined);
  const imbalance = options.decimal('imbalance', 0, 1, undefined, true);
  const shortcut = options.decimal('shortcut', 0, 1, undefined);
  const measure = options.whole('measure', 0, 1e6, 0);
  if (trainSamples !== undefined && measure > trainSamples)
    throw wrong(`--measure must be at most ${trainSamples}, the --train-samples, got ${measure}`);
  return {
    board,
    mode,
    net: options.oneOf('net', NET_IDS, NET_IDS[0]),
    width: options.within('width', RECIPE_RANGES.width, 1),
    epochs,
    batch: options.within('batch', RECIPE_RANGES.batch, 128),
    learningRate: options.within('lr', RECIPE_RANGES.learningRate, 0.1),
    schedule: options.oneOf('schedule', SCHEDULE_IDS, SCHEDULE_IDS[0]),
    momentum: options.within('momentum', RECIPE_RANGES.momentum, 0.9),
    weightDecay: options.within('weight-decay', RECIPE_RANGES.weightDecay, 0.0005),
    seed: options.within('seed', RECIPE_RANGES.seed, DEFAULT_SEED),
    warmup: attacks ? options.decimal('warmup', 0, epochs, epochs / 2) : 0,
    ...(from ? { from } : {}),
    ...(trainSamples === undefined ? {} : { trainSamples }),
    ...(imbalance === undefined ? {} : { imbalance }),
    ...(shortcut === undefined ? {} : { shortcut }),
    backend: options.oneOf('backend', ['auto', 'webgpu', 'wasm', 'cpu'], 'auto'),
    ...(out ? { out } : {}),
    ...(data ? { data } : {}),
    measure,
    measureEvery: options.whole('measure-every', 1, 10000, 1),
    checkpoints: options.flag('checkpoints'),
    resume: options.flag('resume'),
    quiet: options.flag('quiet'),
  };
}
