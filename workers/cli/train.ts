/** `npm run -s train`: a board, a way of training, a model. */

import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { NORMS } from '../../lib/attacks/norms';
import { DATASETS } from '../../lib/data/datasets';
import { makeFolder } from '../../lib/data/make-folder';
import { openDataset } from '../../lib/data/node-source';
import { openEngine } from '../../lib/engine/choose';
import { acceptNamedDriver, nodeHost } from '../../lib/engine/node-host';
import { Failure } from '../../lib/failure';
import type { Checked } from '../../lib/model/bundle';
import { exportModel } from '../../lib/training/export';
import { pixelStatistics } from '../../lib/training/layers/normalize';
import { openNet } from '../../lib/training/nets';
import type { TrainableNetwork } from '../../lib/training/network';
import { accuracyOf } from '../../lib/training/score';
import { startFrom } from '../../lib/training/start-from';
import { readStartingModel, type StartingModel } from '../../lib/training/starting-model';
import { type EpochResult, train } from '../../lib/training/train';
import { readModelFiles } from '../node/model-files';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { duration } from './progress';
import { runCommand } from './run-command';
import { readTrainArguments, TRAIN_HELP, type TrainArguments } from './train-arguments';
import { collapseNow } from './train-collapse';
import { readImages, type TrainingSet } from './training-set';
import { epochsDone, readVelocities, STATE_FILE, stateBytes } from './training-state';

/** Test images that the accuracy after each epoch is of. */
const TEST_IMAGES = 1000;

/** What the model says of its own making. */
const aboutOf = (
  args: TrainArguments,
  backend: string,
  { read, kept }: TrainingSet,
  from: StartingModel | undefined,
  epochs: EpochResult[],
) => ({
  ...{ board: args.board.id, mode: args.mode.id, net: args.net, epochs: args.epochs, batch: args.batch, learningRate: args.learningRate },
  ...{ schedule: args.schedule, momentum: args.momentum, weightDecay: args.weightDecay, seed: args.seed, trainSamples: read },
  ...(args.imbalance === undefined ? {} : { imbalance: args.imbalance, keptSamples: kept.labels.length }),
  ...(args.shortcut === undefined ? {} : { shortcut: args.shortcut }),
  ...(args.mode.recipe === 'ST'
    ? {}
    : { epsilon: args.board.epsilon, alpha: args.board.alpha, steps: args.board.steps, warmup: args.warmup }),
  ...(from ? { from: from.bundle.sha256 } : {}),
  ...(args.width === 1 ? {} : { width: args.width }),
  ...(args.measure === 0 ? {} : { measure: args.measure, measureEvery: args.measureEvery }),
  // The bits of the weights depend on it.
  backend,
  history: epochs,
});

/** Exits with 3 where the model can't be the beginning: one line for each reason. */
function orRefused<T>(folder: string | undefined, checked: Checked<T>): T {
  if (checked.ok) return checked.value;
  throw new Failure('model-refused', checked.reasons.map((reason) => `--from ${folder}: ${reason}`).join('\n'));
}

/** The folder of the model; one that nobody named must not hold an earlier one, and epochs of two trainings must not mix. */
function outputFolder(args: TrainArguments, dataDir: string): string {
  const folder = args.out ?? path.join(dataDir, 'trained', `${args.board.dataset}_${args.mode.id}`);
  if (args.resume) return folder;
  if (!args.out && existsSync(path.join(folder, 'model.json')))
    throw new Failure('arguments', `${folder} holds a model already: name a folder with --out (the same one, to write it anew)`);
  if (args.checkpoints && existsSync(folder) && readdirSync(folder).some((name) => /^epoch-\d+$/.test(name)))
    throw new Failure('arguments', `--checkpoints: ${folder} holds the epochs of an earlier training; name another folder, or remove them`);
  return folder;
}

