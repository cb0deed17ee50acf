/** The two threat models: where a perturbation starts, how it steps and how it is brought back into the ball. */
import * as tf from '@tensorflow/tfjs-core';
import { l2Ascend, l2Projection, linfStep } from '../engine/kernels/attack-step';
import { sampleNorms } from '../engine/kernels/sample-norms';
import { type Split, standardNormal, TAG, uniform01 } from '../random';

export interface StartStream {
  seed: number;
  split: Split;
  restart: number;
  targeted: boolean;
}

export interface Norm {
  id: 'linf' | 'l2';
  /** Random start in the ball for one sample, `size` numbers, float32. */
  start(stream: StartStream, sample: number, size: number, epsilon: number): Float32Array;
  /** One step from δ along the gradient (against it for a negative α), projected to the ball and clipped to the box. */
  step(delta: tf.Tensor4D, grad: tf.Tensor4D, x0: tf.Tensor4D, alpha: number, epsilon: number): tf.Tensor4D;
}

/** Uniform start (2u − 1)·ε; sign steps. */
export const linf: Norm = {
  id: 'linf',
  start({ targeted, ...stream }, sample, size, epsilon) {
    const u = uniform01({ ...stream, sample, tag: targeted ? TAG.targetedStart : TAG.pgdStart }, size);
    return Float32Array.from(u, (v) => (2 * v - 1) * epsilon);
  },
  step: (delta, grad, x0, alpha, epsilon) => linfStep(delta, grad, x0, alpha, epsilon) as tf.Tensor4D,
};

/**
 * Gaussian direction × uniform radius; steps along the unit gradient *of each sample*. The paper's code divides the
 * batch mean's gradient by its norm + 1e-10; the two differ by 1e-3 where a sample's gradient has norm 3e-5, and more below.
 */
export const l2: Norm = {
  id: 'l2',
  start({ targeted: _, ...stream }, sample, size, epsilon) {
    const direction = standardNormal({ ...stream, sample, tag: TAG.l2Direction }, size);
    const [radius] = uniform01({ ...stream, sample, tag: TAG.l2Radius }, 1);
    const norm = Math.sqrt(direction.reduce((sum, v) => sum + v * v, 0));
    return Float32Array.from(direction, (v) => (v / norm) * radius * epsilon);
  },
  step: (delta, grad, x0, alpha, epsilon) =>
    tf.tidy(() => {
      const moved = l2Ascend(delta, grad, sampleNorms(grad, 'l2'), alpha);
      return l2Projection(moved, sampleNorms(moved, 'l2'), x0, epsilon) as tf.Tensor4D;
    }),
};

export const NORMS = { linf, l2 } as const;
