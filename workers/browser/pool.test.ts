/** The browser's pool against threads that are played by the test: what happens to units when their device goes away. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Failure } from '../../lib/failure';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import type { MeasureJob, MeasureResult } from '../../lib/protocol/measure';
import type { FromShard, ToShard } from './messages';
import { openPool } from './pool';

/** A thread: hears what it is asked, answers when the test says so. */
class PlayedWorker {
  static opened: PlayedWorker[] = [];
  static device = 'a GPU';
  /** Openings that fail before one succeeds. */
  static refusals = 0;
  readonly jobs: Extract<ToShard, { type: 'measure' }>[] = [];
  ended = false;
  private listener: ((event: { data: FromShard }) => void) | undefined;

  constructor() {
    PlayedWorker.opened.push(this);
  }
  addEventListener(type: string, listener: (event: { data: FromShard }) => void): void {
    if (type === 'message') this.listener = listener;
  }
  postMessage(message: ToShard): void {
    if (message.type === 'measure') this.jobs.push(message);
    else if (PlayedWorker.refusals > 0) {
      PlayedWorker.refusals--;
      this.answer({ type: 'failure', id: message.id, failure: { code: 'computation-failed', message: 'no adapter' } });
    } else this.answer({ type: 'opened', id: message.id, engine: { backend: 'webgpu', device: PlayedWorker.device }, atOnce: 1000 });
  }
  terminate(): void {
    this.ended = true;
  }
  answer(data: FromShard): void {
    queueMicrotask(() => this.listener?.({ data }));
  }
  lose(job: number): void {
    this.answer({ type: 'failure', id: this.jobs[job].id, failure: { code: 'device-lost', message: 'the GPU was lost: test' } });
  }
  runOut(job: number): void {
    this.answer({ type: 'failure', id: this.jobs[job].id, failure: { code: 'out-of-memory', message: 'no room: test' } });
  }
  finish(job: number): void {
    this.answer({ type: 'measured', id: this.jobs[job].id, result: { forwards: this.jobs[job].job.first } as MeasureResult });
  }
}

const job = (first: number, count = 1) => ({ first, labels: new Uint8Array(count), layers: [] }) as unknown as MeasureJob;
const settle = () => new Promise((resolve) => setTimeout(resolve, 5));
/** Until the thread has so many jobs: a busy machine takes longer than any number of milliseconds. */
const asked = (thread: number, jobs: number) => vi.waitFor(() => expect(PlayedWorker.opened[thread]?.jobs).toHaveLength(jobs), 5000);
const notices: string[] = [];
const pool = () =>
  openPool({
    size: 1,
    backend: 'webgpu',
    files: new Map(),
    settings: { board: BOARDS.get('fashion-mnist/linf') as Board, seed: 1, restarts: 1 },
    onNotice: (text) => notices.push(text),
  });

beforeEach(() => {
  PlayedWorker.opened = [];
  PlayedWorker.device = 'a GPU';
  PlayedWorker.refusals = 0;
  notices.length = 0;
  vi.stubGlobal('Worker', PlayedWorker);
});
afterEach(() => vi.unstubAllGlobals());

