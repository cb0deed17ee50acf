/** A page's end of the evaluation worker: start, listen, stop. Owns the worker's life. */
import { Failure, fromPlainFailure } from '../../lib/failure';
import type { EvaluationEvent } from '../../lib/protocol/evaluate';
import type { Check, CheckId } from '../../lib/protocol/preflight-checks';
import type { Report } from '../../lib/protocol/report';
import type { EvaluateRequest, FromWorker, Inspection, InspectRequest, Preflight, ToWorker } from './messages';
import { askToPersist } from './persist';

/** Interrupted runs of this browser. */
export { discardRun, runLetGo, type SavedRun, savedRuns } from './run-store';

type Answer = Inspection | Report | Preflight;

interface Pending {
  resolve(value: Answer): void;
  reject(error: unknown): void;
  listen?: Partial<RunListener & PreflightListener>;
}

export interface RunListener {
  onEvent(event: EvaluationEvent): void;
  onStatus(text: string): void;
  onNotice(text: string): void;
}

export interface PreflightListener {
  onStatus(text: string): void;
  onCheck(check: Check): void;
  onProgress(check: CheckId, done: number, total: number): void;
}

/** How long a stopped run may take to come to rest before its worker is ended. */
const GRACE_MS = 3000;

export class EvaluationClient {
  private worker: Worker | undefined;
  private readonly pending = new Map<number, Pending>();
  private nextId = 1;

  /** Reads a model, opens the engine and times it. */
  inspect(request: InspectRequest, onStatus: (text: string) => void): Promise<Inspection> {
    return this.ask((id) => ({ type: 'inspect', id, request }), { onStatus }) as Promise<Inspection>;
  }

  /** Runs an evaluation; aborting the signal stops it, and the promise rejects with code `stopped`. */
  evaluate(request: EvaluateRequest, listen: RunListener, signal: AbortSignal): Promise<Report> {
    if (request.keep) void askToPersist().then((note) => note && listen.onNotice(note));
    return this.stoppable((id) => ({ type: 'evaluate', id, request }), listen, signal) as Promise<Report>;
  }

  /** Puts a model to the test before it is sent; what is refused is in the result, what could not be tried rejects. */
  preflight(request: InspectRequest, listen: PreflightListener, signal: AbortSignal): Promise<Preflight> {
    return this.stoppable((id) => ({ type: 'preflight', id, request }), listen, signal) as Promise<Preflight>;
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

  private stoppable(message: (id: number) => ToWorker, listen: Pending['listen'], signal: AbortSignal): Promise<Answer> {
    let id = 0;
    const answer = this.ask((given) => {
      id = given;
      return message(id);
    }, listen);
    signal.addEventListener('abort', () => this.stop(id), { once: true });
    return answer;
  }

  private ask(message: (id: number) => ToWorker, listen: Pending['listen']): Promise<Answer> {
    const worker = this.open();
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.pending.set(id, { resolve, reject, listen });
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
    const listen = pending.listen ?? {};
    if (message.type === 'event') listen.onEvent?.(message.event);
    else if (message.type === 'status') listen.onStatus?.(message.text);
    else if (message.type === 'notice') listen.onNotice?.(message.text);
    else if (message.type === 'preflight-check') listen.onCheck?.(message.check);
    else if (message.type === 'preflight-progress') listen.onProgress?.(message.check, message.done, message.total);
    else this.settle(message, pending);
  }

  /** An answer is the last word on its question. */
  private settle(message: FromWorker, pending: Pending): void {
    this.pending.delete(message.id);
    if (message.type === 'failure') pending.reject(fromPlainFailure(message.failure));
    else if (message.type === 'inspected') pending.resolve(message.inspection);
    else if (message.type === 'result') pending.resolve(message.report);
    else if (message.type === 'preflighted') pending.resolve(message.preflight);
  }

  private rejectAll(error: unknown): void {
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}
