import { afterAll, beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import type { MeasureJob } from '../../lib/protocol/measure';
import type { UnitProgress } from '../../lib/protocol/unit-progress';
import { bundledFiles, drawnRecords, linfBoard } from '../../lib/testing/small-evaluation';
import { type OpenLaboratory, openHere } from '../measurer';
import { inProcess, type OpenPlace, type Place } from './places';
import { openPool } from './pool';

const files = bundledFiles('fmnist_st');
const settings = { board: linfBoard, seed: 3, restarts: 1 };
const job = (changes: Partial<MeasureJob> = {}): MeasureJob => ({
  ...drawnRecords('test', 2),
  split: 'test',
  first: 0,
  condition: 'pgd-10',
  wantFeatures: true,
  wantPerturbed: true,
  layers: [],
  ...changes,
});

let pool: OpenLaboratory;
beforeAll(async () => {
  pool = await openPool(2, { backend: 'wasm', files, settings });
});
afterAll(() => pool.close());

it('measures in threads what this thread measures', async () => {
  expect(pool).toMatchObject({ workers: 2, capacity: 2, engine: { backend: 'wasm' } });
  await openEngine('wasm', nodeHost);
  const here = await openHere(nodeHost, 'wasm', files, settings);
  const jobs = Array.from({ length: 5 }, (_, n) => job({ first: 2 * n }));
  const [inThreads, onThisOne] = [await Promise.all(jobs.map((j) => pool.measure(j))), []] as [object[], object[]];
  for (const j of jobs) onThisOne.push(await here.measure(j));
  expect(inThreads).toEqual(onThisOne);
  await here.close();
});

it('says across the threads how far a long unit is, which changes nothing in it', async () => {
  const small = await openPool(1, { backend: 'wasm', files, settings: { ...settings, board: { ...linfBoard, epsilon: 1e-4 } } });
  const { predictions } = await small.measure(job({ condition: 'clean' }));
  const long = job({ condition: 'square', wantFeatures: false, labels: Uint8Array.from(predictions) });
  const heard: UnitProgress[] = [];
  const unit = await small.measure(long, (progress) => heard.push(progress));
  expect(unit.attacked).toBe(2);
  expect(heard.length).toBeGreaterThan(0);
  expect(heard.every(({ done }, i) => done >= (heard[i - 1]?.done ?? 0))).toBe(true);
  expect(unit).toEqual(await small.measure(long));
  await small.close();
});

it('keeps the kind of a failure across the threads, and goes on with the next unit', async () => {
  const broken = pool.measure(job({ labels: Uint8Array.of(1, 2, 3) }));
  await expect(broken).rejects.toMatchObject({ name: 'Failure', code: 'computation-failed' });
  expect((await pool.measure(job())).predictions).toHaveLength(2);
});

it('does not open with a model that is refused', async () => {
  const cut = new Map(files).set('group1-shard1of1.bin', new Uint8Array(8));
  await expect(openPool(2, { backend: 'wasm', files: cut, settings })).rejects.toMatchObject({
    code: 'model-refused',
    message: expect.stringMatching(/8 bytes found/),
  });
});

it('a pool that is closed rejects what it was doing and everything after', async () => {
  const short = await openPool(1, { backend: 'wasm', files, settings });
  const [running, waiting] = [short.measure(job()), short.measure(job())].map((unit) => unit.catch((error) => error));
  await short.close();
  for (const unit of [running, waiting, short.measure(job()).catch((error) => error)]) {
    expect(await unit).toMatchObject({ code: 'stopped' });
  }
});

it('a process that ends in the middle of an attack is started again, and the unit ends as if nothing had been', async () => {
  const opened: Place[] = [];
  const noting: OpenPlace = (data) => {
    const place = inProcess(data);
    opened.push(place);
    return place;
  };
  const gentle = { backend: 'wasm' as const, files, settings: { ...settings, board: { ...linfBoard, epsilon: 1e-4 } } };
  const apart = await openPool(1, gentle, undefined, noting);
  const { predictions } = await apart.measure(job({ condition: 'clean' }));
  const long = job({ condition: 'apgd-t', labels: Uint8Array.from(predictions) });
  let begun = 0;
  const disturbed = await apart.measure(long, ({ done }) => {
    if (begun === 0) void opened[0].end();
    begun = Math.max(begun, done);
  });
  expect(begun).toBeGreaterThan(0);
  expect(opened).toHaveLength(2);
  expect(disturbed).toEqual(await apart.measure(long));
  await apart.close();
});

it('a process measures what a thread measures, to the last bit, also where it had to be started again', async () => {
  const opened: Place[] = [];
  const noting: OpenPlace = (data) => {
    const place = inProcess(data);
    opened.push(place);
    return place;
  };
  const said: string[] = [];
  const apart = await openPool(1, { backend: 'wasm', files, settings }, (text) => said.push(text), noting);
  const disturbed = apart.measure(job());
  await opened[0].end();
  expect(await disturbed).toEqual(await pool.measure(job()));
  expect(opened).toHaveLength(2);
  expect(said).toEqual([
    'The process that drives the GPU ended before its work was done (SIGKILL). It was opened again and the run goes on; nothing measured so far is lost.',
  ]);
  await apart.close();
});
