/**
 * Gradients of 2-D pooling with respect to its input, NHWC. tfjs' own max-pool gradients take the *last* maximum of a tie
 * and one is wrong for windows without a positive value; here the first in row-major order takes all, as in PyTorch and
 * TensorFlow. Constant image backgrounds make ties common, so this moves scores.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

export interface PoolGeometry {
  window: readonly [number, number];
  strides: readonly [number, number];
  /** top, bottom, left, right */
  pads: readonly [number, number, number, number];
}

interface Attributes extends PoolGeometry {
  /** The pool's input is the output of a ReLU: multiply by its mask (x > 0) in the same pass. */
  reluMask: boolean;
}

function uniforms([dy, x]: number[][], a: Attributes) {
  const values: Record<string, number> = {
    inH: x[1],
    inW: x[2],
    channels: x[3],
    outH: dy[1],
    outW: dy[2],
    windowH: a.window[0],
    windowW: a.window[1],
    strideH: a.strides[0],
    strideW: a.strides[1],
    padT: a.pads[0],
    padL: a.pads[2],
  };
  return Object.entries(values).map(([name, value]) => ({ name, type: 'int32' as const, value }));
}

/** WGSL that finds which windows hold input element (row, col) and runs `each` for every window (oy, ox). */
const overWindows = (each: string, reluMask: boolean) => `
  let c = index % uniforms.channels;
  let col = (index / uniforms.channels) % uniforms.inW;
  let row = (index / (uniforms.channels * uniforms.inW)) % uniforms.inH;
  let n = index / (uniforms.channels * uniforms.inW * uniforms.inH);
  let own = x[index];
  var sum = 0.0;
  let lowY = max(0, (row + uniforms.padT - uniforms.windowH + uniforms.strideH) / uniforms.strideH);
  let highY = min(uniforms.outH - 1, (row + uniforms.padT) / uniforms.strideH);
  let lowX = max(0, (col + uniforms.padL - uniforms.windowW + uniforms.strideW) / uniforms.strideW);
  let highX = min(uniforms.outW - 1, (col + uniforms.padL) / uniforms.strideW);
  ${reluMask ? 'if (own > 0.0) {' : '{'}
  for (var oy = lowY; oy <= highY; oy++) { for (var ox = lowX; ox <= highX; ox++) {
    let y0 = max(0, oy * uniforms.strideH - uniforms.padT);
    let x0 = max(0, ox * uniforms.strideW - uniforms.padL);
    let y1 = min(uniforms.inH, oy * uniforms.strideH - uniforms.padT + uniforms.windowH);
    let x1 = min(uniforms.inW, ox * uniforms.strideW - uniforms.padL + uniforms.windowW);
    let g = dy[((n * uniforms.outH + oy) * uniforms.outW + ox) * uniforms.channels + c];
    ${each}
  } } }
  setOutputAtIndex(index, sum);`;

/** The commonest pool, 2×2 with stride 2, without inner loops: a third of the general loop's time. */
function halvingMaxGrad(
  dy: Float32Array,
  x: Float32Array,
  dx: Float32Array,
  g: { rows: number; outH: number; outW: number; inH: number; inW: number; channels: number; floor: number },
): void {
  const { channels, floor } = g;
  const below = g.inW * channels;
  let out = 0;
  for (let row = 0; row < g.rows; row++) {
    const image = Math.floor(row / g.outH);
    let at = (image * g.inH + 2 * (row - image * g.outH)) * below;
    for (let ox = 0; ox < g.outW; ox++, at += channels) {
      for (const end = at + channels; at < end; at++, out++) {
        let best = x[at];
        let place = at;
        const right = x[at + channels];
        if (right > best) {
          best = right;
          place = at + channels;
        }
        const down = x[at + below];
        if (down > best) {
          best = down;
          place = at + below;
        }
        const across = x[at + below + channels];
        if (across > best) {
          best = across;
          place = at + below + channels;
        }
        if (best > floor) dx[place] = dy[out];
      }
    }
  }
}

