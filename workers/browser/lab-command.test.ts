import { expect, it } from 'vitest';
import { readTrainArguments } from '../cli/train-arguments';
import { labCommand } from './lab-command';
import { type LabRequest, recipeOf } from './lab-request';

const REQUEST: LabRequest = {
  ...{ mode: 'trades', images: 3000, set: 'shortcut', epochs: 10, measured: 200, seed: 4 },
  recipe: {
    ...{ net: 'vgg-11', width: 0.25, learningRate: 0.05, batch: 32, momentum: 0.8, weightDecay: 1e-7, schedule: 'steps', warmup: 2.5 },
  },
};
const read = (request: LabRequest) => {
  const words = labCommand('glyphs/linf', request).split(/[\s\\]+/);
  return readTrainArguments(words.slice(words.indexOf('--') + 1));
};

it('the command asks of the terminal what the lab was asked', () => {
  expect(read(REQUEST)).toMatchObject({
    ...REQUEST.recipe,
    ...{ board: { id: 'glyphs/linf' }, mode: { id: 'trades' }, epochs: 10, trainSamples: 3000, shortcut: 0.95, measure: 200, seed: 4 },
  });
  expect(read({ ...REQUEST, set: 'imbalanced' })).toMatchObject({ imbalance: 0.1 });
});

it('of a training that is older than the recipe’s choices it is the recipe of then', () => {
  const { recipe: _, ...old } = REQUEST;
  expect(read({ ...old, mode: 'st' })).toMatchObject({ net: 'small', batch: 64, weightDecay: 0.0005, warmup: 0 });
  expect(recipeOf(old).warmup).toBe(5);
});
