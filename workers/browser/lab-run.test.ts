import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, it } from 'vitest';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { type LabRecipe, type LabRequest, recipeOf } from './lab-request';
import { type LabState, runLab } from './lab-run';

const REQUEST: LabRequest = { mode: 'st', images: 100, epochs: 2, measured: 20, seed: 3 };
beforeAll(async () => {
  await openEngine('wasm', nodeHost);
});

async function lab(request: LabRequest, begun?: LabState, stopAfter = Infinity) {
  const states: LabState[] = [];
  const stop = new AbortController();
  const ended = await runLab(request, begun, {
    signal: stop.signal,
    rest: async () => undefined,
    onStatus: () => undefined,
    onStep: () => undefined,
    async onEpoch(state) {
      states.push(state);
      if (state.epochs.length === stopAfter) stop.abort();
    },
  }).then(
    () => undefined,
    (error: Error) => error,
  );
  return { states, ended };
}

it('hands over after each epoch a model, its curves and features, and goes on from there to the same bytes', async () => {
  const before = tf.memory().numTensors;
  const whole = await lab(REQUEST);
  expect(whole.ended).toBeUndefined();
  const [first, last] = whole.states;
  expect(last.epochs.map((e) => e.epoch)).toEqual([1, 2]);
  expect(Object.keys(last.epochs[1].conditions)).toEqual(['clean', 'pgd-10', 'targeted', 'gaussian', 'sign']);
  expect(last.features.map((f) => f.features.length)).toEqual(Array(5).fill(20 * last.dim));
  const parts = await lab(REQUEST, undefined, 1);
  expect(parts.ended).toMatchObject({ code: 'stopped' });
  expect(parts.states.map((s) => s.epochs.length)).toEqual([1]);
  const rest = await lab(REQUEST, parts.states[0]);
  expect(rest.states.map((s) => s.epochs)).toEqual([last.epochs]);
  expect(rest.states[0].files).toEqual(last.files);
  expect(last.files).not.toEqual(first.files);
  expect(tf.memory().numTensors).toBe(before);
});

it('learns a tenth of the later classes, or images with a square, where that is asked for', async () => {
  const [{ states: plain }, { states: few }, { states: square }] = [
    await lab({ ...REQUEST, epochs: 1 }),
    await lab({ ...REQUEST, epochs: 1, set: 'imbalanced' }),
    await lab({ ...REQUEST, epochs: 1, set: 'shortcut' }),
  ];
  const later = (labels: Uint8Array) => labels.filter((label) => label >= 5).length;
  expect(later(few[0].labels)).toBeLessThan(later(plain[0].labels));
  const [{ minority }, { groups }] = [few[0].epochs[0], square[0].epochs[0]];
  expect(minority).toMatchObject({ weights: { minority: expect.any(Number) }, means: { majority: expect.any(Number) } });
  expect(minority?.simplex).toBeCloseTo(-1 / 9, 9);
  expect(groups).toMatchObject({ followed: expect.any(Number), cosine: { own: expect.any(Number), shortcut: expect.any(Number) } });
  for (const key of ['minority', 'groups']) expect(plain[0].epochs[0]).not.toHaveProperty(key);
  expect(square[0].labels).toEqual(plain[0].labels);
  expect(square[0].features[0].features).not.toEqual(plain[0].features[0].features);
});

it('a network of the recipe’s own choice is trained with the recipe’s numbers, which the model tells', async () => {
  const before = tf.memory().numTensors;
  const recipe: LabRecipe = {
    ...{ net: 'vgg-11', width: 0.05, learningRate: 0.05, batch: 50, momentum: 0.8, weightDecay: 0.001, schedule: 'steps', warmup: 0.5 },
  };
  const { states, ended } = await lab({ ...REQUEST, mode: 'trades', epochs: 1, recipe });
  expect(ended).toBeUndefined();
  const { userDefinedMetadata: told } = JSON.parse(new TextDecoder().decode(states[0].files.get('model.json')));
  expect(told).toMatchObject({ ...recipe, mode: 'trades', images: 100, seed: 3 });
  expect(tf.memory().numTensors).toBe(before);
});

it('of a training that diverges hands over the last good epoch once more, with what went wrong', async () => {
  const before = tf.memory().numTensors;
  const recipe: LabRecipe = { ...recipeOf(REQUEST), batch: 20, learningRate: 2.5, momentum: 0, weightDecay: 1, schedule: 'constant' };
  const { states, ended } = await lab({ ...REQUEST, epochs: 40, recipe });
  expect(ended).toMatchObject({ code: 'diverged', message: expect.stringMatching(/not (a )?finite/) });
  expect(states.length).toBeGreaterThan(1);
  const [good, last] = states.slice(-2);
  expect(last).toEqual({ ...good, diverged: ended?.message });
  expect(tf.memory().numTensors).toBe(before);
}, 120_000);

const OWN = recipeOf(REQUEST);
it.each<[string, Partial<LabRequest>, string]>([
  ['a learning rate of 11', { recipe: { ...OWN, learningRate: 11 } }, 'learning rate must be a number above 0 and at most 10, got 11'],
  ['a weight decay of 2', { recipe: { ...OWN, weightDecay: 2 } }, 'weight decay must be a number from 0 to 1, got 2'],
  ['a large network of double width', { recipe: { ...OWN, net: 'vgg-11', width: 2 } }, 'width must be a number from 0.05 to 1, got 2'],
  ['a warm-up longer than the training', { recipe: { ...OWN, warmup: 3 } }, 'warm-up epochs must be a number from 0 to 2, got 3'],
  ['a batch that is no number', { recipe: { ...OWN, batch: Number.NaN } }, 'batch must be a whole number from 2 to 1000, got NaN'],
])('refuses %s by name', async (_, change, sentence) => {
  expect((await lab({ ...REQUEST, ...change })).ended).toMatchObject({ code: 'arguments', message: sentence });
});

it.each<[keyof LabRequest, LabRequest[keyof LabRequest], string]>([
  ['images', 99, 'images must be a whole number from 100 to 60000, got 99'],
  ['epochs', 1.5, 'epochs must be a whole number from 1 to 200, got 1.5'],
  ['set', 'odd' as LabRequest['set'], 'set must be one of plain, imbalanced, shortcut, got odd'],
  ['mode', 'magic', 'mode must be one of st, at, trades, trades-as-published, got magic'],
])('refuses %s %s by name', async (name, value, sentence) => {
  expect((await lab({ ...REQUEST, [name]: value })).ended).toMatchObject({ code: 'arguments', message: sentence });
});
