/**
 * The elementwise part of a projected-gradient step, one pass each. All of them let NaN through: a clip that turns NaN
 * into a bound would hide a broken gradient in favour of the model. tf.sign is not used, because on wasm it returns 0
 * for |g| < 1.19e-7.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

const f32 = (name: string, value: number) => ({ name, type: 'float32' as const, value });

const linf = defineKernel<{ alpha: number; epsilon: number }>({
  name: 'SimplexityLinfStep',
  inputs: ['delta', 'grad', 'x0'],
  outputShape: ([delta]) => delta,
  loop([delta, grad, x0], out, _, { alpha, epsilon }) {
    const a = Math.fround(alpha);
    const e = Math.fround(epsilon);
    for (let i = 0; i < out.length; i++) {
      const g = grad[i];
      if (Number.isNaN(g)) {
        out[i] = Number.NaN;
        continue;
      }
      let d = Math.fround(g > 0 ? delta[i] + a : g < 0 ? delta[i] - a : delta[i]);
      if (d > e) d = e;
      else if (d < -e) d = -e;
      const high = Math.fround(1 - x0[i]);
      out[i] = d > high ? high : d < -x0[i] ? -x0[i] : d;
    }
  },
  wgsl: {
    uniforms: (_, a) => [f32('alpha', a.alpha), f32('epsilon', a.epsilon)],
    body: () => ({
      main: `
  let g = grad[index];
  let s = select(select(0.0, -1.0, g < 0.0), 1.0, g > 0.0);
  let d = clamp(delta[index] + uniforms.alpha * s, -uniforms.epsilon, uniforms.epsilon);
  let broken = isnan(g) || isnan(delta[index]);
  setOutputAtIndex(index, select(clamp(d, -x0[index], 1.0 - x0[index]), uniforms.NAN, broken));`,
    }),
  },
});

const l2Move = defineKernel<{ alpha: number }>({
  name: 'SimplexityL2Move',
  inputs: ['delta', 'grad', 'norms'],
  outputShape: ([delta]) => delta,
  loop([delta, grad, norms], out, _, { alpha }) {
    const perSample = out.length / norms.length;
    for (let n = 0; n < norms.length; n++) {
      const scale = norms[n] === 0 ? 0 : alpha / norms[n];
      for (let i = n * perSample; i < (n + 1) * perSample; i++) out[i] = delta[i] + grad[i] * scale;
    }
  },
  wgsl: {
    uniforms: ([delta, , norms], a) => [
      f32('alpha', a.alpha),
      { name: 'perSample', type: 'int32', value: delta.reduce((x, y) => x * y, 1) / norms[0] },
    ],
    body: () => ({
      main: `
  let norm = norms[index / uniforms.perSample];
  let unit = select(grad[index] / norm, 0.0, norm == 0.0);
  setOutputAtIndex(index, delta[index] + uniforms.alpha * unit);`,
    }),
  },
});

const l2Project = defineKernel<{ epsilon: number }>({
  name: 'SimplexityL2Project',
  inputs: ['delta', 'norms', 'x0'],
  outputShape: ([delta]) => delta,
  loop([delta, norms, x0], out, _, { epsilon }) {
    const perSample = out.length / norms.length;
    for (let n = 0; n < norms.length; n++) {
      const scale = norms[n] > epsilon ? epsilon / norms[n] : 1;
      for (let i = n * perSample; i < (n + 1) * perSample; i++) {
        const d = Number.isNaN(norms[n]) ? Number.NaN : delta[i] * scale;
        const high = 1 - x0[i];
        out[i] = d > high ? high : d < -x0[i] ? -x0[i] : d;
      }
    }
  },
  wgsl: {
    uniforms: ([delta, norms], a) => [
      f32('epsilon', a.epsilon),
      { name: 'perSample', type: 'int32', value: delta.reduce((x, y) => x * y, 1) / norms[0] },
    ],
    body: () => ({
      main: `
  let norm = norms[index / uniforms.perSample];
  let d = delta[index] * select(1.0, uniforms.epsilon / norm, norm > uniforms.epsilon);
  setOutputAtIndex(index, select(clamp(d, -x0[index], 1.0 - x0[index]), norm, isnan(norm)));`,
    }),
  },
});

/** δ ← clip(clip(δ + α·sign g, ±ε), −x₀, 1 − x₀) with sign 0 = 0; descend by a negative α. All [batch, …], float32. */
export function linfStep(delta: tf.Tensor, grad: tf.Tensor, x0: tf.Tensor, alpha: number, epsilon: number): tf.Tensor {
  return linf([delta, grad, x0], { alpha, epsilon });
}

/** δ + α·g/‖g‖₂ per sample; a zero gradient does not move. norms: [batch] of g. */
export function l2Ascend(delta: tf.Tensor, grad: tf.Tensor, norms: tf.Tensor1D, alpha: number): tf.Tensor {
  return l2Move([delta, grad, norms], { alpha });
}

/** Rescale δ into the L2 ball of radius ε, then clip x₀ + δ to the image box. norms: [batch] of δ. */
export function l2Projection(delta: tf.Tensor, norms: tf.Tensor1D, x0: tf.Tensor, epsilon: number): tf.Tensor {
  return l2Project([delta, norms, x0], { epsilon });
}
