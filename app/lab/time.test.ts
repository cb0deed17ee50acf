import { expect, it } from 'vitest';
import type { LabRequest } from '@/workers/browser/lab-client';
import { begunTiming, forecastMs, heard, leftMs, type Timing } from './time';

const REQUEST: LabRequest = {
  ...{ mode: 'st', images: 1000, epochs: 10, measured: 200, seed: 1 },
  recipe: { net: 'small', width: 1, learningRate: 0.1, batch: 50, momentum: 0.9, weightDecay: 0, schedule: 'cosine', warmup: 0 },
};
/** Steps of 100 ms after a slow first one, and measuring of 3 s. */
const timed = (news: ('step' | 'epoch')[], request = REQUEST): Timing => {
  let at = 0;
  return news.reduce((timing, of) => {
    at += of === 'epoch' ? 3000 : timing.last ? 100 : 5000;
    return heard(timing, of, at);
  }, begunTiming(request));
};
const steps = (count: number): 'step'[] => Array(count).fill('step');

it('says nothing while too little is known, and the first step, which is slow, counts for nothing', () => {
  expect(leftMs(timed(steps(4)), { done: 4, total: 200 }, 0)).toBeUndefined();
  // 2 ms an image; the 200 measured ones count tenfold until the first epoch was measured.
  expect(leftMs(timed(steps(5)), { done: 5, total: 200 }, 0)).toBeCloseTo(195 * 100 + 10 * 200 * 20, 6);
});

it('takes the measuring as it was, once an epoch was measured', () => {
  const timing = timed([...steps(20), 'epoch', ...steps(3)]);
  expect(leftMs(timing, { done: 23, total: 200 }, 1)).toBeCloseTo(177 * 100 + 9 * 3000, 6);
});

it('forecasts other trainings of the same network on the same device', () => {
  const timing = timed([...steps(20), 'epoch']);
  expect(forecastMs(REQUEST, timing)).toBeCloseTo(10 * (2000 + 3000), 6);
  expect(forecastMs({ ...REQUEST, mode: 'at', images: 3000 }, timing)).toBeCloseTo(10 * (3 * 8.7 * 2000 + 3000), 6);
  expect(forecastMs({ ...REQUEST, set: 'imbalanced' }, timing)).toBeCloseTo(10 * (1100 + 3000), 6);
  const { recipe = undefined } = REQUEST;
  expect(forecastMs({ ...REQUEST, ...(recipe ? { recipe: { ...recipe, net: 'vgg-11' as const } } : {}) }, timing)).toBeUndefined();
  expect(forecastMs(REQUEST, undefined)).toBeUndefined();
});
