/**
 * dL/dx of a depthwise convolution, NHWC, any stride, dilation and channel multiplier. tfjs has no such kernel on wasm.
 * One pass over the inputs: dx[i] = Σ over taps k and multipliers m with i = o·s + k·dilation − pad of dy[o, c·M + m]·w[k, c, m].
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

export interface DepthwiseGeometry {
  strides: readonly [number, number];
  dilations: readonly [number, number];
  /** top, bottom, left, right */
  pads: readonly [number, number, number, number];
}

interface Attributes extends DepthwiseGeometry {
  inH: number;
  inW: number;
}

const run = defineKernel<Attributes>({
  name: 'SimplexityDepthwiseInputGrad',
  inputs: ['dy', 'w'],
  outputShape: ([dy, w], a) => [dy[0], a.inH, a.inW, w[2]],
  loop([dy, w], dx, [dyShape, wShape], { strides, dilations, pads, inH, inW }) {
    const [batch, outH, outW] = dyShape;
    const [kernelH, kernelW, channels, multiplier] = wShape;
    for (let n = 0; n < batch; n++) {
      for (let oy = 0; oy < outH; oy++) {
        for (let ox = 0; ox < outW; ox++) {
          const from = ((n * outH + oy) * outW + ox) * channels * multiplier;
          for (let ky = 0; ky < kernelH; ky++) {
            const iy = oy * strides[0] + ky * dilations[0] - pads[0];
            if (iy < 0 || iy >= inH) continue;
            for (let kx = 0; kx < kernelW; kx++) {
              const ix = ox * strides[1] + kx * dilations[1] - pads[2];
              if (ix < 0 || ix >= inW) continue;
              const to = ((n * inH + iy) * inW + ix) * channels;
              const tap = (ky * kernelW + kx) * channels * multiplier;
              for (let c = 0; c < channels; c++) {
                for (let m = 0; m < multiplier; m++) {
                  const k = c * multiplier + m;
                  dx[to + c] += dy[from + k] * w[tap + k];
                }
              }
            }
          }
        }
      }
    }
  },
  wgsl: {
    uniforms: ([dy, w], a) =>
      Object.entries({
        inH: a.inH,
        inW: a.inW,
        outH: dy[1],
        outW: dy[2],
        kernelH: w[0],
        kernelW: w[1],
        channels: w[2],
        multiplier: w[3],
        strideH: a.strides[0],
        strideW: a.strides[1],
        dilationH: a.dilations[0],
        dilationW: a.dilations[1],
        padT: a.pads[0],
        padL: a.pads[2],
      }).map(([name, value]) => ({ name, type: 'int32' as const, value })),
    body: () => ({
      main: `
  let c = index % uniforms.channels;
  let col = (index / uniforms.channels) % uniforms.inW;
  let row = (index / (uniforms.channels * uniforms.inW)) % uniforms.inH;
  let n = index / (uniforms.channels * uniforms.inW * uniforms.inH);
  var sum = 0.0;
  for (var ky = 0; ky < uniforms.kernelH; ky++) {
    let up = row + uniforms.padT - ky * uniforms.dilationH;
    if (up < 0 || up % uniforms.strideH != 0 || up / uniforms.strideH >= uniforms.outH) { continue; }
    for (var kx = 0; kx < uniforms.kernelW; kx++) {
      let left = col + uniforms.padL - kx * uniforms.dilationW;
      if (left < 0 || left % uniforms.strideW != 0 || left / uniforms.strideW >= uniforms.outW) { continue; }
      let o = ((n * uniforms.outH + up / uniforms.strideH) * uniforms.outW + left / uniforms.strideW) * uniforms.channels + c;
      let k = (ky * uniforms.kernelW + kx) * uniforms.channels + c;
      for (var m = 0; m < uniforms.multiplier; m++) {
        sum += dy[o * uniforms.multiplier + m] * w[k * uniforms.multiplier + m];
      }
    }
  }
  setOutputAtIndex(index, sum);`,
    }),
  },
});

/** dy: [batch, outH, outW, channels·multiplier], w: [kernelH, kernelW, channels, multiplier] → [batch, inH, inW, channels]. */
export function depthwiseInputGrad(
  dy: tf.Tensor,
  w: tf.Tensor,
  inputSize: readonly [number, number],
  geometry: DepthwiseGeometry,
): tf.Tensor4D {
  return run([dy, w], { ...geometry, inH: inputSize[0], inW: inputSize[1] }) as tf.Tensor4D;
}
