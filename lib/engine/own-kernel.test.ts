import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../testing/backends';
import { defineKernel } from './own-kernel';

const scaled = defineKernel<{ factor: number; offset: number }>({
  name: 'TestScaledSum',
  inputs: ['a', 'b'],
  outputShape: ([a]) => a,
  loop([a, b], out, _, { factor, offset }) {
    for (let i = 0; i < out.length; i++) out[i] = a[i] * factor + b[i % b.length] + offset;
  },
  wgsl: {
    uniforms: ([, b], { factor, offset }) => [
      { name: 'factor', type: 'float32', value: factor },
      { name: 'period', type: 'int32', value: b[0] },
      { name: 'offset', type: 'float32', value: offset },
    ],
    body: () => ({ main: 'setOutputAtIndex(index, a[index] * uniforms.factor + b[index % uniforms.period] + uniforms.offset);' }),
  },
});

onEachBackend('a kernel of our own', () => {
  it('is handed its inputs in order and its attributes by name', async () => {
    const [a, b] = [tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor1d([10, 20])];
    const out = scaled([a, b], { factor: 2, offset: 100 });
    expect(out.shape).toEqual([3, 2]);
    expect([...(await out.data())]).toEqual([112, 124, 116, 128, 120, 132]);
    tf.dispose([a, b, out]);
  });

  it('reaches every element of a tensor that is too large for one row of workgroups', async () => {
    const count = 64 * 65535 + 3 * 64 + 7;
    const values = Float32Array.from({ length: count }, (_, i) => i % 4099);
    const [a, b] = [tf.tensor1d(values), tf.tensor1d([1, 2, 3])];
    const out = scaled([a, b], { factor: 1, offset: 0 });
    const result = await out.data();
    expect(result.length).toBe(count);
    expect(result.findIndex((v, i) => v !== (i % 4099) + 1 + (i % 3))).toBe(-1);
    tf.dispose([a, b, out]);
  });

  it('takes the result of a tfjs operation and feeds one', async () => {
    const out = tf.tidy(() => {
      const a = tf.mul(tf.tensor1d([1, 2]), tf.scalar(3));
      return tf.neg(scaled([a, tf.tensor1d([1])], { factor: 1, offset: 0 }));
    });
    expect([...(await out.data())]).toEqual([-4, -7]);
    out.dispose();
  });
});
