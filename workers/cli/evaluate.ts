/** `npm run -s evaluate`: a model, a board, a report. */
import path from 'node:path';
import { version_core } from '@tensorflow/tfjs-core';
import { DATASETS } from '../../lib/data/datasets';
import { openDataset } from '../../lib/data/node-source';
import { acceptNamedDriver } from '../../lib/engine/node-host';
import { Failure } from '../../lib/failure';
import { boardReasons, readModel } from '../../lib/model/preflight';
import { type EvaluationWorld, evaluate } from '../../lib/protocol/evaluate';
import { fromBase64 } from '../../lib/protocol/evidence';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { requestIdentity, runIdentity } from '../../lib/protocol/run-identity';
import { measureShare } from '../../lib/protocol/share';
import { openSurrogate } from '../../lib/surrogates';
import packageJson from '../../package.json';
import { bundledFiles } from '../node/bundled';
import { CODE } from '../node/code';
import { openLaboratory } from '../node/laboratory';
import { readModelFiles } from '../node/model-files';
import { checkFiles, type Remembered, remember } from '../node/remember';
import { type EvaluateArguments, HELP, readArguments } from './arguments';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { Progress } from './progress';
import { runCommand } from './run-command';

/** What is left to do when the report is where it belongs. */
interface Outcome {
  /** None from a share. */
  report?: Report;
  finish(): Promise<void>;
}

async function run(args: EvaluateArguments, signal: AbortSignal): Promise<Outcome> {
  const progress = new Progress(process.stderr, () => performance.now());
  const say = args.quiet ? () => undefined : (line: string) => progress.line(line);
  const dataset = DATASETS[args.board.dataset];
  const files = await readModelFiles(args.model);
  const model = await readModel(files);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const reasons = boardReasons(model.value, dataset);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  for (const note of model.value.graph.notes) say(note);
  const surrogate = args.checks ? await openSurrogate(args.board, model.value.sha256, bundledFiles) : undefined;
  const request = { ...args, model: model.value, ...(surrogate ? { surrogate: surrogate.named } : {}) };
  const versions = { tfjs: version_core, simplexity: packageJson.version };
  const software = { engine: `node ${process.version}`, versions, code: CODE };
  await checkFiles(args, { ...requestIdentity(request), ...software, ...(args.backend === 'auto' ? {} : { backend: args.backend }) });

  const data = await openDataset({
    dataset,
    directory: args.data ?? process.env.DATASETS_DIR,
    cache: path.join(process.env.DATA_DIR ?? '.data', 'datasets'),
    log: say,
    signal,
  });
  for (const note of data.notes) say(note);
  acceptNamedDriver(process.env);
  const units = Math.ceil(args.samples / args.batch) + Math.ceil(args.trainSamples / args.batch);
  const settings = {
    board: args.board,
    seed: args.seed,
    restarts: args.restarts,
    ...(surrogate?.files ? { surrogate: surrogate.files } : {}),
  };
  const inner = await openLaboratory({ ...args, units, files, settings }, say);
  let remembered: Remembered | undefined;
  try {
    const { engine, workers } = inner;
    if (engine.note) say(engine.note);
    say(`${engine.backend} on ${engine.device}, ${workers} worker${workers === 1 ? '' : 's'}`);
    const digests = {
      ...(args.samples > 0 ? { test: (await data.info('test')).sha256 } : {}),
      ...(args.trainSamples > 0 ? { train: (await data.info('train')).sha256 } : {}),
    };
    remembered = await remember(args, runIdentity(request, digests, { ...engine, ...software }), inner, say);
    const { laboratory, startedAt, device, engine: engines } = remembered;
    const world: EvaluationWorld = {
      laboratory,
      data,
      signal,
      now: () => performance.now() + laboratory.replayedMs,
      startedAt,
      environment: { backend: engine.backend, device, engine: engines, workers, versions },
      onEvent: (event) => {
        if (!args.quiet) progress.event(event);
      },
    };
    const stopped = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(new Failure('stopped', 'stopped')), { once: true });
    });
    if (args.share) {
      await Promise.race([stopped, measureShare(request, args.share, world)]);
      progress.finish();
      say(`${args.resume} holds ${remembered.units()} units; a run with --merge makes the report of all shares`);
      return { finish: remembered.close };
    }
    const report = await Promise.race([stopped, evaluate(request, world)]);
    if (!args.quiet) progress.finish();
    for (const split of ['test', 'train'] as const) {
      if (report.data[split] && !report.data[split].official)
        say(`the ${split} data are not the official ${dataset.title}: a site accepts this report only if it serves the same bytes`);
    }
    return { report: reportSchema.parse(report), finish: remembered.discard };
  } catch (error) {
    if (args.resume && (remembered?.units() ?? 0) > 0) say(`what was measured is in ${args.resume}; the same command goes on from there`);
    await remembered?.close();
    throw error;
  } finally {
    await inner.close();
    await data.close();
  }
}

const bitmapFile = (folder: string, condition: string) => path.join(folder, `${condition}.bitmap`);

void runCommand(async (signal) => {
  const args = readArguments(process.argv.slice(2));
  if (args === 'help') {
    await writeOut(HELP);
    return;
  }
  if (args.out) await prepareToWrite(args.out);
  for (const condition of args.evidence ? ['clean', ...args.attacks] : []) {
    await prepareToWrite(bitmapFile(args.evidence as string, condition));
  }
  const { report, finish } = await run(args, signal);
  if (report) await hand(report, args);
  await finish();
});

async function hand(report: Report, args: EvaluateArguments): Promise<void> {
  const files = new Map<string, string | Uint8Array>();
  for (const [condition, bitmap] of Object.entries(args.evidence ? report.evidence : {})) {
    files.set(bitmapFile(args.evidence as string, condition), fromBase64(bitmap));
  }
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (args.out) await writeTogether(files.set(args.out, text));
  else await writeTogether(files, () => writeOut(text));
}
