/** A job of witnesses on this machine: one forward pass for each adversarial image of a file, and what they say as a verdict. */
import { imageBytes } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { PROTOCOL } from '../../lib/protocol/boards';
import { leadsOf, readTestRecords } from '../../lib/protocol/judge';
import { readWitnesses, type WitnessFile, witnessReasons } from '../../lib/protocol/witness-file';
import { verdictSchema, type WitnessVerdict } from '../../lib/protocol/witness-verdict';
import type { MeasureWorld } from './measure-job';
import type { Job, Judgement } from './messages';
import { fetchFile } from './model';
import { openDevice } from './open-device';
import { prepare, stoppedBy } from './prepare';
import { versions } from './versions';

/** Images in one unit of work; does not change any outcome. */
const BATCH = 50;

/** Resolves to the text of the verdict, whose bytes are to be signed. */
export async function judgeJob(job: Job, wanted: Judgement, world: Omit<MeasureWorld, 'checkpoint'>): Promise<string> {
  const { site, say, signal, device, workers } = world;
  const stopped = stoppedBy(signal);
  const startedAt = new Date().toISOString();
  const began = performance.now();
  const { files, model, dataset, data } = await prepare(job, wanted, world);
  const { sha256, bytes } = wanted.witnesses;
  say('fetching the witnesses');
  const file = readFile(await fetchFile(site, job, { path: 'the witness file', sha256, bytes }, signal), wanted);
  const { sha256: served } = await data.info('test');
  if (served !== file.header.data)
    throw new Failure('data-damaged', `the witnesses are of data ${file.header.data}, the site serves ${served}`);
  const { indices } = file.header;
  const records = await readTestRecords(data, dataset, indices);
  const outside = witnessReasons(file, records.images);
  if (outside.length) throw new Failure('data-damaged', outside.join('\n'));
  const units = Math.ceil(indices.length / BATCH);
  const settings = { board: wanted.board, seed: 0, restarts: 1 };
  const laboratory = await openDevice({ device, ...(workers ? { workers } : {}), units, files, settings, signal }, say);
  try {
    const { engine } = laboratory;
    say(`${engine.backend} on ${engine.device}, ${laboratory.workers} worker${laboratory.workers === 1 ? '' : 's'}`);
    const size = imageBytes(dataset);
    const images: WitnessVerdict['images'] = [];
    for (let from = 0; from < indices.length; from += BATCH) {
      const to = Math.min(indices.length, from + BATCH);
      const part = { images: records.images.slice(from * size, to * size), labels: records.labels.slice(from, to) };
      const leads = await Promise.race([stopped, leadsOf(laboratory, part, file.deltas.slice(from * size, to * size))]);
      images.push(...leads.map((lead, n) => ({ index: indices[from + n], ...lead })));
      world.onEvent({ type: 'progress', done: to, total: indices.length, elapsedMs: performance.now() - began });
    }
    return JSON.stringify(
      verdictSchema.parse({
        ...{ schema: 'witness-verdict/1', protocol: PROTOCOL, board: wanted.board.id },
        ...{ file: sha256, model: model.sha256, data: served },
        environment: { backend: engine.backend, device: engine.device, engine: device.engine, versions },
        ...{ startedAt, durationMs: performance.now() - began, images },
      }),
    );
  } finally {
    await laboratory.close();
  }
}

/** The site has read it before; here nothing of it is believed either. */
function readFile(packed: Uint8Array, { board, model }: Judgement): WitnessFile {
  const read = readWitnesses(packed);
  if (!read.ok) throw new Failure('data-damaged', read.reasons.join('\n'));
  const { header } = read.value;
  if (header.board !== board.id)
    throw new Failure('data-damaged', `the witnesses are of board ${header.board}, the job is about ${board.id}`);
  if (header.model !== model.sha256)
    throw new Failure('data-damaged', `the witnesses are of model ${header.model}, the job is about ${model.sha256}`);
  return read.value;
}
