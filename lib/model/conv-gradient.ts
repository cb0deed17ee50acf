/**
 * dL/dx of a convolution as a *forward* convolution, so that it runs on the best kernel of each backend.
 *
 * With i + p = s·q + r (input row i, padding p, stride s, phase r) the forward sum y[o] = Σ_k x[s·o + k − p]·w[k] gives
 * dx[s·q + r − p] = Σ_j dy[q − j]·w[r + s·j]. Each phase r is a stride-1 convolution of dy with every s-th tap; the phases
 * are computed together as channels and put in place by depthToSpace. For s = 1 this is the kernel flipped in space with
 * its channels swapped.
 */
import * as tf from '@tensorflow/tfjs-core';
import { runConv } from './conv';
import type { Constant, ConvGeometry, Pads } from './graph';

export interface ConvGradientPlan {
  kernel: tf.Tensor4D;
  /** `kernel` may be another with the same layout, such as that of weights which have changed since. */
  run(dy: tf.Tensor4D, kernel?: tf.Tensor4D): tf.Tensor4D;
}

interface Axis {
  before: number;
  after: number;
  /** Rows of dy that reach no input row and are cut off (only with padding beyond the window). */
  cut: number;
  /** First row to keep after the phases are interleaved. */
  skip: number;
}

function axisPlan(input: number, output: number, taps: number, stride: number, dilation: number, pad: number): Axis {
  const reach = (taps - 1) * dilation + 1;
  if (stride === 1) {
    const before = reach - 1 - pad;
    const after = input - output - before + reach - 1;
    if (before >= 0 && after >= 0) return { before, after, cut: 0, skip: 0 };
  }
  const perPhase = stride === 1 ? reach : Math.ceil(taps / stride);
  const rows = Math.floor((input - 1 + pad) / stride) + 1;
  return { before: perPhase - 1, after: Math.max(0, rows - output), cut: Math.max(0, output - rows), skip: pad };
}

/** Kernel of the phases: [⌈kh/s⌉, ⌈kw/s⌉, out, s²·in]. */
function phaseKernel(kernel: Constant, s: number): Constant {
  const [kh, kw, cin, cout] = kernel.shape;
  const [jh, jw] = [Math.ceil(kh / s), Math.ceil(kw / s)];
  const shape = [jh, jw, cout, s * s * cin];
  const values = new Float32Array(jh * jw * cout * s * s * cin);
  for (let ky = 0; ky < kh; ky++) {
    for (let kx = 0; kx < kw; kx++) {
      const [ty, tx] = [jh - 1 - Math.floor(ky / s), jw - 1 - Math.floor(kx / s)];
      const phase = (ky % s) * s + (kx % s);
      for (let i = 0; i < cin; i++) {
        for (let o = 0; o < cout; o++) {
          values[((ty * jw + tx) * cout + o) * s * s * cin + phase * cin + i] = kernel.values[((ky * kw + kx) * cin + i) * cout + o];
        }
      }
    }
  }
  return { shape, values };
}

export function planConvGradient(
  kernel: Constant,
  geometry: ConvGeometry,
  input: readonly number[],
  output: readonly number[],
): ConvGradientPlan {
  const { strides, dilations, pads } = geometry;
  const s = Math.max(...strides);
  const [kh, kw, cin] = kernel.shape;
  if (strides[0] !== strides[1]) return unevenStrides(kernel, geometry, input);
  const rows = axisPlan(input[0], output[0], kh, s, dilations[0], pads[0]);
  const cols = axisPlan(input[1], output[1], kw, s, dilations[1], pads[2]);
  const phases = phaseKernel(kernel, s);
  const tensor = tf.tensor4d(phases.values, phases.shape as [number, number, number, number]);
  const innerPads: Pads = [rows.before, rows.after, cols.before, cols.after];
  return {
    kernel: tensor,
    run: (dy, kernel = tensor) =>
      tf.tidy(() => {
        const used = rows.cut || cols.cut ? tf.slice(dy, [0, 0, 0, 0], [-1, output[0] - rows.cut, output[1] - cols.cut, -1]) : dy;
        let dx = runConv(used, kernel, undefined, { strides: [1, 1], dilations, pads: innerPads }, false);
        if (s > 1) dx = tf.depthToSpace(dx, s, 'NHWC');
        const whole = dx.shape[1] === input[0] && dx.shape[2] === input[1];
        return whole ? dx : tf.slice(dx, [0, rows.skip, cols.skip, 0], [-1, input[0], input[1], cin]);
      }),
  };
}

/** Different strides along the two axes are rare: tfjs' own transposed convolution, on an input padded by hand. */
function unevenStrides(kernel: Constant, { strides, pads }: ConvGeometry, input: readonly number[]): ConvGradientPlan {
  const tensor = tf.tensor4d(kernel.values, kernel.shape as [number, number, number, number]);
  const [h, w] = [input[0] + pads[0] + pads[1], input[1] + pads[2] + pads[3]];
  return {
    kernel: tensor,
    run: (dy, kernel = tensor) =>
      tf.tidy(() => {
        const padded = tf.conv2dTranspose(dy, kernel, [dy.shape[0], h, w, kernel.shape[2]], [strides[0], strides[1]], 'valid');
        return tf.slice(padded, [0, pads[0], pads[2], 0], [-1, input[0], input[1], -1]);
      }),
  };
}
