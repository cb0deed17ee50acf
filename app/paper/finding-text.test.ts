import { expect, it } from 'vitest';
import type { Finding } from '@/lib/paper/claims';
import { estimateText, verdictText } from './finding-text';

it.each([
  ['plain', 1.234, null, '1.23'],
  ['plain', 1.234, 0.5, '1.23 ± 0.500'],
  ['share', 0.5, 0.021, '50.0 ± 2.1 %'],
  ['share', 0.5, null, '50.0 %'],
  ['radians', 0.174, 0.02, '0.17 ± 0.02 rad'],
] as const)('of unit %s writes the unit once, after mean and interval', (unit, mean, half, text) => {
  expect(estimateText({ unit, estimate: { mean, half, values: [mean] } })).toBe(text);
});
it('of nothing says so', () => expect(estimateText({ unit: 'plain', estimate: undefined })).toBe('not run'));

it.each([
  [3, 3, 0, 'Holds for all 3 seeds'],
  [1, 1, 0, 'Holds for the one seed'],
  [1, 1, 2, 'Holds for the one seed; can’t be told of 2'],
  [2, 3, 0, 'Holds for 2 of 3 seeds'],
  [0, 3, 0, 'Does not hold'],
  [0, 1, 0, 'Does not hold for the one seed'],
  [0, 0, 2, 'Can’t be told'],
  [0, 0, 0, 'Not run'],
])('held %s, told %s, untold %s: %s', (held, seeds, undecided, text) => {
  expect(verdictText({ held, seeds, undecided } as Finding)).toBe(text);
});