const runMax = defineKernel<Attributes>({
  name: 'SimplexityMaxPoolGrad',
  inputs: ['dy', 'x'],
  outputShape: ([, x]) => x,
  loop([dy, x], dx, [dyShape, xShape], { window, strides, pads, reluMask }) {
    const [batch, inH, inW, channels] = xShape;
    const [, outH, outW] = dyShape;
    const halving = [...window, ...strides].every((k) => k === 2) && pads.every((p) => p === 0);
    if (halving) return halvingMaxGrad(dy, x, dx, { rows: batch * outH, outH, outW, inH, inW, channels, floor: reluMask ? 0 : -Infinity });
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outH; oy++) {
        const top = oy * strides[0] - pads[0];
        const y0 = Math.max(0, top);
        const y1 = Math.min(inH, top + window[0]);
        for (let ox = 0; ox < outW; ox++) {
          const left = ox * strides[1] - pads[2];
          const x0 = Math.max(0, left);
          const x1 = Math.min(inW, left + window[1]);
          const from = ((n * outH + oy) * outW + ox) * channels;
          for (let c = 0; c < channels; c++) {
            let best = -Infinity;
            let at = -1;
            for (let iy = y0; iy < y1; iy++) {
              let i = ((n * inH + iy) * inW + x0) * channels + c;
              for (let ix = x0; ix < x1; ix++, i += channels) {
                if (x[i] > best) {
                  best = x[i];
                  at = i;
                }
              }
            }
            if (at >= 0 && (!reluMask || best > 0)) dx[at] += dy[from + c];
          }
        }
      }
    }
  },
  wgsl: {
    uniforms,
    variant: (a) => String(a.reluMask),
    body: (a) => ({
      main: overWindows(
        `var first = true;
    for (var iy = y0; iy < y1; iy++) { for (var ix = x0; ix < x1; ix++) {
      let other = x[((n * uniforms.inH + iy) * uniforms.inW + ix) * uniforms.channels + c];
      if (other > own || (other == own && (iy < row || (iy == row && ix < col)))) { first = false; }
    } }
    if (first) { sum += g; }`,
        a.reluMask,
      ),
    }),
  },
});

const runAverage = defineKernel<Attributes>({
  name: 'SimplexityAvgPoolGrad',
  inputs: ['dy', 'x'],
  outputShape: ([, x]) => x,
  loop([dy, x], dx, [dyShape, xShape], { window, strides, pads, reluMask }) {
    const [batch, inH, inW, channels] = xShape;
    const [, outH, outW] = dyShape;
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outH; oy++) {
        const top = oy * strides[0] - pads[0];
        const y0 = Math.max(0, top);
        const y1 = Math.min(inH, top + window[0]);
        for (let ox = 0; ox < outW; ox++) {
          const left = ox * strides[1] - pads[2];
          const x0 = Math.max(0, left);
          const x1 = Math.min(inW, left + window[1]);
          const from = ((n * outH + oy) * outW + ox) * channels;
          const share = 1 / ((y1 - y0) * (x1 - x0));
          for (let iy = y0; iy < y1; iy++) {
            let i = ((n * inH + iy) * inW + x0) * channels;
            for (let ix = x0; ix < x1; ix++) {
              for (let c = 0; c < channels; c++, i++) if (!reluMask || x[i] > 0) dx[i] += dy[from + c] * share;
            }
          }
        }
      }
    }
  },
  wgsl: {
    uniforms,
    variant: (a) => String(a.reluMask),
    body: (a) => ({ main: overWindows('sum += g / f32((y1 - y0) * (x1 - x0));', a.reluMask) }),
  },
});

/**
 * dL/dx of a max pool. dy: [batch, outH, outW, channels], x: the pool's input [batch, inH, inW, channels].
 * Each window's gradient goes to its first largest element in row-major order.
 */
export function maxPoolGrad(dy: tf.Tensor, x: tf.Tensor, geometry: PoolGeometry, reluMask = false): tf.Tensor4D {
  return runMax([dy, x], { ...geometry, reluMask }) as tf.Tensor4D;
}

/** dL/dx of an average pool; padding does not count into the average. Shapes as {@link maxPoolGrad}. */
export function avgPoolGrad(dy: tf.Tensor, x: tf.Tensor, geometry: PoolGeometry, reluMask = false): tf.Tensor4D {
  return runAverage([dy, x], { ...geometry, reluMask }) as tf.Tensor4D;
}
