/** One worker thread of the terminal's pool: a wasm engine of its own, units in, results out. */
import { parentPort, workerData } from 'node:worker_threads';
import type { BackendChoice } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { toPlainFailure } from '../../lib/failure';
import type { MeasureSettings } from '../../lib/protocol/measure';
import { KnownLayers, type TravellingJob } from '../layer-memory';
import { openHere } from '../measurer';
import type { ShardMessage } from './pool';

export interface ShardData {
  backend: BackendChoice;
  files: Map<string, Uint8Array>;
  settings: MeasureSettings;
}

const known = new KnownLayers();
const port = parentPort;
if (!port) throw new Error('shard.ts runs as a worker thread');
const say = (message: ShardMessage) => port.postMessage(message);

const { backend, files, settings } = workerData as ShardData;
openHere(nodeHost, backend, files, settings).then(
  (laboratory) => {
    port.on('message', ({ id, job }: { id: number; job: TravellingJob }) => {
      laboratory.measure(known.unpack(job)).then(
        (result) => say({ type: 'result', id, result }),
        (error) => say({ type: 'failure', id, failure: toPlainFailure(error) }),
      );
    });
    say({ type: 'ready', engine: laboratory.engine, atOnce: laboratory.atOnce });
  },
  (error) => say({ type: 'failure', id: -1, failure: toPlainFailure(error) }),
);
