/**
 * dL/dw of a convolution as a *forward* convolution. y[n, o] = Σ_k x[n, s·o + d·k − p]·w[k] gives
 * dw[k] = Σ_{n,o} x[n, s·o + d·k − p]·dy[n, o]: with the batch as channels, x [in, h, w, batch] is convolved with the filter
 * dy [oh, ow, batch, out], where the strides are the dilations of before and the other way round.
 */
import * as tf from '@tensorflow/tfjs-core';
import { runConv } from '../model/conv';
import type { ConvGeometry, Pads } from '../model/graph';

/** Rows to add behind the image (negative: to cut off), so that exactly `taps` outputs come. */
const behind = (input: number, output: number, taps: number, stride: number, dilation: number, before: number) =>
  (taps - 1) * dilation + (output - 1) * stride + 1 - input - before;

/** x [batch, h, w, in], dy [batch, oh, ow, out] → [kh, kw, in, out]. */
export function convWeightGradient(
  x: tf.Tensor4D,
  dy: tf.Tensor4D,
  window: readonly [number, number],
  geometry: ConvGeometry,
): tf.Tensor4D {
  const { strides, dilations, pads } = geometry;
  return tf.tidy(() => {
    const after = [0, 1].map((i) => behind(x.shape[1 + i], dy.shape[1 + i], window[i], strides[i], dilations[i], pads[2 * i]));
    const images = tf.transpose(x, [3, 1, 2, 0]);
    const cut = after.some((n) => n < 0)
      ? tf.slice(images, [0, 0, 0, 0], [-1, x.shape[1] + Math.min(0, after[0]), x.shape[2] + Math.min(0, after[1]), -1])
      : images;
    const padded: Pads = [pads[0], Math.max(0, after[0]), pads[2], Math.max(0, after[1])];
    const filter = tf.transpose(dy, [1, 2, 0, 3]);
    const dw = runConv(
      cut as tf.Tensor4D,
      filter as tf.Tensor4D,
      undefined,
      { strides: dilations, dilations: strides, pads: padded },
      false,
    );
    return tf.transpose(dw, [1, 2, 0, 3]) as tf.Tensor4D;
  });
}
