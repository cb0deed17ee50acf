import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { Engine } from '../lib/engine/choose';
import type { Failure } from '../lib/failure';
import type { MeasureJob, MeasureResult } from '../lib/protocol/measure';
import type { OnProgress } from '../lib/protocol/unit-progress';
import { openThreads, type Thread } from './threads';

const engine = (backend: Engine['backend']): Engine => ({ backend, device: 'one' });
const job = { labels: Uint8Array.of(1, 2) } as MeasureJob;
const result = { forwards: 1 } as MeasureResult;
const SILENCE_MS = 200;

/** Threads whose n-th measures as the n-th of these says. */
async function opened(backend: Engine['backend'], ...ways: ((onProgress?: OnProgress) => Promise<MeasureResult>)[]) {
  const [notices, ended]: string[][] = [[], []];
  let next = 0;
  const start = async (): Promise<Thread> => {
    const way = ways[next++];
    let fail: (reason: Failure) => void = () => undefined;
    const gone = new Promise<never>((_, reject) => {
      fail = reject;
    });
    gone.catch(() => undefined);
    return {
      engine: engine(backend),
      atOnce: 100,
      measure: (_, onProgress) => Promise.race([gone, way(onProgress)]),
      end: async (reason) => {
        ended.push(reason.message);
        fail(reason);
      },
    };
  };
  const laboratory = await openThreads({ size: 1, start, onNotice: (text) => notices.push(text), silenceMs: SILENCE_MS });
  return { laboratory, notices, ended };
}

const never = () => new Promise<never>(() => undefined);
const atOnce = async () => result;
/** Takes five times the silence that would end it, and is heard of all the while. */
const slowly = async (onProgress?: OnProgress) => {
  for (let done = 1; done <= 20; done++) {
    await sleep(SILENCE_MS / 4);
    onProgress?.({ done, standing: 2 });
  }
  return result;
};

it('a GPU that hangs is ended and opened again, and its unit is measured there', async () => {
  const { laboratory, notices, ended } = await opened('webgpu', never, atOnce);
  expect(await laboratory.measure(job)).toBe(result);
  expect(ended).toEqual(['the GPU was silent for 0 s']);
  expect(notices).toEqual([expect.stringContaining('It was opened again and the run goes on')]);
  await laboratory.close();
});

it('a GPU that goes on hanging ends the run', async () => {
  const { laboratory } = await opened('webgpu', never, never, never, never);
  await expect(laboratory.measure(job)).rejects.toMatchObject({ code: 'device-lost', message: expect.stringContaining('silent') });
  await laboratory.close();
});

it('a GPU that is slow is let be, and so is what waits behind it', async () => {
  const { laboratory, notices } = await opened('webgpu', slowly);
  const first = laboratory.measure(job, () => undefined);
  expect(await Promise.all([first, laboratory.measure(job)])).toEqual([result, result]);
  expect(notices).toEqual([]);
  await laboratory.close();
});

it('a processor is never given up for its silence', async () => {
  const silent = async () => {
    await sleep(3 * SILENCE_MS);
    return result;
  };
  const { laboratory, ended } = await opened('wasm', silent);
  expect(await laboratory.measure(job)).toBe(result);
  expect(ended).toEqual([]);
  await laboratory.close();
});
