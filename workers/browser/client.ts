/** A page's end of the evaluation worker: start, listen, stop. Owns the worker's life. */
import { Failure, fromPlainFailure } from '../../lib/failure';
import type { EvaluationEvent } from '../../lib/protocol/evaluate';
import type { Report } from '../../lib/protocol/report';
import type { EvaluateRequest, FromWorker, Inspection, InspectRequest, ToWorker } from './messages';

interface Pending {
  resolve(value: Inspection | Report): void;
  reject(error: unknown): void;
  listen?: RunListener;
}

export interface RunListener {
  onEvent(event: EvaluationEvent): void;
  onStatus(text: string): void;
  onNotice(text: string): void;
}

/** How long a stopped run may take to come to rest before its worker is ended. */
const GRACE_MS = 3000;

export class EvaluationClient {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  /** Reads a model, opens the engine and times it. */
  inspect(request: InspectRequest, onStatus: (text: string) => void): Promise<Inspection> {
    return this.ask((id) => ({ type: 'inspect', id, request }), {
      onEvent: () => undefined,
      onNotice: () => undefined,
      onStatus,
    }) as Promise<Inspection>;
  }

  /** Runs an evaluation; aborting the signal stops it, and the promise rejects with code `stopped`. */
  evaluate(request: EvaluateRequest, listen: RunListener, signal: AbortSignal): Promise<Report> {
    let id = 0;
    const report = this.ask((given) => {
      id = given;
      return { type: 'evaluate', id, request };
    }, listen) as Promise<Report>;
    signal.addEventListener('abort', () => this.stop(id), { once: true });
    return report;
  }

  /** Ends the worker at once; whatever is under way rejects with code `stopped`. */
  close(): void {
    this.worker?.terminate();
    this.worker = undefined;
    this.rejectAll(new Failure('stopped', 'stopped'));
  }

  private stop(id: number): void {
    if (!this.pending.has(id)) return;
    this.worker?.postMessage({ type: 'stop', id } satisfies ToWorker);
    setTimeout(() => {
      if (this.pending.has(id)) this.close();
    }, GRACE_MS);
  }

  private ask(message: (id: number) => ToWorker, listen?: RunListener): Promise<Inspection | Report> {
    const worker = this.open();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, ...(listen ? { listen } : {}) });
      worker.postMessage(message(id));
    });
  }

  private open(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./evaluate.worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<FromWorker>) => this.receive(data));
    worker.addEventListener('error', (event) => {
      this.worker = undefined;
      worker.terminate();
      this.rejectAll(new Failure('computation-failed', event.message || 'the evaluation worker could not be loaded'));
    });
    this.worker = worker;
    return worker;
  }

  private receive(message: FromWorker): void {
    const pending = this.pending.get(message.id);
    if (!pending) return;
    if (message.type === 'event') {
      pending.listen?.onEvent(message.event);
      return;
    }
    if (message.type === 'status') {
      pending.listen?.onStatus(message.text);
      return;
    }
    if (message.type === 'notice') {
      pending.listen?.onNotice(message.text);
      return;
    }
    this.pending.delete(message.id);
    if (message.type === 'failure') pending.reject(fromPlainFailure(message.failure));
    else pending.resolve(message.type === 'inspected' ? message.inspection : message.report);
  }

  private rejectAll(error: unknown): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
