import { expect, it } from 'vitest';
import { formOf, readForm } from './form';

it('standard training is asked for with what makes it collapse, attacked training with less of it', () => {
  expect(readForm(formOf({})).request).toMatchObject({
    ...{ mode: 'st', images: 1000, epochs: 40, recipe: { batch: 32, learningRate: 0.1, weightDecay: 0.005, warmup: 0 } },
  });
  expect(readForm(formOf({ mode: 'at' })).request).toMatchObject({ epochs: 10, recipe: { weightDecay: 0.0005, warmup: 5 } });
  expect(readForm(formOf({})).refused).toEqual({});
});

it('what was chosen stays whatever else changes; the rest goes with the way of training', () => {
  expect(formOf({ mode: 'trades', weightDecay: '0.01', epochs: 20 })).toMatchObject({ weightDecay: '0.01', epochs: 20, warmup: '10' });
  expect(readForm(formOf({ mode: 'st', warmup: '3' })).request.recipe?.warmup).toBe(0);
});

it.each([
  ['learningRate', '11', 'learning rate must be a number above 0 and at most 10, got 11'],
  ['learningRate', 'fast', 'learning rate must be a number above 0 and at most 10, got fast'],
  ['batch', ' ', 'batch must be a whole number from 2 to 1000, got nothing'],
  ['warmup', '11', 'warm-up epochs must be a number from 0 to 10, got 11'],
  ['seed', '-1', 'seed must be a whole number from 0 to 4294967295, got -1'],
])('of %s “%s” is said what would be right, and what was typed', (name, text, sentence) => {
  expect(readForm(formOf({ mode: 'at', [name]: text })).refused).toEqual({ [name]: sentence });
});
