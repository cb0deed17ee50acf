/** A laboratory on this thread: opens the engine, loads the model once and measures unit after unit. */
import * as tf from '@tensorflow/tfjs-core';
import { type BackendChoice, type Engine, type EngineHost, openEngine } from '../lib/engine/choose';
import { Failure } from '../lib/failure';
import { elements } from '../lib/model/graph';
import { Network } from '../lib/model/network';
import { readModel } from '../lib/model/preflight';
import { type MeasureSettings, measure } from '../lib/protocol/measure';
import type { Laboratory } from '../lib/protocol/units';

export interface OpenLaboratory extends Laboratory {
  engine: Engine;
  /** Images that the device takes at once. */
  atOnce: number;
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

/** How engines say that memory ran out: GPU drivers, wasm whose heap can't grow (it then ends itself), JavaScript. */
const NO_MEMORY =
  /out.?of.?(device.?|host.?)?memory|allocation failed|invalid (typed )?array length|out of bounds|^Aborted\(|exceeds the max/i;

/** Memory that ran out is a failure of its own: fewer images at once need less. */
function namingMemory(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error) || !NO_MEMORY.test(error.message)) return error;
  return new Failure('out-of-memory', error.message, { cause: error });
}

/**
 * Runs a unit under the eyes of its device: a lost GPU is reported as `device-lost` whatever broke first, and an error that
 * the GPU reports on the side (out of memory, invalid commands) fails the unit, which would otherwise go on with zeros.
 */
function watched(engine: Engine): <T>(work: () => Promise<T>) => Promise<T> {
  if (engine.backend !== 'webgpu') {
    return (work) =>
      work().catch((error) => {
        throw namingMemory(error);
      });
  }
  const { device } = tf.backend() as unknown as { device: GPUDevice };
  const complaints: Failure[] = [];
  device.addEventListener('uncapturederror', ({ error }) => complaints.push(complaintOf(error)));
  /** Resolves when the device has said everything about what it was given until now. */
  const heard = () => {
    device.pushErrorScope('validation');
    return device.popErrorScope();
  };
  const lost: Promise<never> = device.lost.then(({ reason, message }) => {
    throw new Failure('device-lost', `the GPU was lost: ${message || reason || 'no reason given'}`);
  });
  lost.catch(() => undefined); // reported by the unit that is under way, or by the next one
  return async (work) => {
    const before = complaints.length;
    /** Whichever of the units under way it belongs to: all of them are measured again. Memory that ran out explains the rest. */
    const complaint = () => {
      const own = complaints.slice(before);
      return own.find(({ code }) => code === 'out-of-memory') ?? own[0];
    };
    try {
      const result = await Promise.race([work(), lost]);
      await Promise.race([heard(), lost]);
      if (complaint()) throw complaint();
      return result;
    } catch (error) {
      await Promise.race([lost, new Promise((resolve) => setTimeout(resolve, REASON_MS))]);
      // What the device said on the side comes before what broke because of it.
      if (complaint()) throw complaint();
      // A busy GPU process may report the loss only after its queue; a read-back that is broken off says it at once.
      if (error instanceof DOMException) throw new Failure('device-lost', `the GPU was lost: ${error.message}`, { cause: error });
      throw namingMemory(error);
    }
  };
}

/** What a GPU says on the side, as a failure. Drivers word memory that ran out in many ways; the kind of the error is one. */
export function complaintOf(error: GPUError): Failure {
  const memory = error.constructor.name === 'GPUOutOfMemoryError' || NO_MEMORY.test(error.message);
  return new Failure(memory ? 'out-of-memory' : 'computation-failed', `the GPU reported an error: ${error.message}`);
}

/**
 * Bytes that one tensor may have. wasm counts bytes in 32 bits and would take a longer one for a short one, silently; a GPU
 * refuses buffers beyond its limits; a list in JavaScript ends at 2³² entries.
 */
function largestTensor({ backend }: Engine): number {
  if (backend !== 'webgpu') return 2 ** 30;
  const { limits } = (tf.backend() as unknown as { device: GPUDevice }).device;
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

/** Images whose activations stay below so many bytes a layer; at least one. */
export function imagesAtOnce(nodes: readonly { shape: readonly number[] }[], bytes: number): number {
  const largest = nodes.reduce((most, { shape }) => Math.max(most, 4 * elements(shape)), 0);
  return Math.max(1, Math.floor(bytes / largest));
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
  const most = imagesAtOnce(network.graph.nodes, largestTensor(engine));
  return {
    engine,
    atOnce: most,
    workers: 1,
    // On a GPU the next unit is prepared while the last one is read back.
    capacity: engine.backend === 'webgpu' ? 2 : 1,
    measure: (job, onProgress) =>
      watch(() => measure(network, { ...job, atOnce: Math.min(most, job.atOnce ?? most) }, settings, onProgress)),
    close: async () => network.dispose(),
  };
}
