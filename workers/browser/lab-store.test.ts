import 'fake-indexeddb/auto';
import { expect, it } from 'vitest';
import type { LabState } from './lab-run';
import { epochKeeper, keepLab, keptLab } from './lab-store';

const state = (epochs: number): LabState => ({
  request: { mode: 'at', images: 100, epochs: 9, measured: 20, seed: 1 },
  epochs: Array.from({ length: epochs }, (_, i) => ({ epoch: i + 1, loss: 1 / (i + 1), accuracy: 0.5, images: 20, conditions: {} })),
  files: new Map([['model.json', Uint8Array.from([1, 2])]]),
  velocities: [Float32Array.from([0.5])],
  features: [{ condition: 'clean', features: Float32Array.from([1, 2]) }],
  dim: 2,
  labels: Uint8Array.from([3]),
});

it('keeps the last epoch of the last training, with everything that going on needs', async () => {
  expect(await keptLab()).toBeUndefined();
  await keepLab(state(1));
  await keepLab(state(2));
  expect(await keptLab()).toEqual(state(2));
});

it('where the browser keeps nothing, training goes on, and why is said once', async () => {
  const said: string[] = [];
  let tried = 0;
  const keep = epochKeeper(
    async () => {
      tried++;
      throw new DOMException('the quota has been exceeded', 'QuotaExceededError');
    },
    (why) => said.push(why),
  );
  await keep(state(1));
  await keep(state(2));
  expect([said, tried]).toEqual([['the quota has been exceeded'], 2]);
});
