/** The browser's threads: workers of this site. */
import type { BackendChoice } from '../../lib/engine/choose';
import { Failure } from '../../lib/failure';
import type { MeasureSettings } from '../../lib/protocol/measure';
import type { OpenLaboratory } from '../measurer';
import { openThreads, type Thread } from '../threads';
import { Shard } from './shard';

export interface PoolOptions {
  size: number;
  backend: BackendChoice;
  files: Map<string, Uint8Array>;
  settings: MeasureSettings;
  /** Says what happened to the device. */
  onNotice(text: string): void;
}

export function openPool({ size, backend, files, settings, onNotice }: PoolOptions): Promise<OpenLaboratory> {
  const start = async (): Promise<Thread> => {
    const shard = new Shard();
    try {
      const opened = await shard.ask({ type: 'open', backend, files, settings });
      if (opened.type !== 'opened') throw new Error(`expected opened, got ${opened.type}`);
      return {
        engine: opened.engine,
        atOnce: opened.atOnce,
        measure: (job, onProgress) => shard.measure(job, onProgress),
        end: async (reason) => shard.end(reason),
      };
    } catch (error) {
      shard.end(new Failure('stopped', 'stopped'));
      throw error;
    }
  };
  return openThreads({ size, start, onNotice });
}
