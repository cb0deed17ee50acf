/** One measuring thread as seen from the evaluation worker: questions out, answers back, by id. */
import { Failure, fromPlainFailure } from '../../lib/failure';
import type { MeasureJob, MeasureResult } from '../../lib/protocol/measure';
import type { OnProgress } from '../../lib/protocol/unit-progress';
import { SentLayers } from '../layer-memory';
import type { FromShard, ToShard } from './messages';

interface Waiting {
  resolve(message: FromShard): void;
  reject(error: unknown): void;
  onProgress?: OnProgress;
}

type Unaddressed<T> = T extends { id: number } ? Omit<T, 'id'> : never;

export class Shard {
  private readonly worker = new Worker(new URL('./measure.worker.ts', import.meta.url), { type: 'module' });
  private readonly waiting = new Map<number, Waiting>();
  private readonly sent = new SentLayers();
  private nextId = 0;
  /** Why this thread answers no more. */
  private ended: unknown;

  constructor() {
    this.worker.addEventListener('message', ({ data }: MessageEvent<FromShard>) => {
      const waiting = this.waiting.get(data.id);
      if (data.type === 'progress') {
        waiting?.onProgress?.(data.progress);
        return;
      }
      this.waiting.delete(data.id);
      if (data.type === 'failure') waiting?.reject(fromPlainFailure(data.failure));
      else waiting?.resolve(data);
    });
    this.worker.addEventListener('error', (event) => {
      this.rejectAll(new Failure('computation-failed', `a measuring thread failed: ${event.message || 'it could not be loaded'}`));
    });
  }

  /** `onProgress` hears how far a unit is, until it is answered. */
  ask(message: Unaddressed<ToShard>, onProgress?: OnProgress): Promise<FromShard> {
    if (this.ended) return Promise.reject(this.ended);
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject, onProgress });
      this.worker.postMessage({ ...message, id });
    });
  }

  async measure(job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult> {
    const answer = await this.ask({ type: 'measure', job: this.sent.pack(job) }, onProgress);
    if (answer.type !== 'measured') throw new Error(`expected measured, got ${answer.type}`);
    return answer.result;
  }

  /** Ends the thread at once; whatever it was asked rejects with the reason. */
  end(reason: Failure): void {
    this.worker.terminate();
    this.rejectAll(reason);
  }

  private rejectAll(error: unknown): void {
    this.ended ??= error;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
  }
}
