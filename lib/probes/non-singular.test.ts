import { expect, it } from 'vitest';
import { nonSingular } from './non-singular';

it('counts what is named rightly clean, under PGD, and with the weights moved, too', () => {
  const labels = [0, 1, 2, 3];
  const predictions = { clean: [0, 1, 2, 0], pgd: [0, 1, 0, 0], joint: [0, 0, 0, 0] };
  expect(nonSingular(labels, predictions, 0.005).result).toEqual({ images: 4, gamma: 0.005, clean: 0.75, pgd: 0.5, joint: 0.25 });
});

it('has no answer without images', () => {
  expect(nonSingular([], { clean: [], pgd: [], joint: [] }, 0.005)).toEqual({ result: null, reason: 'there are no test images' });
});
