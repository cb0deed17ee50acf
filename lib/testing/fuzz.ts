/**
 * Damaged and hostile model.json files, made by deterministic mutations of good ones: each must be read or refused with
 * reasons, quickly, and nothing else may happen.
 */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { activationBytes } from '../model/fold';
import type { ModelGraph } from '../model/graph';
import { Network } from '../model/network';
import { readModel } from '../model/preflight';
import { bits } from '../random';
import { jsonBytes, SHARD } from './keras-model';

const VARIANTS = 1500;

/** A stream of random choices. */
function chooser(sample: number) {
  const words = bits({ seed: 7, tag: 1001, sample, split: 'test' }, 400);
  let at = 0;
  return (below: number) => words[at++ % words.length] % below;
}
type Choose = ReturnType<typeof chooser>;

const HOSTILE: unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  -0,
  2 ** 53,
  4097,
  '',
  'x',
  '__proto__',
  'constructor',
  'valid\0',
  '../x',
  [],
  [[]],
  [null],
  [[null]],
  [-1, -1],
  [1, 2, 3, 4, 5],
  {},
  { toString: 1, valueOf: 1 },
  [{ toString: null, valueOf: null }],
  [[{ toString: 1, valueOf: 1 }, { toString: 1, valueOf: 1 }, 0]],
  JSON.parse('{"__proto__":{"length":1}}'),
  { length: 3, 0: 'a' },
];

/** Every place in a JSON value where something could stand instead. */
function places(value: unknown, found: { holder: Record<string, unknown>; key: string }[] = []) {
  if (typeof value !== 'object' || value === null) return found;
  for (const key of Object.keys(value)) {
    found.push({ holder: value as Record<string, unknown>, key });
    places((value as Record<string, unknown>)[key], found);
  }
  return found;
}

const MUTATIONS: ((json: object, choose: Choose, hostile: readonly unknown[]) => void)[] = [
  (json, choose, hostile) => {
    const all = places(json);
    const { holder, key } = all[choose(all.length)];
    holder[key] = structuredClone(hostile[choose(hostile.length)]);
  },
  (json, choose) => {
    const all = places(json);
    const { holder, key } = all[choose(all.length)];
    if (Array.isArray(holder)) holder.splice(Number(key), 1);
    else delete holder[key];
  },
  // One part of the file in the place of another: names, shapes and layers end up where they do not belong.
  (json, choose) => {
    const all = places(json);
    const [from, to] = [all[choose(all.length)], all[choose(all.length)]];
    to.holder[to.key] = structuredClone(from.holder[from.key]);
  },
  (json, choose) => {
    const lists = places(json).filter(({ holder, key }) => Array.isArray(holder[key]) && (holder[key] as unknown[]).length > 1);
    if (lists.length === 0) return; // an earlier mutation took them
    const { holder, key } = lists[choose(lists.length)];
    const list = holder[key] as unknown[];
    const [a, b] = [choose(list.length), choose(list.length)];
    [list[a], list[b]] = [list[b], list[a]];
  },
];

async function outcome(bytes: Uint8Array, shard: Uint8Array) {
  const started = performance.now();
  const read = await readModel(
    new Map([
      ['model.json', bytes],
      [SHARD, shard],
    ]),
  );
  expect(performance.now() - started).toBeLessThan(1000);
  if (!read.ok) {
    expect(read.reasons.length).toBeGreaterThan(0);
    for (const reason of read.reasons) expect(reason).toMatch(/\S/);
  }
  if (read.ok) runs(read.value.graph);
  return read.ok ? 'read' : 'refused';
}

/** What was read can be run, forward and backward, as far as it is small. */
function runs(graph: ModelGraph): void {
  if (activationBytes(graph).total > 1e6) return;
  const before = tf.memory().numTensors;
  const network = new Network(graph);
  tf.tidy(() => {
    const x = tf.fill([2, ...network.inputShape], 0.5) as tf.Tensor4D;
    expect(network.logits(x).shape).toEqual([2, ...graph.nodes[graph.output].shape]);
    expect(network.inputGradient(x, tf.zeros([2]), (z) => tf.onesLike(z)).shape).toEqual(x.shape);
  });
  network.dispose();
  expect(tf.memory().numTensors).toBe(before);
}

/** Tests every kind of damage to one file. `hostile`: more values to put in the places of others. */
export function fuzzes(title: string, original: { json: object; shard: Uint8Array }, hostile: readonly unknown[] = []): void {
  describe(`mutations of ${title}`, () => fuzzed(original, [...HOSTILE, ...hostile]));
}

function fuzzed(original: { json: object; shard: Uint8Array }, hostile: readonly unknown[]): void {
  it('start from a file that is read', async () => {
    expect(await outcome(jsonBytes(original.json), original.shard)).toBe('read');
  });

  it(`are read or refused with reasons: ${VARIANTS} of its values`, async () => {
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < VARIANTS; i++) {
      const choose = chooser(i);
      const json = structuredClone(original.json);
      for (let n = 0; n <= choose(3); n++) MUTATIONS[choose(MUTATIONS.length)](json, choose, hostile);
      let text: Uint8Array;
      try {
        text = jsonBytes(json);
      } catch {
        continue; // a value was put inside itself: no file holds that
      }
      outcomes[await outcome(text, original.shard)]++;
    }
    expect(outcomes.refused).toBeGreaterThan(VARIANTS / 3);
    expect(outcomes.read).toBeGreaterThan(VARIANTS / 20); // changes of what does not matter, such as the backend's name
  });

  it(`are read or refused with reasons: ${VARIANTS} of its bytes`, async () => {
    const bytes = jsonBytes(original.json);
    const outcomes = { read: 0, refused: 0 };
    for (let i = 0; i < VARIANTS; i++) {
      const choose = chooser(10_000 + i);
      const changed = bytes.slice();
      for (let n = 0; n <= choose(4); n++) changed[choose(changed.length)] = choose(2) ? choose(256) : '[]{}",:0-1'.charCodeAt(choose(10));
      outcomes[await outcome(choose(8) ? changed : changed.slice(0, choose(changed.length)), original.shard)]++;
    }
    expect(outcomes.refused).toBeGreaterThan(VARIANTS / 3);
  });

  it('are refused if nothing but noise is left', async () => {
    for (let i = 0; i < 50; i++) {
      const choose = chooser(20_000 + i);
      const noise = Uint8Array.from({ length: choose(2000) }, () => choose(256));
      expect(await outcome(noise, original.shard)).toBe('refused');
    }
  });
}
