/** `npm run -s dynamics`: a folder of checkpoints, and how collapse went through them. */
import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { z } from 'zod';
import { DATASETS } from '../../lib/data/datasets';
import { openDataset } from '../../lib/data/node-source';
import { openEngine } from '../../lib/engine/choose';
import { acceptNamedDriver, nodeHost } from '../../lib/engine/node-host';
import { Failure } from '../../lib/failure';
import { boardReasons, readModel } from '../../lib/model/preflight';
import { DEFAULT_SEED } from '../../lib/protocol/boards';
import { type DynamicsPoint, dynamicsCsv, dynamicsOf } from '../../lib/protocol/dynamics';
import { readModelFiles } from '../node/model-files';
import { DYNAMICS_HELP, type DynamicsArguments, readDynamicsArguments } from './dynamics-arguments';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { runCommand } from './run-command';
import { readImages } from './training-set';

const share = z.number().min(0).max(1).optional();
/** Of what `train` writes into a model of a thinned or planted set. */
const learntSchema = z.object({
  userDefinedMetadata: z.object({ imbalance: share, shortcut: share, seed: z.number().int().min(0).max(0xffffffff).default(DEFAULT_SEED) }),
});
type Learnt = z.infer<typeof learntSchema>['userDefinedMetadata'];

/** The last number in a name, by which checkpoints are ordered; a name without one has none. */
const numberIn = (name: string) => Number(/(\d+)\D*$/.exec(name)?.[1] ?? Number.NaN);

async function checkpointsIn(folder: string): Promise<{ name: string; epoch: number }[]> {
  const entries = await readdir(folder).catch((cause) => {
    throw new Failure('arguments', `--models ${folder} could not be read: ${(cause as Error).message}`, { cause });
  });
  const found: string[] = [];
  for (const name of entries) if (await stat(path.join(folder, name, 'model.json')).catch(() => undefined)) found.push(name);
  const numbered = found.map((name) => ({ name, epoch: numberIn(name) })).sort((a, b) => a.epoch - b.epoch);
  if (numbered.length === 0)
    throw new Failure('arguments', `--models ${folder} holds no checkpoint: folders with a model.json are expected in it`);
  const odd = numbered.find(({ epoch }, i) => Number.isNaN(epoch) || epoch === numbered[i - 1]?.epoch);
  if (odd) throw new Failure('arguments', `--models ${folder}: the name ${odd.name} must end in a number of its own, as epoch-0001`);
  return numbered;
}

/**
 * How the images were changed that the checkpoints learnt; undefined where they say nothing of it. Refuses a folder in which they
 * differ: a curve through two sets of images would show the change of images.
 */
async function learntBy(folder: string, checkpoints: readonly { name: string }[]): Promise<Learnt | undefined> {
  const all: string[] = [];
  for (const { name } of checkpoints) {
    const file = path.join(folder, name, 'model.json'); // what is wrong with it, its reader says
    const about = learntSchema.safeParse(
      await readFile(file, 'utf8')
        .then(JSON.parse)
        .catch(() => undefined),
    ).data?.userDefinedMetadata;
    const { imbalance, shortcut, seed } = about ?? {};
    all.push(imbalance === undefined && shortcut === undefined ? '{}' : JSON.stringify({ imbalance, shortcut, seed }));
    if (all.at(-1) !== all[0])
      throw new Failure(
        'arguments',
        `--models ${folder}: ${name} learnt other images than ${checkpoints[0].name}; measure with --as-drawn`,
      );
  }
  return all[0] === '{}' ? undefined : JSON.parse(all[0]);
}

async function run(args: DynamicsArguments, signal: AbortSignal): Promise<string> {
  const say = (line: string) => {
    if (!args.quiet) process.stderr.write(`${line}\n`);
  };
  const { board } = args;
  const dataset = DATASETS[board.dataset];
  const checkpoints = await checkpointsIn(args.models);
  for (const file of [args.out, args.csv]) if (file) await prepareToWrite(file);
  const data = await openDataset({
    ...{ dataset, directory: args.data ?? process.env.DATASETS_DIR, log: say, signal },
    cache: path.join(process.env.DATA_DIR ?? '.data', 'datasets'),
  });
  try {
    const { sha256 } = await data.info('train');
    const learnt = args.asDrawn ? undefined : await learntBy(args.models, checkpoints);
    const set = await readImages(data, dataset, { trainSamples: args.trainSamples, seed: args.seed, ...learnt });
    const images = set.kept;
    if (learnt)
      say(`${images.labels.length} of the first ${set.read} training images, as the checkpoints learnt them: ${JSON.stringify(learnt)}`);
    acceptNamedDriver(process.env);
    const engine = await openEngine(args.backend, nodeHost);
    say(`${checkpoints.length} checkpoints on ${board.id}: ${engine.backend} on ${engine.device}`);
    const series: (DynamicsPoint & { name: string; epoch: number; model: string })[] = [];
    const rest = async () => {
      await turn();
      if (signal.aborted) throw new Failure('stopped', 'stopped');
    };
    for (const { name, epoch } of checkpoints) {
      const files = await readModelFiles(path.join(args.models, name), '--models').catch((cause) => {
        throw cause instanceof Failure ? new Failure(cause.code, `${name}: ${cause.message}`, { cause }) : cause;
      });
      const model = await readModel(files);
      const reasons = model.ok ? boardReasons(model.value, dataset) : model.reasons;
      if (!model.ok || reasons.length) throw new Failure('model-refused', reasons.map((r) => `${name}: ${r}`).join('\n'));
      const { seed, batch, conditions, layers } = args;
      const byLayer = layers ? conditions.filter((c) => c === 'clean' || c === 'pgd-10') : [];
      const point = await dynamicsOf(model.value, images, { board, seed, batch, conditions, byLayer, rest });
      series.push({ name, epoch, model: model.value.sha256, ...point });
      const nc1 = Object.entries(point.conditions).map(([c, { collapse }]) => `${c} ${collapse.nc1?.toPrecision(3) ?? 'not defined'}`);
      say(`${name}: NC1 ${nc1.join(', ')}`);
    }
    const report = {
      board: board.id,
      seed: args.seed,
      backend: engine.backend,
      device: engine.device,
      data: sha256,
      ...(learnt ? { learnt } : {}),
      series,
    };
    const json = `${JSON.stringify(report, null, 2)}\n`;
    const files = new Map<string, string>();
    if (args.out) files.set(args.out, json);
    if (args.csv) files.set(args.csv, dynamicsCsv(series));
    await writeTogether(files);
    return args.out ? '' : json;
  } finally {
    await data.close();
  }
}

void runCommand(async (signal) => {
  const args = readDynamicsArguments(process.argv.slice(2));
  const text = args === 'help' ? DYNAMICS_HELP : await run(args, signal);
  if (text) await writeOut(text);
});
