/** A laboratory on this thread: opens the engine, loads the model once and measures unit after unit. */
import * as tf from '@tensorflow/tfjs-core';
import { type BackendChoice, type Engine, type EngineHost, openEngine } from '../lib/engine/choose';
import { Failure } from '../lib/failure';
import { Network } from '../lib/model/network';
import { readModel } from '../lib/model/preflight';
import type { Laboratory } from '../lib/protocol/evaluate';
import { type MeasureSettings, measure } from '../lib/protocol/measure';

export interface OpenLaboratory extends Laboratory {
  engine: Engine;
  /** Threads that measure. */
  workers: number;
  close(): Promise<void>;
}

/** Rejects with code `device-lost` when the GPU goes away; never settles otherwise. */
function deviceLoss(engine: Engine): Promise<never> {
  if (engine.backend !== 'webgpu') return new Promise(() => undefined);
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  return device.lost.then(({ reason, message }) => {
    throw new Failure('device-lost', message || reason || 'no reason given');
  });
}

export async function openHere(
  host: EngineHost,
  backend: BackendChoice,
  files: ReadonlyMap<string, Uint8Array>,
  settings: MeasureSettings,
): Promise<OpenLaboratory> {
  const engine = await openEngine(backend, host);
  const model = await readModel(files);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const network = new Network(model.value.graph);
  const lost = deviceLoss(engine);
  lost.catch(() => undefined); // reported by the unit that is under way, or by the next one
  return {
    engine,
    workers: 1,
    // On a GPU the next unit is prepared while the last one is read back.
    capacity: engine.backend === 'webgpu' ? 2 : 1,
    measure: (job) => Promise.race([measure(network, job, settings), lost]),
    close: async () => network.dispose(),
  };
}
