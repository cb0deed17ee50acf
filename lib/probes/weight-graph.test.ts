import { describe, expect, it } from 'vitest';
import { linearNetwork } from '../testing/linear-network';
import { onEngine } from '../testing/on-engine';
import { layerGraph, weightGraph } from './weight-graph';

onEngine('cpu');

describe('the graph of a layer', () => {
  it('of a delta has one connection', () => {
    const values = new Float32Array(9 * 2 * 4);
    values[4 * 8 + 1] = -3; // the window's middle, input 0 to output 1
    expect(layerGraph(values, 2, 4)).toEqual({
      ...{ inputs: 2, outputs: 4, sparsity: 71 / 72, density: 1 / 8 },
      fanIn: { mean: 1 / 4, std: Math.sqrt(3) / 4, least: 0, most: 1 },
      fanOut: { mean: 1 / 2, std: 1 / 2, least: 0, most: 1 },
      gini: 7 / 8,
    });
  });

  it('of equal weights is complete and even', () => {
    const found = layerGraph(new Float32Array(6).fill(0.5), 2, 3);
    expect(found).toMatchObject({ sparsity: 0, density: 1, fanIn: { mean: 2, std: 0 }, fanOut: { mean: 3, least: 3 } });
    expect(found.gini).toBeCloseTo(0, 15);
  });

  it('holds a connection that is a tenth of the strongest, and adds over the window', () => {
    // Two places; strengths 5, 0.5 and 0.4 (each of its weights below a tenth of 5, so weak).
    const found = layerGraph(Float32Array.of(3, 0.5, 0, 4, 0, 0.4), 1, 3);
    expect(found).toMatchObject({ density: 2 / 3, fanOut: { mean: 2 } });
    expect(found.sparsity).toBe(2 / 6);
  });

  it('of zeros has no connection and no Gini coefficient', () => {
    expect(layerGraph(new Float32Array(4), 2, 2)).toMatchObject({ sparsity: 1, density: 0, gini: null });
  });
});

it('has no answer without a layer of weights; else one graph a layer', () => {
  const network = linearNetwork(
    [1, 1, 2],
    [
      [1, 0],
      [0, 1],
    ],
  );
  network.dispose();
  const { graph } = network;
  expect(weightGraph(graph).result).toMatchObject({ threshold: 0.1, sparsity: 0.5, layers: [{ name: 'logits', density: 0.5 }] });
  expect(weightGraph({ ...graph, nodes: graph.nodes.slice(0, 1), output: 0 })).toMatchObject({ result: null });
});