describe('a pool on a GPU', () => {
  it('hands on how far a unit is, to whoever asked for it', async () => {
    const laboratory = await pool();
    const heard: [number, number][] = [];
    const units = [0, 50].map((first) => laboratory.measure(job(first), ({ done }) => heard.push([first, done])));
    await settle();
    const [worker] = PlayedWorker.opened;
    worker.answer({ type: 'progress', id: worker.jobs[1].id, progress: { done: 3, standing: 1 } });
    worker.answer({ type: 'progress', id: worker.jobs[0].id, progress: { done: 7, standing: 1 } });
    await settle();
    expect(heard).toEqual([
      [50, 3],
      [0, 7],
    ]);
    [0, 1].forEach((i) => {
      worker.finish(i);
    });
    await Promise.all(units);
  });

  it('takes two units at once', async () => {
    expect((await pool()).capacity).toBe(2);
  });

  it('measures both units in flight again on a new thread when the GPU is lost, and says so once', async () => {
    const laboratory = await pool();
    const units = [laboratory.measure(job(0)), laboratory.measure(job(50))];
    await settle();
    const [first] = PlayedWorker.opened;
    first.lose(0);
    await settle();
    expect(first.ended).toBe(true);
    const second = PlayedWorker.opened[1];
    expect(second.jobs.map((j) => j.job.first).sort()).toEqual([0, 50]);
    second.jobs.forEach((_, i) => {
      second.finish(i);
    });
    expect((await Promise.all(units)).map((r) => r.forwards)).toEqual([0, 50]);
    expect(notices).toEqual([expect.stringContaining('The GPU was lost: test. It was opened again')]);
  });

  it('ends the run when the device comes back as another one: a report is of one device', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0)).catch((error: Failure) => error);
    await settle();
    PlayedWorker.device = 'a software adapter';
    PlayedWorker.opened[0].lose(0);
    expect(await unit).toMatchObject({
      code: 'device-lost',
      message: 'the GPU was lost: test; it came back as another one, a software adapter instead of a GPU',
    });
    expect(notices).toEqual([]);
  });

  it('tries again to open a device that is not there for a moment, and says so only when it is', async () => {
    vi.useFakeTimers();
    try {
      const laboratory = await pool();
      const unit = laboratory.measure(job(0));
      await vi.advanceTimersByTimeAsync(5);
      PlayedWorker.refusals = 1;
      PlayedWorker.opened[0].lose(0);
      await vi.advanceTimersByTimeAsync(500);
      expect(notices).toEqual([]);
      await vi.advanceTimersByTimeAsync(1000);
      expect(notices).toEqual([expect.stringContaining('It was opened again')]);
      PlayedWorker.opened[2].finish(0);
      await vi.advanceTimersByTimeAsync(5);
      expect((await unit).forwards).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('rejects what it was doing and everything after when it is closed', async () => {
    const laboratory = await pool();
    const [running, waiting] = [laboratory.measure(job(0)), laboratory.measure(job(50))].map((unit) => unit.catch((error) => error));
    await laboratory.close();
    for (const unit of [running, waiting, laboratory.measure(job(100)).catch((error) => error)])
      expect(await unit).toMatchObject({ code: 'stopped' });
  });

  it('gives up after three losses, with the reason', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0)).catch((error: Failure) => error);
    for (let i = 0; i < 4; i++) {
      await settle();
      PlayedWorker.opened[i].lose(0);
    }
    expect(await unit).toMatchObject({ code: 'device-lost' });
    expect(PlayedWorker.opened).toHaveLength(4);
  });

  it('a stop ends the threads and what they were asked, and opens no new one', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0)).catch((error: Failure) => error);
    await settle();
    await laboratory.close();
    expect(await unit).toMatchObject({ code: 'stopped' });
    expect(PlayedWorker.opened.every((w) => w.ended)).toBe(true);
    expect(PlayedWorker.opened).toHaveLength(1);
  });

  it('sends the tasks of a pass over the layers to a thread once', async () => {
    const laboratory = await pool();
    const layers = [{ node: 1, kind: 'sums' as const }];
    const units = [0, 50].map((first) => laboratory.measure({ ...job(first), layers, layerSet: 7 }).catch((error: Failure) => error));
    await settle();
    expect(PlayedWorker.opened[0].jobs.map((j) => j.job.layers)).toEqual([layers, null]);
    await laboratory.close();
    for (const unit of units) expect(await unit).toMatchObject({ code: 'stopped' });
  });

  it('halves the images at once for good when memory runs out, once for two units that find it out together', async () => {
    const laboratory = await pool();
    const units = [laboratory.measure(job(0, 50)), laboratory.measure(job(50, 50))];
    await asked(0, 2);
    PlayedWorker.opened[0].runOut(0);
    await asked(1, 2);
    expect(PlayedWorker.opened[1].jobs.map((j) => j.job.atOnce)).toEqual([25, 25]);
    PlayedWorker.opened[1].runOut(1);
    await asked(2, 2);
    expect(PlayedWorker.opened[2].jobs.map((j) => j.job.atOnce)).toEqual([13, 13]);
    [0, 1].forEach((i) => {
      PlayedWorker.opened[2].finish(i);
    });
    expect((await Promise.all(units)).map((r) => r.forwards).sort()).toEqual([0, 50]);
    expect(notices.map((text) => /with (\d+) at once/.exec(text)?.[1])).toEqual(['25', '13']);
    const later = laboratory.measure(job(100, 50));
    await asked(2, 3);
    expect(PlayedWorker.opened[2].jobs.at(-1)?.job.atOnce).toBe(13);
    PlayedWorker.opened[2].finish(2);
    await later;
  });

  it('says that memory does not hold one image, rather than trying for ever', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0, 3)).catch((error: Failure) => error);
    for (let i = 0; i < 3; i++) {
      await asked(i, 1);
      PlayedWorker.opened[i].runOut(0);
    }
    expect(await unit).toMatchObject({ code: 'out-of-memory', message: 'not even one image at a time fits into memory: no room: test' });
    expect(notices.map((text) => /with (\d+) at once/.exec(text)?.[1])).toEqual(['2', '1']);
  });
});
