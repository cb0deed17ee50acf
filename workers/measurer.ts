/** A laboratory on this thread: opens the engine, loads the model once and measures unit after unit. */
import * as tf from '@tensorflow/tfjs-core';
import { type BackendChoice, type Engine, type EngineHost, openEngine } from '../lib/engine/choose';
import { Failure } from '../lib/failure';
import { Network } from '../lib/model/network';
import { readModel } from '../lib/model/preflight';
import { type MeasureSettings, measure } from '../lib/protocol/measure';
import type { Laboratory } from '../lib/protocol/units';

export interface OpenLaboratory extends Laboratory {
  engine: Engine;
  /** Threads that measure. */
  workers: number;
  close(): Promise<void>;
}

/** Adds a remark to what the engine says of itself. */
export function withNote(laboratory: OpenLaboratory, note: string): OpenLaboratory {
  const notes = [note, laboratory.engine.note].filter(Boolean).join('; ');
  return { ...laboratory, engine: { ...laboratory.engine, note: notes } };
}

/** How long to wait for the reason when a computation breaks off: the loss of its device is reported a moment later. */
const REASON_MS = 500;

/**
 * Runs a unit under the eyes of its device: a lost GPU is reported as `device-lost` whatever broke first, and an error that
 * the GPU reports on the side (out of memory, invalid commands) fails the unit, which would otherwise go on with zeros.
 */
function watched(engine: Engine): <T>(work: () => Promise<T>) => Promise<T> {
  if (engine.backend !== 'webgpu') return (work) => work();
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  let complaint: string | undefined;
  device.addEventListener('uncapturederror', (event) => {
    complaint ??= event.error.message;
  });
  const lost: Promise<never> = device.lost.then(({ reason, message }) => {
    throw new Failure('device-lost', `the GPU was lost: ${message || reason || 'no reason given'}`);
  });
  lost.catch(() => undefined); // reported by the unit that is under way, or by the next one
  return async (work) => {
    try {
      const result = await Promise.race([work(), lost]);
      if (complaint) throw new Failure('computation-failed', `the GPU reported an error: ${complaint}`);
      return result;
    } catch (error) {
      await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, REASON_MS))]);
      // A busy GPU process may report the loss only after its queue; a read-back that is broken off says it at once.
      if (error instanceof DOMException) throw new Failure('device-lost', `the GPU was lost: ${error.message}`, { cause: error });
      throw error;
    }
  };
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
  const watch = watched(engine);
  return {
    engine,
    workers: 1,
    // On a GPU the next unit is prepared while the last one is read back.
    capacity: engine.backend === 'webgpu' ? 2 : 1,
    measure: (job) => watch(() => measure(network, job, settings)),
    close: async () => network.dispose(),
  };
}
