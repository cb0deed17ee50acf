/** The arguments of `evaluate`, read once and checked; a wrong one is named with what would be right. */
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ATTACK_IDS, type AttackId, LEVEL_ATTACKS, LEVELS, type Level } from '../../lib/attacks/catalogue';
import type { BackendChoice } from '../../lib/engine/choose';
import { Failure } from '../../lib/failure';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { AUTOATTACK_SAMPLES, isAutoAttack } from '../../lib/protocol/counts';
import { CHECK_SAMPLES } from '../../lib/protocol/probes';
import type { Share } from '../../lib/protocol/share';

export interface EvaluateArguments {
  model: string;
  board: Board;
  level: Level;
  attacks: AttackId[];
  samples: number;
  /** Where an attack of AutoAttack runs. */
  autoattackSamples?: number;
  trainSamples: number;
  batch: number;
  seed: number;
  restarts: number;
  layers: boolean;
  checks: boolean;
  curves: boolean;
  /** Where there are checks or curves. */
  checkSamples?: number;
  backend: BackendChoice;
  workers?: number;
  data?: string;
  out?: string;
  evidence?: string;
  /** File with the units that an earlier start of this run has measured; new ones go there. */
  resume?: string;
  /** Files of shares. */
  merge: string[];
  /** Only these images are measured, into the file of `resume`. */
  share?: Share;
  quiet: boolean;
}

export const HELP = `Measures a model: accuracy, attacks and neural collapse; the report is JSON on stdout.

  npm run -s evaluate -- --model DIR_OR_model.json --board ${[...BOARDS.keys()][0]} [options]

  --model PATH         folder with model.json and its weight files, or the model.json itself
  --board ID           ${[...BOARDS.keys()].join(', ')}
  --level NAME         the attacks to run: pgd (default), or standard, which adds AutoAttack (slow: begin with few images)
  --attacks LIST       only these, with commas: ${ATTACK_IDS.join(',')}
  --samples N          test images, 0 skips the test part (default 500)
  --autoattack-samples N
                       test images for AutoAttack, the first of those (default ${AUTOATTACK_SAMPLES}, all if fewer: a ranked run's)
  --train-samples N    training images for collapse, 0 skips it (default 2000)
  --batch N            images per unit of work (default 100); does not change any outcome
  --seed N             default ${DEFAULT_SEED}
  --restarts N         restarts of the attacks of level pgd, worst case per image (default 1, the protocol's); AutoAttack's have one start each
  --layers             collapse and nearest-centre accuracy layer by layer
  --checks             also the confidence checks that need attacks of their own: does the score deserve belief?
  --curves             also accuracy against radius, steps and restarts
  --check-samples N    test images of both, the first of those (default ${CHECK_SAMPLES}, all if fewer)
  --backend NAME       auto, webgpu, wasm, cpu (default auto: webgpu on a hardware GPU, else wasm)
  --workers N          worker threads for wasm and cpu (default: all cores)
  --data DIR           data sets (default DATASETS_DIR, then the local cache, then the official address)
  --out FILE           write the report there instead of stdout
  --evidence DIR       write one bitmap per condition: bit i = image i classified correctly
  --resume FILE        keep what is measured in FILE; the same command goes on from there, to the same report
  --from N, --count N  measure only the units that begin in this part of the test images (training images in
                       proportion) into the file of --resume; no report
  --merge FILES        with commas: take what these files hold, and measure only the rest
  --quiet              no progress
  --help

Exit codes: 0 done, 2 arguments, 3 model refused, 4 data missing or damaged, 5 device lost or computation failed.
`;

const wrong = (message: string) => new Failure('arguments', message);

function wholeNumber(name: string, text: string, min: number, max: number): number {
  const n = Number(text);
  if (!/^\d+$/.test(text) || n < min || n > max) throw wrong(`--${name} must be a whole number from ${min} to ${max}, got ${text}`);
  return n;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  if (!choices.includes(text as T)) throw wrong(`--${name} must be one of ${choices.join(', ')}, got ${text}`);
  return text as T;
}

