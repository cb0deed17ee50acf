import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { builtInSource } from '../data/built-in';
import { DATASETS, type DataSource } from '../data/datasets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { bundledFiles, modelOf, networkOf } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { hunt, strongerBoard } from './hunt';
import { leadsOf, readTestRecords } from './judge';
import { type MeasureJob, measure } from './measure';
import { outside } from './witness';
import { packFiles, readWitnesses, witnessReasons } from './witness-file';
import { outcomeOf } from './witness-verdict';

const board = BOARDS.get('glyphs/linf') as Board;
const dataset = DATASETS.glyphs;
const data = builtInSource(dataset) as DataSource;
const model = await modelOf(bundledFiles('glyphs_st'));

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
});

async function hunted(targets: number[], changes: { batch?: number; rounds?: number; seed?: number; stopAfter?: number } = {}) {
  const network = networkOf(model);
  const before = tf.memory().numTensors;
  const settings = { board: strongerBoard(board, 10), seed: 1, restarts: 1 };
  const jobs: MeasureJob[] = [];
  const stop = new AbortController();
  const laboratory = {
    capacity: 1,
    measure: (job: MeasureJob) => {
      jobs.push(job);
      if (jobs.length === changes.stopAfter) stop.abort();
      return measure(network, job, settings);
    },
  };
  const progress: number[][] = [];
  const world = { laboratory, data, signal: stop.signal, onProgress: (...p: number[]) => void progress.push(p) };
  try {
    const witnesses = await hunt({ board, targets, rounds: 2, seed: 7, batch: 3, ...changes }, world);
    const records = await readTestRecords(
      data,
      dataset,
      witnesses.map((w) => w.index),
    );
    const deltas = new Int16Array(witnesses.flatMap((w) => [...w.deltas]));
    const leads = witnesses.length ? await leadsOf(laboratory, records, deltas) : [];
    expect(tf.memory().numTensors).toBe(before);
    return { witnesses, leads, records, progress, jobs };
  } finally {
    network.dispose();
  }
}

const targets = [0, 1, 2, 5, 9, 20, 21];

it('a hunt returns witnesses that stay in box and ball and are broken when looked at again', async () => {
  const { witnesses, leads, records, progress } = await hunted(targets);
  expect(witnesses.length, 'a model of standard training falls').toBeGreaterThan(4);
  witnesses.forEach((w, n) => {
    expect(targets).toContain(w.index);
    expect(outside(w.deltas, records.images.subarray(n * 784, (n + 1) * 784), board, dataset.shape)).toBeUndefined();
    expect(outcomeOf(leads[n].lead)).toBe('broken');
    expect(leads[n].lead).toBe(w.lead);
  });
  expect(progress.at(-1)?.slice(2)).toEqual([witnesses.length]);
  for (const [done, total] of progress) expect(done).toBeLessThanOrEqual(total);
});

it('finds the same for the same seed, in batches of any size, and other starts in other seeds', async () => {
  const [one, other, third] = [await hunted(targets), await hunted(targets, { batch: 7 }), await hunted(targets, { seed: 8 })];
  expect(other.witnesses).toEqual(one.witnesses);
  expect(third.witnesses.map((w) => w.deltas)).not.toEqual(one.witnesses.map((w) => w.deltas));
});

it('stopped, it returns what it has found', async () => {
  const { witnesses, jobs } = await hunted(targets, { stopAfter: 1, rounds: 9 });
  expect(witnesses.length).toBeLessThanOrEqual(3);
  expect(jobs.length).toBeLessThan(5);
});

it('its files are read again as the site reads them, and are cut where one would be too large', async () => {
  const { witnesses, records } = await hunted([0, 1, 2], { rounds: 1 });
  const header = { board: board.id, data: 'd'.repeat(64), model: model.sha256, shape: [28, 28, 1] as [number, number, number] };
  const [file] = packFiles(header, witnesses);
  const read = readWitnesses(file);
  if (!read.ok) throw new Error(read.reasons.join());
  expect(read.value.header.indices).toEqual(witnesses.map((w) => w.index));
  expect(witnessReasons(read.value, records.images)).toEqual([]);
  expect(packFiles(header, witnesses, 1)).toHaveLength(witnesses.length);
  expect(packFiles(header, [])).toEqual([]);
  const many = Array.from({ length: 1001 }, (_, index) => ({ index, deltas: new Int16Array(784) }));
  expect(packFiles(header, many)).toHaveLength(3);
});
