/** The arguments of `dynamics`, read once and checked. */
import { COLLAPSE_CONDITIONS, type Condition } from '../../lib/attacks/catalogue';
import type { BackendChoice } from '../../lib/engine/choose';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { Options, wrong } from '../options';

export interface DynamicsArguments {
  models: string;
  board: Board;
  trainSamples: number;
  conditions: readonly Condition[];
  /** Clean and PGD images layer by layer as well. */
  layers: boolean;
  /** Images as they are drawn, whatever the checkpoints say they learnt from. */
  asDrawn: boolean;
  batch: number;
  seed: number;
  backend: BackendChoice;
  out?: string;
  csv?: string;
  data?: string;
  quiet: boolean;
}

export const DYNAMICS_HELP = `Measures neural collapse through a series of checkpoints; JSON on stdout.

  npm run -s dynamics -- --models DIR --board glyphs/linf [options]

  --models DIR         folder with one folder for each checkpoint, in the order of the numbers in their names
                       (train --checkpoints writes epoch-0001, epoch-0002, …)
  --board ID           ${[...BOARDS.keys()].join(', ')}
  --train-samples N    the first so many training images, 2 to 1000000 (default 1000)
  --as-drawn           checkpoints of a thinned or planted set (train --imbalance, --shortcut) are measured on the images that
                       they learnt: of the first N those that were kept, with their squares; this leaves all as they are
  --conditions LIST    ${COLLAPSE_CONDITIONS.join(',')} (default all; clean is always measured)
  --layers             NC1 and the nearest-centre rule layer by layer as well, clean and under PGD (in the JSON)
  --batch N            images at once, 1 to 10000 (default 100)
  --seed N             of the attacks and the noise (default ${DEFAULT_SEED})
  --out FILE           write the JSON to FILE, not to stdout
  --csv FILE           write a row for each checkpoint and condition to FILE as well
  --backend NAME       auto, webgpu, wasm, cpu (default auto)
  --data DIR           data sets, as in evaluate
  --quiet              no progress
  --help

Attacks are the board's, fresh for each checkpoint. Exit codes as in evaluate.
`;

/** Returns 'help' where help was asked for. */
export function readDynamicsArguments(argv: string[]): DynamicsArguments | 'help' {
  const options = Options.read(argv, {
    texts: ['models', 'board', 'train-samples', 'conditions', 'batch', 'seed', 'out', 'csv', 'backend', 'data'],
    flags: ['quiet', 'layers', 'as-drawn'],
  });
  if (options === 'help') return 'help';
  const names = options.text('conditions')?.split(',');
  const conditions = names?.map((name) => {
    const condition = COLLAPSE_CONDITIONS.find((c) => c === name.trim());
    if (!condition) throw wrong(`--conditions must be of ${COLLAPSE_CONDITIONS.join(', ')}, got ${name}`);
    return condition;
  });
  const [out, csv, data] = [options.text('out'), options.text('csv'), options.text('data')];
  return {
    models: options.needed('models', 'a folder with one folder for each checkpoint'),
    board: options.board('board'),
    trainSamples: options.whole('train-samples', 2, 1e6, 1000),
    conditions: conditions ?? COLLAPSE_CONDITIONS,
    layers: options.flag('layers'),
    asDrawn: options.flag('as-drawn'),
    batch: options.whole('batch', 1, 10000, 100),
    seed: options.whole('seed', 0, 0xffffffff, DEFAULT_SEED),
    backend: options.oneOf('backend', ['auto', 'webgpu', 'wasm', 'cpu'], 'auto'),
    ...(out ? { out } : {}),
    ...(csv ? { csv } : {}),
    ...(data ? { data } : {}),
    quiet: options.flag('quiet'),
  };
}
