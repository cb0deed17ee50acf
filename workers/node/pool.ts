/** A laboratory of worker threads, for backends that use one core each (wasm, cpu). */
import { Worker } from 'node:worker_threads';
import type { Engine } from '../../lib/engine/choose';
import { Failure, fromPlainFailure, type PlainFailure } from '../../lib/failure';
import type { MeasureJob, MeasureResult } from '../../lib/protocol/measure';
import { SentLayers } from '../layer-memory';
import type { OpenLaboratory } from '../measurer';
import { openThreads, type Thread } from '../threads';
import type { ShardData } from './shard';

export type ShardMessage =
  | { type: 'ready'; engine: Engine; atOnce: number }
  | { type: 'result'; id: number; result: MeasureResult }
  | { type: 'failure'; id: number; failure: PlainFailure };

interface Waiting {
  resolve(result: MeasureResult): void;
  reject(error: unknown): void;
}

/** A thread does not inherit the loader that lets Node read TypeScript; it registers its own before the first import. */
const BOOTSTRAP = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))})
  .then(({ register }) => { register(); return import(${JSON.stringify(new URL('./shard.ts', import.meta.url).href)}); })`;

class Shard {
  private readonly worker: Worker;
  private readonly waiting = new Map<number, Waiting>();
  private readonly sent = new SentLayers();
  private nextId = 0;
  /** Why this thread takes no more units. */
  private ended: unknown;
  readonly ready: Promise<Pick<Thread, 'engine' | 'atOnce'>>;

  constructor(data: ShardData) {
    this.worker = new Worker(BOOTSTRAP, { eval: true, workerData: data });
    this.ready = new Promise((resolve, reject) => {
      const failAll = (error: unknown) => {
        reject(error);
        this.rejectAll(error);
      };
      this.worker.on('message', (message: ShardMessage) => {
        if (message.type === 'ready') resolve(message);
        else if (message.type === 'result') this.settle(message.id)?.resolve(message.result);
        else if (message.id < 0) reject(fromPlainFailure(message.failure));
        else this.settle(message.id)?.reject(fromPlainFailure(message.failure));
      });
      this.worker.on('error', (error: NodeJS.ErrnoException) => {
        const code = error.code === 'ERR_WORKER_OUT_OF_MEMORY' ? 'out-of-memory' : 'computation-failed';
        failAll(new Failure(code, `a worker thread failed: ${error.message}`, { cause: error }));
      });
      this.worker.on('exit', () => failAll(new Failure('device-lost', 'the worker thread ended before its work was done')));
    });
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  measure(job: MeasureJob): Promise<MeasureResult> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, job: this.sent.pack(job) });
    });
  }

  /** Ends the thread at once; whatever it was asked rejects with the reason. */
  async end(reason: Failure): Promise<void> {
    this.rejectAll(reason);
    await this.worker.terminate();
  }

  private rejectAll(error: unknown): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** `onNotice` hears when a thread had to be replaced. */
export function openPool(size: number, data: ShardData, onNotice: (text: string) => void = () => undefined): Promise<OpenLaboratory> {
  const start = async (): Promise<Thread> => {
    const shard = new Shard(data);
    try {
      const { engine, atOnce } = await shard.ready;
      return { engine, atOnce, measure: (job) => shard.measure(job), end: (reason) => shard.end(reason) };
    } catch (error) {
      await shard.end(new Failure('stopped', 'stopped'));
      throw error;
    }
  };
  return openThreads({ size, start, onNotice });
}