/** Returns 'help' where help was asked for. */
export function readArguments(argv: string[]): EvaluateArguments | 'help' {
  const string = { type: 'string' } as const;
  let values: Record<string, string | boolean | undefined>;
  try {
    ({ values } = parseArgs({
      args: argv,
      options: {
        model: string,
        board: string,
        level: string,
        attacks: string,
        samples: string,
        'autoattack-samples': string,
        'train-samples': string,
        batch: string,
        seed: string,
        restarts: string,
        backend: string,
        workers: string,
        data: string,
        out: string,
        evidence: string,
        resume: string,
        merge: string,
        from: string,
        count: string,
        'check-samples': string,
        layers: { type: 'boolean' },
        checks: { type: 'boolean' },
        curves: { type: 'boolean' },
        quiet: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw wrong((error as Error).message);
  }
  if (values.help) return 'help';
  const text = (name: string, fallback: string) => (values[name] as string | undefined) ?? fallback;
  if (!values.model) throw wrong('--model is missing: a folder with model.json');
  if (!values.board) throw wrong(`--board is missing: one of ${[...BOARDS.keys()].join(', ')}`);
  const board = BOARDS.get(values.board as string);
  if (!board) throw wrong(`--board must be one of ${[...BOARDS.keys()].join(', ')}, got ${values.board}`);
  const level = oneOf('level', text('level', 'pgd'), LEVELS);
  const attacks = text('attacks', LEVEL_ATTACKS[level].join(','))
    .split(',')
    .filter(Boolean)
    .map((a) => oneOf('attacks', a, ATTACK_IDS));
  const lacking = LEVEL_ATTACKS[level].filter((a) => level === 'standard' && !attacks.includes(a));
  if (lacking.length) throw wrong(`--attacks leaves out ${lacking.join(', ')}, which --level standard runs; leave out --level`);
  const samples = wholeNumber('samples', text('samples', '500'), 0, 1e6);
  const trainSamples = wholeNumber('train-samples', text('train-samples', '2000'), 0, 1e6);
  if (samples === 0 && trainSamples === 0) throw wrong('--samples and --train-samples are both 0: nothing to measure');
  const autoattackSamples = readAutoattackSamples(values['autoattack-samples'] as string | undefined, attacks, samples);
  checkPlaces(values, text('merge', '').split(',').filter(Boolean));
  const share = readShare(values, samples || trainSamples);
  return {
    model: values.model as string,
    board,
    level,
    attacks: ATTACK_IDS.filter((a) => attacks.includes(a)),
    samples,
    ...(autoattackSamples === undefined ? {} : { autoattackSamples }),
    trainSamples,
    batch: wholeNumber('batch', text('batch', '100'), 1, 10000),
    seed: wholeNumber('seed', text('seed', String(DEFAULT_SEED)), 0, 0xffffffff),
    restarts: wholeNumber('restarts', text('restarts', '1'), 1, 1000),
    layers: values.layers === true,
    ...readChecks(values, samples),
    backend: oneOf('backend', text('backend', 'auto'), ['auto', 'webgpu', 'wasm', 'cpu']),
    ...(values.workers ? { workers: wholeNumber('workers', values.workers as string, 1, 256) } : {}),
    ...(values.data ? { data: values.data as string } : {}),
    ...(values.out ? { out: values.out as string } : {}),
    ...(values.evidence ? { evidence: values.evidence as string } : {}),
    ...(values.resume ? { resume: values.resume as string } : {}),
    merge: text('merge', '').split(',').filter(Boolean),
    ...(share ? { share } : {}),
    quiet: values.quiet === true,
  };
}

function readAutoattackSamples(text: string | undefined, attacks: readonly AttackId[], samples: number): number | undefined {
  if (samples === 0 || !attacks.some(isAutoAttack)) {
    if (text !== undefined) throw wrong('--autoattack-samples was given, but no attack of AutoAttack is run: add --level standard');
    return undefined;
  }
  return text === undefined ? Math.min(AUTOATTACK_SAMPLES, samples) : wholeNumber('autoattack-samples', text, 1, samples);
}

function readChecks(values: Record<string, string | boolean | undefined>, samples: number) {
  const [checks, curves] = [values.checks === true, values.curves === true];
  const text = values['check-samples'] as string | undefined;
  if (!checks && !curves) {
    if (text !== undefined) throw wrong('--check-samples was given without --checks or --curves');
    return { checks, curves };
  }
  if (samples === 0) throw wrong('--checks and --curves need test images: leave out --samples 0');
  const checkSamples = text === undefined ? Math.min(CHECK_SAMPLES, samples) : wholeNumber('check-samples', text, 1, samples);
  return { checks, curves, checkSamples };
}

/** A file that is read from must not be the one that is written, nor removed at the end. */
function checkPlaces({ resume, out }: Record<string, string | boolean | undefined>, merge: readonly string[]): void {
  const places: [string, string][] = [
    ...merge.map((file): [string, string] => ['merge', file]),
    ...(resume ? ([['resume', resume as string]] as [string, string][]) : []),
    ...(out ? ([['out', out as string]] as [string, string][]) : []),
  ];
  places.forEach(([option, file], i) => {
    const same = places.slice(0, i).find(([, other]) => path.resolve(other) === path.resolve(file));
    if (same) throw wrong(`--${same[0]} and --${option} name the same file, ${file}; each needs one of its own`);
  });
}

function readShare(values: Record<string, string | boolean | undefined>, images: number): Share | undefined {
  const { from, count } = values;
  if (from === undefined && count === undefined) return undefined;
  if (!values.resume) throw wrong('--from and --count measure a share: name the file that it goes to with --resume');
  for (const name of ['out', 'evidence', 'merge']) {
    if (values[name]) throw wrong(`--from and --count measure a share, which gives no report: leave --${name} to the run that merges`);
  }
  const first = from === undefined ? 0 : wholeNumber('from', from as string, 0, images - 1);
  return { from: first, count: count === undefined ? images - first : wholeNumber('count', count as string, 1, images - first) };
}
