/** One job on this machine: its model and data fetched, evaluated as the command line does, from where an earlier start ended. */
import { rm } from 'node:fs/promises';
import type { DataSource } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { type EvaluationEvent, type EvaluationRequest, type EvaluationWorld, evaluate } from '../../lib/protocol/evaluate';
import { reportSchema } from '../../lib/protocol/report';
import { type RunIdentity, runIdentity } from '../../lib/protocol/run-identity';
import { openSurrogate } from '../../lib/surrogates';
import { bundledFiles } from '../node/bundled';
import { CODE } from '../node/code';
import { type Remembered, remember } from '../node/remember';
import type { BlockCache } from '../site-data';
import type { Device } from './device';
import type { Job, Verification } from './messages';
import { openDevice } from './open-device';
import { prepare, stoppedBy } from './prepare';
import type { RunnerSite } from './site';
import { versions } from './versions';

/** Images per unit of work; does not change any outcome. */
const BATCH = 100;

export interface MeasureWorld {
  site: RunnerSite;
  device: Device;
  workers?: number;
  blocks: BlockCache;
  /** File that keeps what was measured. */
  checkpoint: string;
  say(line: string): void;
  onEvent(event: EvaluationEvent): void;
  /** Its reason is what the job rejects with. */
  signal: AbortSignal;
}

/** Resolves to the text of the report, whose bytes are to be signed. */
export async function measureJob(job: Job, wanted: Verification, world: MeasureWorld): Promise<string> {
  const { signal } = world;
  const stopped = stoppedBy(signal);
  const { say } = world;
  const { files, model, data } = await prepare(job, wanted, world);
  const surrogate = wanted.checks ? await openSurrogate(wanted.board, model.sha256, bundledFiles) : undefined;
  const request: EvaluationRequest = { ...wanted, model, batch: BATCH, ...(surrogate ? { surrogate: surrogate.named } : {}) };
  const units = Math.ceil(wanted.samples / BATCH) + Math.ceil(wanted.trainSamples / BATCH);
  const { workers, device } = world;
  const { engine: engines } = device;
  const { board, seed, restarts } = wanted;
  const settings = { board, seed, restarts, ...(surrogate?.files ? { surrogate: surrogate.files } : {}) };
  const inner = await openDevice({ device, ...(workers ? { workers } : {}), units, files, settings, signal }, say);
  let remembered: Remembered | undefined;
  try {
    const { engine } = inner;
    if (engine.note) say(engine.note);
    say(`${engine.backend} on ${engine.device}, ${inner.workers} worker${inner.workers === 1 ? '' : 's'}`);
    const identity = runIdentity(request, await digestsOf(data, wanted), { ...engine, engine: engines, versions, code: CODE });
    remembered = await rememberOrBegin(world, identity, inner);
    const { laboratory, startedAt } = remembered;
    const evaluation: EvaluationWorld = {
      laboratory,
      data,
      signal,
      now: () => performance.now() + laboratory.replayedMs,
      startedAt,
      environment: { backend: engine.backend, device: engine.device, engine: engines, workers: inner.workers, versions },
      onEvent: world.onEvent,
    };
    return JSON.stringify(reportSchema.parse(await Promise.race([stopped, evaluate(request, evaluation)])));
  } finally {
    await inner.close();
    await remembered?.close();
  }
}

async function digestsOf(data: DataSource, { samples, trainSamples }: Verification): Promise<RunIdentity['data']> {
  return {
    ...(samples > 0 ? { test: (await data.info('test')).sha256 } : {}),
    ...(trainSamples > 0 ? { train: (await data.info('train')).sha256 } : {}),
  };
}

/** What an earlier start kept is of no use where the software, the device or the data have changed since: begun anew. */
async function rememberOrBegin({ checkpoint, say }: MeasureWorld, run: RunIdentity, inner: Parameters<typeof remember>[2]) {
  try {
    return await remember({ resume: checkpoint, merge: [] }, run, inner, say);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    say(`what was measured before is of no use here, the job begins anew: ${error.message}`);
    await rm(checkpoint, { force: true });
    return remember({ resume: checkpoint, merge: [] }, run, inner, say);
  }
}
