import { expect, it } from 'vitest';
import { ClassStats, classMeans } from './class-stats';
import { leaps } from './leaps';

const means = (features: number[], labels: number[], classes: number) => {
  const stats = new ClassStats(classes, 2);
  stats.add(Float32Array.from(features), labels);
  return classMeans(stats);
};
const corners = means([0, 0, 10, 0, 0, 10], [0, 1, 2], 3);

it('counts what stays, what goes to the next class, and the commonest leap', () => {
  const features = Float32Array.of(1, 1, 9, 1, 8, 0, 1, 8, 9, 2);
  expect(leaps(features, [0, 0, 0, 1, 2], corners)).toEqual({ samples: 5, stay: 1, next: 3, commonest: { from: 0, to: 1, samples: 2 } });
});

it('has no leap where all stay', () => {
  expect(leaps(Float32Array.of(0, 1, 9, 0), [0, 1], corners)).toEqual({ samples: 2, stay: 2, next: 0, commonest: null });
});

it('lands nowhere near a class that has no clean sample', () => {
  // The empty class’s row of means is zero, which (1, 1) is nearest to.
  const without = means([10, 0, 0, 10], [1, 2], 3);
  expect(leaps(Float32Array.of(1, 2), [1], without)).toEqual({ samples: 1, stay: 0, next: 1, commonest: { from: 1, to: 2, samples: 1 } });
});
