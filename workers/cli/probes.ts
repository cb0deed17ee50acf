/** `npm run -s probes`: a model, a board, and what it answers to the questions of neighbouring papers. */
import path from 'node:path';
import { DATASETS } from '../../lib/data/datasets';
import { openDataset } from '../../lib/data/node-source';
import { acceptNamedDriver } from '../../lib/engine/node-host';
import { Failure } from '../../lib/failure';
import { boardReasons, readModel } from '../../lib/model/preflight';
import { setsOf } from '../../lib/probes/catalogue';
import { measureProbes } from '../../lib/probes/measure';
import { openLaboratory } from '../node/laboratory';
import { readModelFiles } from '../node/model-files';
import { prepareToWrite, writeOut, writeTogether } from './outputs';
import { PROBES_HELP, type ProbesArguments, readProbesArguments } from './probes-arguments';
import { Progress } from './progress';
import { runCommand } from './run-command';

async function run(args: ProbesArguments, signal: AbortSignal): Promise<string> {
  const { board, out, quiet, ...asked } = args;
  const progress = new Progress(process.stderr, () => performance.now());
  const say = quiet ? () => undefined : (line: string) => progress.line(line);
  const dataset = DATASETS[board.dataset];
  const files = await readModelFiles(args.model);
  const model = await readModel(files);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const reasons = boardReasons(model.value, dataset);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  if (out) await prepareToWrite(out);
  const data = await openDataset({
    ...{ dataset, directory: args.data ?? process.env.DATASETS_DIR, log: say, signal },
    cache: path.join(process.env.DATA_DIR ?? '.data', 'datasets'),
  });
  acceptNamedDriver(process.env);
  const units = Math.ceil(args.trainSamples / args.batch) + Math.ceil(args.samples / args.batch);
  const settings = { board, seed: args.seed, restarts: 1 };
  // Weights alone need no device: nothing is measured then.
  const laboratory =
    setsOf(args.probes).length > 0 ? await openLaboratory({ backend: args.backend, units, files, settings }, say) : undefined;
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Failure('stopped', 'stopped')), { once: true });
  });
  try {
    if (laboratory) say(`${laboratory.engine.backend} on ${laboratory.engine.device}`);
    const began = performance.now();
    const world = {
      laboratory: laboratory ?? { capacity: 1, measure: () => Promise.reject(new Error('expected no unit to be measured')) },
      ...{ data, signal },
      onProgress: (done: number, total: number) => {
        if (!quiet && total > 0) progress.event({ type: 'progress', done, total, elapsedMs: performance.now() - began });
      },
    };
    const report = await Promise.race([stopped, measureProbes({ ...asked, board, model: model.value }, world)]);
    if (!quiet) progress.finish();
    for (const [id, answer] of Object.entries(report.probes)) if (answer.result === null) say(`${id}: ${answer.reason}`);
    const device = laboratory ? { backend: laboratory.engine.backend, device: laboratory.engine.device } : {};
    const json = `${JSON.stringify({ ...report, model: model.value.sha256, ...device }, null, 2)}\n`;
    if (out) await writeTogether(new Map([[out, json]]));
    return out ? '' : json;
  } finally {
    await laboratory?.close();
    await data.close();
  }
}

void runCommand(async (signal) => {
  const args = readProbesArguments(process.argv.slice(2));
  const text = args === 'help' ? PROBES_HELP : await run(args, signal);
  if (text) await writeOut(text);
});
