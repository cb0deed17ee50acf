import { expect, it } from 'vitest';
import { PROBE_LINES } from './probe-lines';

it('says what is not defined in words, and puts cosines beside those of a simplex', () => {
  const inside = { minority: -1 / 3, majority: null };
  const lines = PROBE_LINES.minority({ classes: [2, 3], weights: inside, means: inside, simplex: -1 / 3 }, ['a', 'b', 'c', 'd']);
  expect(lines[0]).toEqual({
    label: 'Classifiers, minority',
    value: '−0.333',
    meaning: 'Between c, d. In a simplex every pair has −0.333; collapsed minorities have 1.',
  });
  expect(lines[1].value).toBe('not defined');
});

it('names the share of a window that one pixel would be', () => {
  const [mean, median] = PROBE_LINES.locality({ layer: 'conv', window: [3, 3], participation: [0.25, 1], mean: 0.625, median: 0.625 }, []);
  expect(mean).toMatchObject({ value: '62.5 %', meaning: 'Mean of 2 filters of 3 × 3 pixels (conv); a single pixel would be 11.1 %.' });
  expect(median.meaning).toBe('From 25.0 % to 100.0 %.');
});

it('gives accuracies their interval, which is wide for few images', () => {
  const [clean] = PROBE_LINES['non-singular']({ images: 10, gamma: 0.005, clean: 0.9, pgd: 0.5, joint: 0 }, []);
  expect(clean).toMatchObject({ value: '90.0 %', meaning: 'Test images that are named rightly. 95 % interval 59.6 to 98.2 %, 10 images.' });
});
