import { describe, expect, it } from 'vitest';
import type { ModelGraph, Operation } from '../model/graph';
import { linearNetwork } from '../testing/linear-network';
import { onEngine } from '../testing/on-engine';
import { filterLocality, participations } from './locality';

onEngine('cpu');

function convGraph(shape: number[], values: Float32Array, kind: 'conv' | 'depthwise' = 'conv'): ModelGraph {
  const op = { kind, kernel: { shape, values }, relu: true, strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] } as Operation;
  return {
    nodes: [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: [8, 8, shape[2]] },
      { name: 'first', op, inputs: [0], shape: [8, 8, shape[3]] },
    ],
    ...{ output: 1, notes: [], layers: 1, params: values.length },
  };
}

describe('the locality of filters', () => {
  it('is 1/S for one pixel, 1 for an even filter whatever its sign, and adds channels up', () => {
    const pixel = new Float32Array(9 * 2 * 2);
    // Filter 0: one place, two channels. Filter 1: ±1 everywhere.
    pixel[4 * 4] = 2;
    pixel[4 * 4 + 2] = -7;
    for (let s = 0; s < 18; s++) pixel[2 * s + 1] = s % 2 === 0 ? 1 : -1;
    const { result } = filterLocality(convGraph([3, 3, 2, 2], pixel));
    expect(result).toMatchObject({ layer: 'first', window: [3, 3] });
    expect(result?.participation[0]).toBeCloseTo(1 / 9, 15);
    expect(result?.participation[1]).toBeCloseTo(1, 15);
    expect(result?.mean).toBeCloseTo(5 / 9, 15);
    expect(result?.median).toBeCloseTo(5 / 9, 15);
  });

  it('counts places: two even ones of four are a half', () => {
    expect(participations(Float32Array.of(1, 0, -1, 0), 4, 1)).toEqual([0.5]);
  });

  it('takes each depthwise kernel as a filter of one channel', () => {
    const values = Float32Array.of(1, 1, 0, 1, 0, 1, 0, 1); // 2×2 places, 2 channels
    expect(filterLocality(convGraph([2, 2, 2, 1], values, 'depthwise')).result?.participation).toEqual([0.25, 1]);
  });

  it('takes the image as the window of a Dense layer that reads it', () => {
    const network = linearNetwork(
      [2, 2, 1],
      [
        [0, 0, 3, 0],
        [1, 1, 1, 1],
        [0, 0, 0, 0],
      ],
    );
    const { result } = filterLocality(network.graph);
    network.dispose();
    expect(result).toMatchObject({ window: [2, 2], participation: [0.25, 1], median: 0.625 });
  });

  it('has no answer for one pixel wide filters, filters of zeros, and no weights', () => {
    const reasons = [convGraph([1, 1, 3, 2], new Float32Array(6).fill(1)), convGraph([3, 3, 1, 1], new Float32Array(9))].map(
      filterLocality,
    );
    expect(reasons).toEqual([
      { result: null, reason: 'the first layer’s filters (first) are one pixel wide' },
      { result: null, reason: 'the first layer’s filters (first) are all zero' },
    ]);
    const { nodes, ...rest } = convGraph([3, 3, 1, 1], new Float32Array(9));
    expect(filterLocality({ ...rest, nodes: nodes.slice(0, 1), output: 0 })).toMatchObject({ result: null });
  });
});
