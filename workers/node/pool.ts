/** A laboratory of worker threads, for backends that use one core each (wasm, cpu), or of a process, for the GPU. */
import { Failure, fromPlainFailure } from '../../lib/failure';
import type { MeasureJob, MeasureResult } from '../../lib/protocol/measure';
import type { OnProgress } from '../../lib/protocol/unit-progress';
import { SentLayers } from '../layer-memory';
import type { OpenLaboratory } from '../measurer';
import { openThreads, type Thread } from '../threads';
import { inThread, type OpenPlace, type Place } from './places';
import type { ShardData } from './shard';

interface Waiting {
  onProgress?: OnProgress;
  resolve(result: MeasureResult): void;
  reject(error: unknown): void;
}

class Shard {
  private readonly place: Place;
  private readonly waiting = new Map<number, Waiting>();
  private readonly sent = new SentLayers();
  private nextId = 0;
  /** Why it takes no more units. */
  private ended: unknown;
  readonly ready: Promise<Pick<Thread, 'engine' | 'atOnce'>>;

  constructor(openPlace: OpenPlace, data: ShardData) {
    this.place = openPlace(data);
    this.ready = new Promise((resolve, reject) => {
      this.place.hear({
        onMessage: (message) => {
          if (message.type === 'ready') resolve(message);
          else if (message.type === 'progress') this.waiting.get(message.id)?.onProgress?.(message.progress);
          else if (message.type === 'result') this.settle(message.id)?.resolve(message.result);
          else if (message.id < 0) reject(fromPlainFailure(message.failure));
          else this.settle(message.id)?.reject(fromPlainFailure(message.failure));
        },
        onGone: (reason) => {
          reject(reason);
          this.rejectAll(reason);
        },
      });
    });
  }

  private settle(id: number): Waiting | undefined {
    const waiting = this.waiting.get(id);
    this.waiting.delete(id);
    return waiting;
  }

  measure(job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
      this.place.post({ id, job: this.sent.pack(job) });
    });
  }

  /** Ends it at once; whatever it was asked rejects with the reason. */
  async end(reason: Failure): Promise<void> {
    this.rejectAll(reason);
    await this.place.end();
  }

  private rejectAll(error: unknown): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}

/** `onNotice` hears when a thread or process had to be replaced. */
export function openPool(
  size: number,
  data: ShardData,
  onNotice: (text: string) => void = () => undefined,
  openPlace = inThread,
): Promise<OpenLaboratory> {
  const start = async (): Promise<Thread> => {
    const shard = new Shard(openPlace, data);
    try {
      const { engine, atOnce } = await shard.ready;
      return { engine, atOnce, measure: (job, onProgress) => shard.measure(job, onProgress), end: (reason) => shard.end(reason) };
    } catch (error) {
      await shard.end(new Failure('stopped', 'stopped'));
      throw error;
    }
  };
  return openThreads({ size, start, onNotice });
}
