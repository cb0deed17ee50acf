/**
 * `npm run baselines`: measures the bundled models in full on every board of their data set and writes the reports to
 * db/baselines, from where a new site takes them; or trains one of them again.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { BUNDLED_MODELS, type BundledModel, baselineFile } from '../../lib/bundled-models';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { REFERENCE_COUNTS, REFERENCES } from '../../lib/protocol/reference-check';
import { Options } from '../options';
import { writeOut } from './outputs';
import { runCommand } from './run-command';

const MODELS = BUNDLED_MODELS;
const HELP = `Makes the models that come with the site, and their reports, again.

  npm run -s baselines -- [--model ID] [--board ID]
  npm run -s baselines -- --train --model ID

  --train       train the model again, into public/models; the same backend gives the same bytes
  --model ID    ${MODELS.map((m) => m.id).join(', ')} (default: all)
  --board ID    measure on this board only (default: all of the model's data)
  --help

Without --train: every test image, collapse on 10000 training images, layers and confidence checks, into db/baselines; and, of
the models that runners are checked with, the short reports in db/references.
Exit codes: 0 done, 2 arguments, else those of train and evaluate.
`;

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A command of its own: its memory and its threads end with it. */
function run(file: string, args: readonly string[]): Promise<number> {
  const script = [path.join(ROOT, 'scripts/run.mjs'), path.join(ROOT, 'workers/cli', file)];
  const child = spawn(process.execPath, [...script, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  return new Promise((resolve) => child.on('close', (code) => resolve(code ?? 1)));
}

const folderOf = (id: string) => path.join(ROOT, 'public/models', id);
const train = ({ id, trained }: BundledModel) => run('train.ts', [...trained.split(' '), '--out', folderOf(id)]);

function evaluate({ id }: BundledModel, board: Board, samples: number, trainSamples: number, more: readonly string[]): Promise<number> {
  const size = ['--samples', String(samples), '--train-samples', String(trainSamples)];
  return run('evaluate.ts', ['--model', folderOf(id), '--board', board.id, '--backend', 'wasm', ...size, ...more]);
}

function reportsOf(model: BundledModel, board: Board): (() => Promise<number>)[] {
  const inDb = (...file: string[]) => ['--out', path.join(ROOT, 'db', ...file)];
  const all = ['--layers', '--checks', ...inDb('baselines', baselineFile(model.id, board.id))];
  const isReference = REFERENCES.some((r) => r.model === model.id && r.board === board.id);
  const { samples, trainSamples } = REFERENCE_COUNTS;
  return [
    ...(isReference ? [() => evaluate(model, board, samples, trainSamples, inDb('references', `${model.id}.json`))] : []),
    () => evaluate(model, board, DATASETS[model.dataset].records.test, 10_000, all),
  ];
}

void runCommand(async () => {
  const options = Options.read(process.argv.slice(2), { texts: ['model', 'board'], flags: ['train'] });
  if (options === 'help') {
    await writeOut(HELP);
    return 0;
  }
  const ids = MODELS.map((m) => m.id);
  const id = options.text('model') && options.oneOf('model', ids);
  const only = options.text('board') && options.board('board');
  const tasks: (() => Promise<number>)[] = [];
  if (options.flag('train')) {
    const model = MODELS.find((m) => m.id === id);
    if (!model || only) throw new Failure('arguments', '--train needs --model and takes no --board');
    tasks.push(() => train(model));
  } else
    for (const model of BUNDLED_MODELS.filter((m) => !id || m.id === id))
      for (const board of BOARDS.values())
        if (board.dataset === model.dataset && (!only || board === only)) tasks.push(...reportsOf(model, board));
  if (tasks.length === 0)
    throw new Failure('arguments', `no bundled model ${id ? `${id} ` : ''}is measured on ${only ? only.id : 'a board'}`);
  for (const task of tasks) {
    const code = await task();
    if (code !== 0) return code;
  }
  return 0;
});
