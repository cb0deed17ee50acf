/**
 * A laboratory of measuring threads, in the browser and in the terminal: one for a GPU (in the terminal a process of its own),
 * one per core for wasm. Units are stateless, so when a device is lost or memory runs out the thread is replaced and the unit
 * measured again, in smaller parts where memory was short; the outcome is the same.
 */
import type { Engine } from '../lib/engine/choose';
import { Failure } from '../lib/failure';
import type { MeasureJob, MeasureResult } from '../lib/protocol/measure';
import type { OnProgress } from '../lib/protocol/unit-progress';
import type { OpenLaboratory } from './measurer';

export interface Thread {
  readonly engine: Engine;
  /** Images that its device takes at once. */
  readonly atOnce: number;
  measure(job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult>;
  /** Ends it at once; whatever it was asked rejects with the reason. */
  end(reason: Failure): Promise<void>;
}

export interface ThreadsOptions {
  size: number;
  start(): Promise<Thread>;
  /** Says what happened to the device. */
  onNotice(text: string): void;
  /** How long a GPU may say nothing of what it was asked before it counts as lost; ten minutes by default. */
  silenceMs?: number;
}

/** Losses in one run after which it is given up. */
const MAX_LOSSES = 3;
/** A GPU speaks with every pass over a batch; one that hangs does not even say that it failed. */
const SILENCE_MS = 600_000;
/** Silence is counted in so many looks: a machine that slept has missed them, too. */
const LOOKS = 20;
/** A driver that starts again has no adapter for a moment: pauses before each try to open one, in milliseconds. */
const OPENING_PAUSES = [0, 1000, 3000];

export async function openThreads({ size, start, onNotice, silenceMs = SILENCE_MS }: ThreadsOptions): Promise<OpenLaboratory> {
  let losses = 0;
  let closed = false;
  const threads = new Set<Thread>();
  const open = async (): Promise<Thread> => {
    if (closed) throw new Failure('stopped', 'stopped');
    const thread = await start();
    threads.add(thread);
    if (closed) await thread.end(new Failure('stopped', 'stopped'));
    return thread;
  };
  const close = async () => {
    closed = true;
    await Promise.all([...threads].map((thread) => thread.end(new Failure('stopped', 'stopped'))));
    threads.clear();
  };

  const opened = await Promise.allSettled(Array.from({ length: size }, open));
  const failed = opened.find((o) => o.status === 'rejected');
  if (failed) {
    await close();
    throw failed.reason;
  }
  const first = opened.flatMap((o) => (o.status === 'fulfilled' ? [o.value] : []));
  const { engine } = first[0];
  let { atOnce } = first[0];
  // On a GPU the next unit is prepared while the last one is read back.
  const perThread = engine.backend === 'webgpu' ? 2 : 1;
  const seats = first.map((thread) => ({ current: Promise.resolve(thread), busy: 0, silent: 0 }));
  type Seat = (typeof seats)[number];

  /** Says what a failure means for the run; throws it where the run can't go on. `used`: images at once when it failed. */
  const judge = (failure: Failure, job: MeasureJob, used: number, replaces: boolean): void => {
    if (failure.code === 'out-of-memory') {
      const tried = Math.min(used, job.labels.length);
      if (tried === 1) throw new Failure('out-of-memory', `not even one image at a time fits into memory: ${failure.message}`);
      if (atOnce < used) return; // another unit has said so
      atOnce = Math.ceil(tried / 2);
      onNotice(`Memory ran out with ${tried} images at once. The run goes on with ${atOnce} at once, to the same outcome.`);
    } else if (replaces) {
      if (++losses > MAX_LOSSES) throw failure;
    }
  };

  const openAgain = async (reason: Failure): Promise<Thread> => {
    for (const pause of OPENING_PAUSES) {
      await new Promise((resolve) => setTimeout(resolve, pause));
      const thread = await open().catch((error) => {
        if (closed) throw error;
        return undefined;
      });
      if (thread) return thread;
    }
    throw new Failure(reason.code, `${reason.message}; it could not be opened again`, { cause: reason });
  };

  const replaced = async (old: Thread, reason: Failure): Promise<Thread> => {
    threads.delete(old);
    await old.end(reason); // another unit in flight finds its thread ended, too, and goes to the new one
    const thread = await openAgain(reason);
    const { device } = thread.engine;
    // Two devices may round differently: a report is of one.
    if (device !== engine.device)
      throw new Failure('device-lost', `${reason.message}; it came back as another one, ${device} instead of ${engine.device}`);
    if (reason.code === 'device-lost')
      onNotice(`T${reason.message.slice(1)}. It was opened again and the run goes on; nothing measured so far is lost.`);
    return thread;
  };

  /** What a seat's units say together is its sign of life: one of them may wait for the other. */
  const watched = (seat: Seat, thread: Thread, job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult> => {
    const hear = () => {
      seat.silent = 0;
    };
    if (seat.busy === 1) hear();
    const measuring = thread.measure(job, (progress) => {
      hear();
      onProgress?.(progress);
    });
    if (engine.backend !== 'webgpu') return measuring;
    return new Promise((resolve, reject) => {
      const look = setInterval(() => {
        if (++seat.silent <= LOOKS * seat.busy) return;
        reject(new Failure('device-lost', `the GPU was silent for ${Math.round(silenceMs / 1000)} s`));
      }, silenceMs / LOOKS);
      measuring
        .finally(() => {
          clearInterval(look);
          hear();
        })
        .then(resolve, reject);
    });
  };

  const measure = async (job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult> => {
    const seat = seats.reduce((a, b) => (b.busy < a.busy ? b : a));
    seat.busy++;
    try {
      for (;;) {
        const holder = seat.current;
        const thread = await holder;
        if (closed) throw new Failure('stopped', 'stopped');
        const used = atOnce;
        try {
          return await watched(seat, thread, used < job.labels.length ? { ...job, atOnce: used } : job, onProgress);
        } catch (error) {
          if (closed || !(error instanceof Failure) || !['device-lost', 'out-of-memory'].includes(error.code)) throw error;
          // Two units may report one loss; only the first replaces the thread.
          const replaces = seat.current === holder;
          judge(error, job, used, replaces);
          if (replaces) {
            seat.current = replaced(thread, error);
            seat.current.catch(() => undefined); // whoever waits for the seat hears of it
          }
        }
      }
    } finally {
      seat.busy--;
    }
  };
  return { engine, atOnce, workers: size, capacity: size * perThread, close, measure };
}
