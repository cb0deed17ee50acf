/** A laboratory of worker threads, for backends that use one core each (wasm, cpu). */
import { Worker } from 'node:worker_threads';
import type { Engine } from '../../lib/engine/choose';
import { Failure, fromPlainFailure, type PlainFailure } from '../../lib/failure';
import type { MeasureJob, MeasureResult } from '../../lib/protocol/measure';
import { SentLayers } from '../layer-memory';
import type { OpenLaboratory } from '../measurer';
import type { ShardData } from './shard';

export type ShardMessage =
  | { type: 'ready'; engine: Engine }
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
  readonly ready: Promise<Engine>;

  constructor(data: ShardData) {
    this.worker = new Worker(BOOTSTRAP, { eval: true, workerData: data });
    this.ready = new Promise((resolve, reject) => {
      const failAll = (error: unknown) => {
        this.ended ??= error;
        reject(error);
        for (const { reject: rejectUnit } of this.waiting.values()) rejectUnit(error);
        this.waiting.clear();
      };
      this.worker.on('message', (message: ShardMessage) => {
        if (message.type === 'ready') resolve(message.engine);
        else if (message.type === 'result') this.settle(message.id)?.resolve(message.result);
        else if (message.id < 0) reject(fromPlainFailure(message.failure));
        else this.settle(message.id)?.reject(fromPlainFailure(message.failure));
      });
      this.worker.on('error', (error) =>
        failAll(new Failure('computation-failed', `a worker thread failed: ${error.message}`, { cause: error })),
      );
      this.worker.on('exit', () => failAll(new Failure('device-lost', 'a worker thread ended before its work was done (out of memory?)')));
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

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

export async function openPool(size: number, data: ShardData): Promise<OpenLaboratory> {
  const shards = Array.from({ length: size }, () => new Shard(data));
  const close = async () => {
    await Promise.all(shards.map((s) => s.close()));
  };
  let engine: Engine;
  try {
    [engine] = await Promise.all(shards.map((s) => s.ready));
  } catch (error) {
    await close();
    throw error;
  }
  for (const shard of shards) shard.ready.catch(() => undefined); // later ends reject the units they interrupt
  const idle = [...shards];
  const queue: ((shard: Shard) => void)[] = [];
  return {
    engine,
    workers: size,
    capacity: size,
    async measure(job) {
      const shard = idle.pop() ?? (await new Promise<Shard>((resolve) => queue.push(resolve)));
      try {
        return await shard.measure(job);
      } finally {
        const next = queue.shift();
        if (next) next(shard);
        else idle.push(shard);
      }
    },
    close,
  };
}
