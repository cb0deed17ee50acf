import { expect, it } from 'vitest';
import { estimateText } from './finding-text';

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
