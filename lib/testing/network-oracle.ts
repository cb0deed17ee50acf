/** A network's outputs and input gradient against those of an oracle, on a few drawn images and L = ⟨weights, output⟩. */
import * as tf from '@tensorflow/tfjs-core';
import { expect } from 'vitest';
import { elements, type ModelGraph } from '../model/graph';
import { Network } from '../model/network';
import { maxDifference } from './backends';
import { draw } from './draw';
import { forward64, gradient64 } from './float64-network';

export const BATCH = 2;
/** Float32 sums of a few hundred products: errors stay near 1e-6 of the largest entry. */
export const TOLERANCE = 1e-5;

/** Largest difference, in parts of the largest number wanted. */
export const relative = (actual: ArrayLike<number>, wanted: ArrayLike<number>) =>
  maxDifference(actual, wanted) / Math.max(...Array.from(wanted, Math.abs));

export interface Trial {
  graph: ModelGraph;
  images: Float32Array;
  weights: Float32Array;
  /** What the float64 twin says, gradients by central differences. */
  exact: { outputs: number[]; gradient: number[] };
}

const inputShape = (graph: ModelGraph) => graph.nodes.find((n) => n.op.kind === 'input')?.shape as [number, number, number];
const outputShape = (graph: ModelGraph) => graph.nodes[graph.output].shape;

export function trialOf(graph: ModelGraph): Trial {
  const [size, outSize] = [elements(inputShape(graph)), elements(outputShape(graph))];
  const images = draw(BATCH * size, 77, -1.2, 1.2);
  const weights = draw(BATCH * outSize, 78);
  const exact: Trial['exact'] = { outputs: [], gradient: [] };
  for (let n = 0; n < BATCH; n++) {
    const image = images.subarray(n * size, (n + 1) * size);
    exact.outputs.push(...forward64(graph, image));
    exact.gradient.push(...gradient64(graph, image, weights.subarray(n * outSize, (n + 1) * outSize)));
  }
  return { graph, images, weights, exact };
}

/** Runs the trial on the current backend. */
export async function expectAgreement({ graph, images, weights }: Trial, outputs: ArrayLike<number>, gradients: ArrayLike<number>[]) {
  const network = new Network(graph);
  const x = tf.tensor4d(images, [BATCH, ...inputShape(graph)]);
  const labels = tf.zeros([BATCH]) as tf.Tensor1D;
  const dy = tf.tensor(weights, [BATCH, ...outputShape(graph)]);
  const y = network.logits(x);
  const dx = network.inputGradient(x, labels, () => tf.clone(dy) as tf.Tensor2D);
  expect(relative(await y.data(), outputs)).toBeLessThan(TOLERANCE);
  expect(dx.shape).toEqual(x.shape);
  for (const gradient of gradients) expect(relative(await dx.data(), gradient)).toBeLessThan(TOLERANCE);
  network.dispose();
  tf.dispose([x, labels, dy, y, dx]);
}
