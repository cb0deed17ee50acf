/** Per-sample norms: [batch, …] → [batch]. Scaled by the largest entry first, so tiny gradients do not underflow. */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

const run = defineKernel<{ norm: 'linf' | 'l2' }>({
  name: 'SimplexitySampleNorms',
  inputs: ['x'],
  outputShape: ([x]) => [x[0]],
  loop([x], out, _, { norm }) {
    const perSample = x.length / out.length;
    for (let n = 0; n < out.length; n++) {
      const end = (n + 1) * perSample;
      let max = 0;
      let sum = 0;
      for (let i = n * perSample; i < end; i++) {
        const a = Math.abs(x[i]);
        if (a > max || Number.isNaN(a)) max = a;
        sum += x[i] * x[i]; // float64: the square of any float32 is representable
      }
      out[n] = norm === 'linf' || Number.isNaN(max) ? max : Math.sqrt(sum);
    }
  },
  wgsl: {
    uniforms: ([x]) => [{ name: 'perSample', type: 'int32', value: x.reduce((a, b) => a * b, 1) / x[0] }],
    variant: (a) => a.norm,
    body: ({ norm }) => ({
      main: `
  let start = index * uniforms.perSample;
  let end = start + uniforms.perSample;
  var top = 0.0;
  var broken = false;
  for (var i = start; i < end; i++) { let v = x[i]; broken = broken || isnan(v); top = max(top, abs(v)); }
  var result = top;
  ${
    norm === 'linf'
      ? ''
      : `if (top > 0.0) {
    var sum = 0.0;
    for (var i = start; i < end; i++) { let v = x[i] / top; sum += v * v; }
    result = top * sqrt(sum);
  }`
  }
  setOutputAtIndex(index, select(result, uniforms.NAN, broken));`,
    }),
  },
});

export function sampleNorms(x: tf.Tensor, norm: 'linf' | 'l2'): tf.Tensor1D {
  return run([x], { norm }) as tf.Tensor1D;
}
