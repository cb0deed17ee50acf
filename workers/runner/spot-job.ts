/** A stage of a spot check on this machine: the claim's attacks again, on the samples that were drawn, with the claim's seed. */
import { Failure } from '../../lib/failure';
import { PROTOCOL } from '../../lib/protocol/boards';
import { attackAgain } from '../../lib/protocol/spot-attack';
import { outcomesOf, spotResultSchema } from '../../lib/protocol/spot-result';
import type { MeasureWorld } from './measure-job';
import type { Job, Spot } from './messages';
import { openDevice } from './open-device';
import { prepare, stoppedBy } from './prepare';
import { versions } from './versions';

/** Images in one unit of work; does not change any outcome. */
const BATCH = 50;

/** Resolves to the text of the result, whose bytes are to be signed. */
export async function spotJob(job: Job, wanted: Spot, world: Omit<MeasureWorld, 'checkpoint'>): Promise<string> {
  const { say, signal, device, workers } = world;
  const stopped = stoppedBy(signal);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const { board, seed, restarts, attacks, indices, claim } = wanted;
  const { files, model, dataset, data } = await prepare(job, wanted, world);
  const { sha256: served, records } = await data.info('test');
  if (served !== wanted.data) throw new Failure('data-damaged', `the claim is of data ${wanted.data}, the site serves ${served}`);
  const last = indices[indices.length - 1];
  if (last >= records) throw new Failure('data-damaged', `sample ${last} was drawn, the test split has ${records}`);
  const settings = { board, seed, restarts };
  const units = Math.ceil(indices.length / BATCH);
  const laboratory = await openDevice({ device, ...(workers ? { workers } : {}), units, files, settings, signal }, say);
  try {
    const { engine } = laboratory;
    say(`${engine.backend} on ${engine.device}, ${laboratory.workers} worker${laboratory.workers === 1 ? '' : 's'}`);
    const onProgress = (done: number, total: number) =>
      world.onEvent({ type: 'progress', done, total, elapsedMs: performance.now() - began });
    onProgress(0, indices.length);
    const attacking = attackAgain({ board, attacks, indices, seed, batch: BATCH }, { laboratory, data, signal, onProgress });
    const witnesses = await Promise.race([stopped, attacking]);
    say(`${witnesses.length} of ${indices.length} samples broke`);
    const header = { board: board.id, data: served, model: model.sha256, shape: [...dataset.shape] as [number, number, number] };
    return JSON.stringify(
      spotResultSchema.parse({
        ...{ schema: 'spot-check/1', protocol: PROTOCOL, board: board.id, claim, model: model.sha256, data: served },
        ...{ seed, restarts, attacks, indices, ...outcomesOf(indices, witnesses, header) },
        environment: { backend: engine.backend, device: engine.device, engine: device.engine, versions },
        ...{ startedAt, durationMs: performance.now() - began },
      }),
    );
  } finally {
    await laboratory.close();
  }
}
