/** A laboratory in Node on the backend that was asked for: webgpu in a process of its own, wasm and cpu on one thread per core. */
import os from 'node:os';
import type { BackendChoice } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import type { MeasureSettings } from '../../lib/protocol/measure';
import { type OpenLaboratory, withNote } from '../measurer';
import { inProcess } from './places';
import { openPool } from './pool';

export interface LaboratoryOptions {
  backend: BackendChoice;
  /** Threads for wasm and cpu; all cores by default. */
  workers?: number;
  /** Units of work: more threads than these would have nothing to do. */
  units: number;
  files: Map<string, Uint8Array>;
  settings: MeasureSettings;
}

export async function openLaboratory(options: LaboratoryOptions, say: (line: string) => void): Promise<OpenLaboratory> {
  const { files, settings, units, workers } = options;
  const onThreads = (backend: 'wasm' | 'cpu') =>
    openPool(Math.max(1, Math.min(workers ?? os.availableParallelism(), units)), { backend, files, settings }, say);
  const onGpu = () => openPool(1, { backend: 'webgpu', files, settings }, say, inProcess);
  if (options.backend === 'webgpu') return onGpu();
  if (options.backend !== 'auto') return onThreads(options.backend);
  const adapter = await nodeHost.adapter();
  let reason = adapter ? `WebGPU has only a software adapter here (${adapter.name})` : 'no WebGPU adapter was found';
  if (adapter && !adapter.software) {
    try {
      return await onGpu();
    } catch (error) {
      reason = `WebGPU did not start on ${adapter.name}: ${(error as Error).message}`;
    }
  }
  return withNote(await onThreads('wasm'), `${reason}, so wasm is used`);
}