async function run(args: TrainArguments, signal: AbortSignal): Promise<string> {
  const say = (line: string) => {
    if (!args.quiet) process.stderr.write(`${process.stderr.isTTY ? '\r\x1b[K' : ''}${line}\n`);
  };
  const dataset = DATASETS[args.board.dataset];
  const dataDir = process.env.DATA_DIR ?? '.data';
  const out = outputFolder(args, dataDir);
  const target = (file: string) => path.join(out, file);
  const from =
    args.from === undefined ? undefined : orRefused(args.from, await readStartingModel(await readModelFiles(args.from, '--from')));
  for (const file of ['model.json', 'group1-shard1of1.bin']) await prepareToWrite(target(file));
  const data = await openDataset({
    dataset,
    directory: args.data ?? process.env.DATASETS_DIR,
    cache: path.join(dataDir, 'datasets'),
    log: say,
    signal,
  });
  const history: EpochResult[] = [];
  let network: TrainableNetwork | undefined;
  try {
    for (const note of data.notes) say(note);
    const set = await readImages(data, dataset, args);
    const images = set.kept;
    const { records } = await data.info('test');
    const test = await data.read('test', 0, Math.min(TEST_IMAGES, records));
    acceptNamedDriver(process.env);
    const engine = await openEngine(args.backend, nodeHost);
    if (engine.note) say(engine.note);
    say(`${args.mode.title} of ${args.net} on ${args.board.id}: ${engine.backend} on ${engine.device}`);
    const pixels = from?.pixels ?? pixelStatistics(images.images, dataset.shape[2]);
    network = openNet(args.net, `${dataset.id}_${args.mode.id}`, {
      ...{ input: dataset.shape, classes: dataset.classNames.length, pixels, seed: args.seed, width: args.width },
    });
    if (from) orRefused(args.from, startFrom(network, from));
    let velocities: Float32Array[] | undefined;
    if (args.resume) {
      const files = await readModelFiles(out, '--out');
      const stored = JSON.parse(new TextDecoder().decode(files.get('model.json'))).userDefinedMetadata;
      history.push(...epochsDone(stored, aboutOf(args, engine.backend, set, from, [])));
      orRefused(out, startFrom(network, orRefused(out, await readStartingModel(files))));
      velocities = await readVelocities(out, network);
      say(`going on after epoch ${history.length} of ${args.epochs}`);
    }
    const { norm, epsilon, alpha, steps } = args.board;
    const trained = network;
    const start = performance.now();
    const resumed = history.length;
    let said = start;
    const rest = async () => {
      await turn();
      if (signal.aborted) throw new Failure('stopped', 'stopped');
    };
    const options = {
      ...args,
      threat: { norm: NORMS[norm], epsilon, alpha, steps, seed: args.seed },
      ...(velocities ? { begun: { epochs: history.length, velocities } } : {}),
    };
    await train(trained, images, options, {
      signal,
      rest,
      onStep(done, total, loss) {
        const now = performance.now();
        if (args.quiet || now - said < (process.stderr.isTTY ? 200 : 10_000)) return;
        said = now;
        const own = done - (total / args.epochs) * resumed; // of an earlier start the clock knows nothing
        const rate = (own / total) * args.epochs * (images.labels.length / ((now - start) / 1000));
        const left = duration(((now - start) / own) * (total - done));
        const line = `step ${done} of ${total}  loss ${loss.toFixed(3)}  ${rate.toFixed(0)} images/s  ${left} left`;
        process.stderr.write(process.stderr.isTTY ? `\r\x1b[K${line}` : `  ${line}\n`);
      },
      async onEpoch(result, momentum) {
        const accuracy = await accuracyOf(trained, test);
        const measures = args.measure > 0 && (result.epoch % args.measureEvery === 0 || result.epoch === args.epochs);
        const collapse = measures ? await collapseNow(trained, images, args, rest) : undefined;
        const entry = { ...result, testAccuracy: accuracy, ...(collapse ? { collapse } : {}) };
        const files = await exportModel(trained, aboutOf(args, engine.backend, set, from, [...history, entry]));
        const folders = ['.', ...(args.checkpoints ? [`epoch-${String(result.epoch).padStart(4, '0')}`] : [])];
        for (const folder of folders) await makeFolder(path.join(path.resolve(out), folder));
        const written = new Map(folders.flatMap((folder) => [...files].map(([file, bytes]) => [target(path.join(folder, file)), bytes])));
        const state = stateBytes(await momentum());
        await writeTogether(written.set(target(STATE_FILE), state));
        history.push(entry); // from now on it is the model that a failure leaves
        const percent = (share: number) => `${(100 * share).toFixed(2)} %`;
        say(
          `epoch ${result.epoch} of ${args.epochs}: loss ${result.loss.toFixed(4)}, training accuracy ${percent(result.accuracy)}, ` +
            `first ${test.labels.length} test images ${percent(accuracy)}`,
        );
      },
    });
    await rm(target(STATE_FILE), { force: true }); // nothing is left to go on with
    return `${JSON.stringify(aboutOf(args, engine.backend, set, from, history), null, 2)}\n`;
  } catch (error) {
    if (error instanceof Failure && history.length > 0) {
      throw new Failure(error.code, `${error.message}; ${out} holds the model as it was after epoch ${history.length}`, {
        cause: error,
      });
    }
    if (error instanceof Failure && error.code === 'diverged')
      throw new Failure(error.code, `${error.message}; no epoch came to a good end, so nothing was written: try a smaller --lr`, {
        cause: error,
      });
    throw error;
  } finally {
    network?.dispose();
    await data.close();
  }
}

void runCommand(async (signal) => {
  const args = readTrainArguments(process.argv.slice(2));
  await writeOut(args === 'help' ? TRAIN_HELP : await run(args, signal));
});
