/** One job on this machine: its model and data fetched, evaluated as the command line does, from where an earlier start ended. */
import { rm } from 'node:fs/promises';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type DataSource } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { boardReasons } from '../../lib/model/preflight';
import { type EvaluationEvent, type EvaluationRequest, type EvaluationWorld, evaluate } from '../../lib/protocol/evaluate';
import { reportSchema } from '../../lib/protocol/report';
import { type RunIdentity, runIdentity } from '../../lib/protocol/run-identity';
import { CODE } from '../node/code';
import { openLaboratory } from '../node/laboratory';
import { type Remembered, remember } from '../node/remember';
import { type BlockCache, SiteData } from '../site-data';
import { openThreads } from '../threads';
import { startInChromium } from './chromium-thread';
import type { Device } from './device';
import type { Job, Verification } from './messages';
import { fetchModel } from './model';
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
  signal.throwIfAborted();
  const stopped = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  stopped.catch(() => undefined);
  const { site, say } = world;
  const dataset = DATASETS[wanted.board.dataset];
  say('fetching the model');
  const { files, model } = await fetchModel(site, job, wanted, signal);
  const reasons = boardReasons(model, dataset);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  const data = builtInSource(dataset) ?? (await openSiteData(wanted, world));
  signal.throwIfAborted();
  const request: EvaluationRequest = { ...wanted, model, batch: BATCH };
  const units = Math.ceil(wanted.samples / BATCH) + Math.ceil(wanted.trainSamples / BATCH);
  const { workers, device } = world;
  const { backend, chromium, engine: engines } = device;
  const settings = { board: wanted.board, seed: wanted.seed, restarts: wanted.restarts };
  const inner = chromium
    ? await openThreads({ size: 1, start: () => startInChromium(chromium, files, settings, signal), onNotice: say })
    : await openLaboratory({ backend, ...(workers ? { workers } : {}), units, files, settings }, say);
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

async function openSiteData({ board }: Verification, { site, blocks, say, signal }: MeasureWorld): Promise<DataSource> {
  const { server, fetch } = site;
  const data = await SiteData.open(DATASETS[board.dataset], { base: server, fetch, cache: blocks, onStatus: say, signal });
  for (const note of data.notes) say(note);
  return data;
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
