import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { crossEntropyGrad } from '../engine/kernels/loss-grad';
import type { ModelGraph } from '../model/graph';
import { Network } from '../model/network';
import { onEachBackend } from '../testing/backends';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import { hasKernelGradient, kernelGradient } from './kernel-gradient';

/** A convolution whose ReLU a pool masks, one that masks itself, and a dense layer. */
const graph: ModelGraph = {
  nodes: [
    { name: 'input', op: { kind: 'input' }, inputs: [], shape: [6, 6, 2] },
    {
      name: 'conv1',
      op: {
        kind: 'conv',
        kernel: { shape: [3, 3, 2, 3], values: draw(54, 1) },
        bias: draw(3, 2),
        relu: true,
        strides: [1, 1],
        dilations: [1, 1],
        pads: [1, 1, 1, 1],
      },
      inputs: [0],
      shape: [6, 6, 3],
    },
    { name: 'pool', op: { kind: 'maxPool', window: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }, inputs: [1], shape: [3, 3, 3] },
    {
      name: 'conv2',
      op: {
        kind: 'conv',
        kernel: { shape: [2, 2, 3, 4], values: draw(48, 3) },
        relu: true,
        strides: [1, 1],
        dilations: [1, 1],
        pads: [0, 0, 0, 0],
      },
      inputs: [2],
      shape: [2, 2, 4],
    },
    { name: 'flat', op: { kind: 'reshape' }, inputs: [3], shape: [16] },
    { name: 'logits', op: { kind: 'dense', kernel: { shape: [16, 3], values: draw(48, 4) }, relu: false }, inputs: [4], shape: [3] },
  ],
  output: 5,
  lastDense: 5,
  notes: [],
  layers: 5,
  params: 0,
};

/** Cross-entropy of class 1 of one image, float64. */
function loss64(of: ModelGraph, x: Float32Array): number {
  const z = [...forward64(of, x)];
  return Math.log(z.reduce((sum, v) => sum + Math.exp(v), 0)) - z[1];
}

onEachBackend('the gradient of a kernel', () => {
  it('is that of central differences in float64, in every layer that has one', async () => {
    const x = draw(72, 9, 0, 1);
    const network = new Network(graph);
    const found = new Map<number, tf.Tensor>();
    const out = tf.tidy(() =>
      network.logitsAndGradient(tf.tensor4d(x, [1, 6, 6, 2]), tf.tensor1d([1], 'float32'), crossEntropyGrad, (node, seen) => {
        if (hasKernelGradient(graph.nodes[node].op)) found.set(node, tf.keep(kernelGradient(graph.nodes[node], seen)));
      }),
    );
    expect([...found.keys()].sort()).toEqual([1, 3, 5]);
    for (const [node, tensor] of found) {
      const { op } = graph.nodes[node];
      if (!hasKernelGradient(op)) throw new Error('expected a kernel');
      expect(tensor.shape).toEqual(op.kernel.shape);
      const gradient = await tensor.data();
      // A few entries; float32 holds these steps exactly enough.
      for (const i of [0, 7, 19, 30, 47]) {
        const moved = (h: number): ModelGraph => {
          const values = op.kernel.values.slice();
          values[i] += h;
          const nodes = graph.nodes.with(node, { ...graph.nodes[node], op: { ...op, kernel: { ...op.kernel, values } } });
          return { ...graph, nodes };
        };
        const h = 2 ** -10;
        expect(gradient[i]).toBeCloseTo((loss64(moved(h), x) - loss64(moved(-h), x)) / (2 * h), 3);
      }
    }
    tf.dispose([out.logits, out.gradient, ...found.values()]);
    network.dispose();
  });
});
