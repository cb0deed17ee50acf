/** The attacks of a claim again, on some of its samples. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { builtInSource } from '../data/built-in';
import { DATASETS, type DataSource } from '../data/datasets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import type { Network } from '../model/network';
import { bundledFiles, evaluateHere, laboratoryOf, modelOf, networkOf, requestFor } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { fromBase64, packBitmap, toBase64, unpackBitmap } from './evidence';
import { attackAgain, calledRobust, SPOT_ATTACKS } from './spot-attack';

const board = BOARDS.get('glyphs/linf') as Board;
const data = builtInSource(DATASETS.glyphs) as DataSource;
const attacks = ['pgd-10', 'pgd-margin', 'apgd-ce'] as const;

let network: Network;
let model: Awaited<ReturnType<typeof modelOf>>;
beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(bundledFiles('glyphs_st'));
  network = networkOf(model);
});
afterAll(() => network.dispose());

it('breaks, of any samples in any units, just those that a whole evaluation with the same seed breaks', async () => {
  const request = requestFor(model, { board, attacks: [...attacks], samples: 24, trainSamples: 0, seed: 5, batch: 24 });
  const { evidence } = await evaluateHere(network, request, data);
  const maps = Object.values(evidence).map((bits) => unpackBitmap(fromBase64(bits), 24));
  const indices = [2, 3, 9, 10, 17, 23];
  const expected = indices.filter((i) => maps.some((map) => map[i] === 0));
  expect(expected.length).toBeGreaterThan(0);
  const before = tf.memory().numTensors;
  const seen: string[] = [];
  for (const [batch, capacity] of [
    [6, 1],
    [2, 2],
  ]) {
    const laboratory = laboratoryOf(network, request, capacity);
    const onProgress = (done: number, total: number) => seen.push(`${done}/${total}`);
    const found = await attackAgain({ board, attacks, indices, seed: 5, batch }, { laboratory, data, onProgress });
    expect(found.map((w) => w.index)).toEqual(expected);
    for (const { deltas } of found) expect(Math.max(...deltas.map(Math.abs))).toBeLessThanOrEqual(3264);
  }
  expect(seen).toEqual(['6/6', '2/6', '4/6', '6/6']);
  expect(tf.memory().numTensors).toBe(before);
});

it('stops at a signal, and begins nothing after a unit that failed', async () => {
  const request = requestFor(model, { board });
  const laboratory = laboratoryOf(network, request);
  const job = { board, attacks, indices: [0, 1, 2], seed: 5, batch: 1 };
  await expect(attackAgain(job, { laboratory, data, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
  let asked = 0;
  const failing = {
    capacity: 1,
    measure: () => {
      asked++;
      return Promise.reject(new Error('the device is gone'));
    },
  };
  await expect(attackAgain(job, { laboratory: failing, data })).rejects.toThrow('the device is gone');
  expect(asked).toBe(1);
});

describe('what a claim calls robust', () => {
  const bits = (held: number[], samples = 20) => toBase64(packBitmap(Array.from({ length: samples }, (_, i) => held.includes(i))));
  const all = Array.from({ length: 20 }, (_, i) => i);
  const evidence = Object.fromEntries(['clean', ...SPOT_ATTACKS].map((condition) => [condition, bits(all)]));
  const claim = (changes: Record<string, string> = {}, level: 'pgd' | 'standard' = 'standard') => ({
    ...{ level, evidence: { ...evidence, ...changes } },
    counts: { samples: 20, trainSamples: 0, forwards: 0, backwards: 0 },
  });

  it('holds when clean and under every attack in the ball, others not asked', () => {
    expect(SPOT_ATTACKS).toEqual(['pgd-10', 'pgd-margin', 'apgd-ce', 'apgd-t', 'fab-t', 'square']);
    expect(calledRobust(claim())).toEqual(all);
    const changes = {
      clean: bits([1, 2, 3, 4]),
      square: bits([2, 3, 4, 5]),
      'apgd-dlr': bits([3, 4]),
      targeted: bits([]),
      sign: bits([4]),
    };
    expect(calledRobust(claim(changes))).toEqual([3, 4]);
  });

  it('is nothing where an attack of the level is missing, or the level is pgd', () => {
    const { square: _, ...rest } = evidence;
    expect(calledRobust({ ...claim(), evidence: rest })).toEqual([]);
    expect(calledRobust(claim({}, 'pgd'))).toEqual([]);
  });

  it('is only among the samples that every attack was run on', () => {
    expect(calledRobust(claim({ 'fab-t': bits(all.slice(0, 8), 8) }))).toEqual(all.slice(0, 8));
  });
});
