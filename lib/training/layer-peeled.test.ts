import { describe, expect, it } from 'vitest';
import { type FeatureConstraint, LayerPeeledModel } from './layer-peeled';
import { peeledCollapse } from './peeled-collapse';

const open = (constraint: FeatureConstraint, counts: number[], seed = 1) =>
  new LayerPeeledModel({ counts, dim: 8, constraint, rate: 0.2, seed });

describe.each<[string, FeatureConstraint]>([
  ['the layer-peeled model', { kind: 'peeled', energy: 4 }],
  ['the unconstrained-features model', { kind: 'unconstrained', weightDecay: 0.02 }],
])('%s', (_, constraint) => {
  it.each([1, 2, 3])('collapses: NC1, NC2 and NC3 below 1e-3, NC4 = 0 (seed %i)', (seed) => {
    const model = open(constraint, [6, 6, 6, 6], seed);
    const before = peeledCollapse(model);
    expect(before.nc1).toBeGreaterThan(0.1);
    const first = model.step();
    let last = first;
    for (let i = 0; i < 4000; i++) last = model.step();
    const after = peeledCollapse(model);
    expect(last).toBeLessThan(first / 2);
    for (const id of ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3'] as const)
      expect(after[id], id).toBeLessThan(1e-3);
    expect(after).toMatchObject({ nc4: 0, rank: 3 });
  });
});

it('the weights of two minority classes come together where a majority outnumbers them', () => {
  const minority = (counts: number[]) => {
    const model = open({ kind: 'peeled', energy: 4 }, counts);
    for (let i = 0; i < 4000; i++) model.step();
    const [a, b] = [2, 3].map((c) => model.weights.subarray(c * 8, (c + 1) * 8));
    const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, v, i) => sum + v * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };
  expect(minority([10, 10, 10, 10])).toBeCloseTo(-1 / 3, 3);
  expect(minority([50, 50, 2, 2])).toBeGreaterThan(0.2);
});

it('names a size that has no simplex', () => {
  expect(() => new LayerPeeledModel({ counts: [2, 2, 2], dim: 1, constraint: { kind: 'peeled', energy: 1 }, rate: 0.1, seed: 1 })).toThrow(
    'dim must be at least 2 for 3 classes, got 1',
  );
  expect(() => open({ kind: 'peeled', energy: 1 }, [3, 0])).toThrow('each with a sample, got 3,0');
});
