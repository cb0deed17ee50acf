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
    else this.answer({ type: 'opened', id: message.id, engine: { backend: 'webgpu', device: PlayedWorker.device }, workers: 1 });
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
  notices.length = 0;
  vi.stubGlobal('Worker', PlayedWorker);
});
afterEach(() => vi.unstubAllGlobals());

describe('a pool on a GPU', () => {
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

  it('says when the device that comes back is another one', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0));
    await settle();
    PlayedWorker.device = 'a software adapter';
    PlayedWorker.opened[0].lose(0);
    await settle();
    PlayedWorker.opened[1].finish(0);
    await unit;
    expect(notices[1]).toContain('a software adapter instead of a GPU');
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
    await settle();
    PlayedWorker.opened[0].runOut(0);
    await settle();
    expect(PlayedWorker.opened[1].jobs.map((j) => j.job.atOnce)).toEqual([25, 25]);
    PlayedWorker.opened[1].runOut(1);
    await settle();
    expect(PlayedWorker.opened[2].jobs.map((j) => j.job.atOnce)).toEqual([13, 13]);
    [0, 1].forEach((i) => {
      PlayedWorker.opened[2].finish(i);
    });
    expect((await Promise.all(units)).map((r) => r.forwards).sort()).toEqual([0, 50]);
    expect(notices.map((text) => /with (\d+) at once/.exec(text)?.[1])).toEqual(['25', '13']);
    const later = laboratory.measure(job(100, 50));
    await settle();
    expect(PlayedWorker.opened[2].jobs.at(-1)?.job.atOnce).toBe(13);
    PlayedWorker.opened[2].finish(2);
    await later;
  });

  it('says that memory does not hold one image, rather than trying for ever', async () => {
    const laboratory = await pool();
    const unit = laboratory.measure(job(0, 3)).catch((error: Failure) => error);
    for (let i = 0; i < 3; i++) {
      await settle();
      PlayedWorker.opened[i].runOut(0);
    }
    expect(await unit).toMatchObject({ code: 'out-of-memory', message: 'not even one image at a time fits into memory: no room: test' });
    expect(notices.map((text) => /with (\d+) at once/.exec(text)?.[1])).toEqual(['2', '1']);
  });
});
