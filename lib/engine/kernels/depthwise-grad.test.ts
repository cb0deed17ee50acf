import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { type DepthwiseGeometry, depthwiseInputGrad } from './depthwise-grad';

type Four = [number, number, number, number];
interface Case extends DepthwiseGeometry {
  title: string;
  image: [number, number];
  kernel: Four;
}

const CASES: Case[] = [
  { title: '3×3, padded', image: [5, 6], kernel: [3, 3, 3, 1], strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1] },
  {
    title: '3×3 without padding, multiplier 2',
    image: [5, 4],
    kernel: [3, 3, 2, 2],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
  },
  {
    title: 'stride 2, padded below and right',
    image: [6, 8],
    kernel: [3, 3, 2, 1],
    strides: [2, 2],
    dilations: [1, 1],
    pads: [0, 1, 0, 1],
  },
  {
    title: 'stride 2 on an odd size, multiplier 3',
    image: [7, 5],
    kernel: [3, 3, 2, 3],
    strides: [2, 2],
    dilations: [1, 1],
    pads: [1, 1, 1, 1],
  },
  {
    title: 'stride 2 that skips the last row',
    image: [6, 6],
    kernel: [1, 1, 2, 1],
    strides: [2, 2],
    dilations: [1, 1],
    pads: [0, 0, 0, 0],
  },
  { title: 'dilation 2, padded', image: [7, 6], kernel: [3, 3, 2, 1], strides: [1, 1], dilations: [2, 2], pads: [2, 2, 2, 2] },
  { title: 'dilation 2, multiplier 2', image: [7, 8], kernel: [3, 2, 2, 2], strides: [1, 1], dilations: [2, 2], pads: [0, 0, 0, 0] },
  {
    title: 'a 2×4 kernel, padded on one side',
    image: [4, 6],
    kernel: [2, 4, 2, 1],
    strides: [1, 1],
    dilations: [1, 1],
    pads: [0, 1, 1, 2],
  },
];

/**
 * The twin: the convolution is linear, so entry i of the gradient is ⟨dy, conv(eᵢ)⟩ with eᵢ the i-th unit image. All unit
 * images are convolved as one batch by tfjs' own kernel.
 */
function transposed(dy: tf.Tensor4D, w: tf.Tensor4D, { image, kernel, strides, dilations, pads }: Case): tf.Tensor1D {
  return tf.tidy(() => {
    const pixels = image[0] * image[1] * kernel[2];
    const units = tf.reshape(tf.eye(pixels), [pixels, image[0], image[1], kernel[2]]) as tf.Tensor4D;
    const padded = tf.pad(units, [
      [0, 0],
      [pads[0], pads[1]],
      [pads[2], pads[3]],
      [0, 0],
    ]) as tf.Tensor4D;
    const images = tf.depthwiseConv2d(padded, w, [...strides], 'valid', 'NHWC', [...dilations]);
    return tf.sum(tf.mul(images, dy), [1, 2, 3]) as tf.Tensor1D;
  });
}

onEachBackend('the input gradient of a depthwise convolution', () => {
  it.each(CASES)('agrees with the transposed sum: $title', async (c) => {
    const size = (i: 0 | 1) =>
      Math.floor((c.image[i] + c.pads[2 * i] + c.pads[2 * i + 1] - ((c.kernel[i] - 1) * c.dilations[i] + 1)) / c.strides[i]) + 1;
    const out: Four = [1, size(0), size(1), c.kernel[2] * c.kernel[3]];
    const w = tf.tensor4d(
      draw(
        c.kernel.reduce((a, b) => a * b),
        1,
      ),
      c.kernel,
    );
    const count = out.reduce((a, b) => a * b);
    const images = [2, 3].map((seed) => tf.tensor4d(draw(count, seed), out));
    const both = tf.concat4d(images, 0);
    const dx = depthwiseInputGrad(both, w, c.image, c);
    const expected = tf.tidy(() => tf.concat1d(images.map((dy) => transposed(dy, w, c))));
    expect(dx.shape).toEqual([2, ...c.image, c.kernel[2]]);
    // Sums of at most 27 float32 products of size 1.
    expect(maxDifference(await dx.data(), await expected.data())).toBeLessThan(2e-6);
    tf.dispose([w, images, both, dx, expected]);
  });
});
