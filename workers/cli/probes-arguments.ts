/** The arguments of `probes`, read once and checked. */
import { DATASETS } from '../../lib/data/datasets';
import type { BackendChoice } from '../../lib/engine/choose';
import { PROBE_IDS, type ProbeId } from '../../lib/probes/catalogue';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { Options, wrong } from '../options';

export interface ProbesArguments {
  model: string;
  board: Board;
  probes: readonly ProbeId[];
  trainSamples: number;
  samples: number;
  minority?: number[];
  batch: number;
  seed: number;
  backend: BackendChoice;
  out?: string;
  data?: string;
  quiet: boolean;
}

export const PROBES_HELP = `Asks a model the questions of neighbouring papers (docs/probes.md); JSON on stdout. No score counts them.

  npm run -s probes -- --model DIR --board glyphs/linf [options]

  --model PATH         folder with model.json and its weights, or the model.json
  --board ID           ${[...BOARDS.keys()].join(', ')}
  --probes LIST        ${PROBE_IDS.join(',')} (default all)
  --train-samples N    the first so many training images, 1 to 1000000 (default 1000)
  --samples N          the first so many test images, 1 to 1000000 (default 100)
  --minority LIST      class numbers that the probe minority asks about (default the second half)
  --batch N            images at once, 1 to 10000 (default 25)
  --seed N             of the attacks and the planted squares (default ${DEFAULT_SEED})
  --out FILE           write the JSON to FILE, not to stdout
  --backend NAME       auto, webgpu, wasm, cpu (default auto)
  --data DIR           data sets, as in evaluate
  --quiet              no progress
  --help

Exit codes as in evaluate. A probe that a model has no answer to says why.
`;

/** Returns 'help' where help was asked for. */
export function readProbesArguments(argv: string[]): ProbesArguments | 'help' {
  const options = Options.read(argv, {
    texts: ['model', 'board', 'probes', 'train-samples', 'samples', 'minority', 'batch', 'seed', 'out', 'backend', 'data'],
    flags: ['quiet'],
  });
  if (options === 'help') return 'help';
  const board = options.board('board');
  const probes = options
    .text('probes')
    ?.split(',')
    .map((name) => {
      const id = PROBE_IDS.find((p) => p === name.trim());
      if (!id) throw wrong(`--probes must be of ${PROBE_IDS.join(', ')}, got ${name}`);
      return id;
    });
  const minority = options.text('minority')?.split(',').map(Number);
  const classes = DATASETS[board.dataset].classNames.length;
  const odd = minority?.find((c, i) => !Number.isInteger(c) || c < 0 || c >= classes || minority.indexOf(c) !== i);
  if (odd !== undefined)
    throw wrong(`--minority must be different class numbers from 0 to ${classes - 1}, got ${options.text('minority')}`);
  const [out, data] = [options.text('out'), options.text('data')];
  return {
    model: options.needed('model', 'a folder with model.json'),
    board,
    probes: probes ? PROBE_IDS.filter((id) => probes.includes(id)) : PROBE_IDS,
    trainSamples: options.whole('train-samples', 1, 1e6, 1000),
    samples: options.whole('samples', 1, 1e6, 100),
    ...(minority ? { minority } : {}),
    batch: options.whole('batch', 1, 10000, 25),
    seed: options.whole('seed', 0, 0xffffffff, DEFAULT_SEED),
    backend: options.oneOf('backend', ['auto', 'webgpu', 'wasm', 'cpu'], 'auto'),
    ...(out ? { out } : {}),
    ...(data ? { data } : {}),
    quiet: options.flag('quiet'),
  };
}
