/** The inside of a measuring thread or process: an engine of its own, units in, results out. */
import type { BackendChoice, Engine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { type PlainFailure, toPlainFailure } from '../../lib/failure';
import type { MeasureResult, MeasureSettings } from '../../lib/protocol/measure';
import type { UnitProgress } from '../../lib/protocol/unit-progress';
import { KnownLayers, type TravellingJob } from '../layer-memory';
import { openHere } from '../measurer';
import { nowAndThen } from '../now-and-then';

export interface ShardData {
  backend: BackendChoice;
  files: Map<string, Uint8Array>;
  settings: MeasureSettings;
}

export interface ShardRequest {
  id: number;
  job: TravellingJob;
}

export type ShardMessage =
  | { type: 'ready'; engine: Engine; atOnce: number }
  | { type: 'progress'; id: number; progress: UnitProgress }
  | { type: 'result'; id: number; result: MeasureResult }
  /** A negative id: it could not be opened. */
  | { type: 'failure'; id: number; failure: PlainFailure };

/** Resolves to what answers requests, once it has said that it is ready; never, where it said why it is not. */
export async function openShard({ backend, files, settings }: ShardData, say: (message: ShardMessage) => void) {
  const known = new KnownLayers();
  const fail = (id: number) => (error: unknown) => say({ type: 'failure', id, failure: toPlainFailure(error) });
  const laboratory = await openHere(nodeHost, backend, files, settings).catch(fail(-1));
  if (!laboratory) return () => undefined;
  say({ type: 'ready', engine: laboratory.engine, atOnce: laboratory.atOnce });
  return ({ id, job }: ShardRequest): void => {
    const onProgress = nowAndThen((progress: UnitProgress) => say({ type: 'progress', id, progress }));
    laboratory.measure(known.unpack(job), onProgress).then((result) => say({ type: 'result', id, result }), fail(id));
  };
}
