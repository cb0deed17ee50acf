import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { maxDifference, onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { avgPoolGrad, maxPoolGrad, type PoolGeometry } from './pool-grad';

type Shape = [number, number, number, number];

const outputShape = ([batch, h, w, channels]: Shape, { window, strides, pads }: PoolGeometry): Shape => [
  batch,
  Math.floor((h + pads[0] + pads[1] - window[0]) / strides[0]) + 1,
  Math.floor((w + pads[2] + pads[3] - window[1]) / strides[1]) + 1,
  channels,
];

/** The twin: every window as the list of its cells in row-major order, and a rule that shares its gradient among them. */
function twin(
  dy: Float32Array,
  x: Float32Array,
  shape: Shape,
  geometry: PoolGeometry,
  share: (cells: number[]) => [cell: number, part: number][],
): Float64Array {
  const [batch, h, w, channels] = shape;
  const [, outH, outW] = outputShape(shape, geometry);
  const dx = new Float64Array(x.length);
  let at = 0;
  for (let n = 0; n < batch; n++) {
    for (let oy = 0; oy < outH; oy++) {
      for (let ox = 0; ox < outW; ox++) {
        for (let c = 0; c < channels; c++) {
          const cells: number[] = [];
          for (let y = 0; y < h; y++) {
            for (let col = 0; col < w; col++) {
              const ky = y + geometry.pads[0] - oy * geometry.strides[0];
              const kx = col + geometry.pads[2] - ox * geometry.strides[1];
              if (ky >= 0 && ky < geometry.window[0] && kx >= 0 && kx < geometry.window[1])
                cells.push(((n * h + y) * w + col) * channels + c);
            }
          }
          for (const [cell, part] of share(cells)) dx[cell] += dy[at] * part;
          at++;
        }
      }
    }
  }
  return dx;
}
const firstLargest = (x: Float32Array) => (cells: number[]) =>
  [[cells.reduce((best, cell) => (x[cell] > x[best] ? cell : best)), 1]] as [number, number][];
const evenly = (cells: number[]) => cells.map((cell) => [cell, 1 / cells.length] as [number, number]);

const GEOMETRIES: (PoolGeometry & { title: string; shape: Shape })[] = [
  { title: '2×2 windows side by side', shape: [2, 6, 4, 3], window: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] },
  { title: '2×2 windows that leave out the last row and column', shape: [1, 5, 7, 2], window: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] },
  { title: 'overlapping 3×3 windows with stride 2', shape: [2, 7, 9, 2], window: [3, 3], strides: [2, 2], pads: [0, 0, 0, 0] },
  { title: 'overlapping 3×3 windows, padded below and right', shape: [2, 6, 8, 2], window: [3, 3], strides: [2, 2], pads: [0, 1, 0, 1] },
  {
    title: '3×2 windows with uneven strides, padded on one side',
    shape: [1, 5, 6, 3],
    window: [3, 2],
    strides: [1, 2],
    pads: [1, 1, 1, 0],
  },
  { title: 'windows further apart than wide', shape: [1, 7, 7, 1], window: [2, 1], strides: [3, 2], pads: [0, 0, 0, 0] },
  { title: 'one window over the whole image', shape: [3, 4, 5, 2], window: [4, 5], strides: [4, 5], pads: [0, 0, 0, 0] },
];

const DATA: Record<string, (count: number) => Float32Array> = {
  'different values': (n) => draw(n, 1),
  'many ties': (n) => draw(n, 2, -1.5, 1.5).map(Math.round),
  'no positive value': (n) => draw(n, 3, -2, -0.1),
  'one constant': (n) => new Float32Array(n).fill(-0.25),
  'the output of a ReLU': (n) => draw(n, 4).map((v) => Math.max(v, 0)),
};

onEachBackend('the gradient of pooling', () => {
  describe.each(GEOMETRIES)('over $title', ({ shape, ...geometry }) => {
    const count = shape.reduce((a, b) => a * b);
    const out = outputShape(shape, geometry);
    const dyValues = draw(
      out.reduce((a, b) => a * b),
      5,
    );

    it.each(Object.keys(DATA))('agrees with the twin on %s, with and without the mask of a ReLU', async (kind) => {
      const values = DATA[kind](count);
      const x = tf.tensor4d(values, shape);
      const dy = tf.tensor4d(dyValues, out);
      for (const masked of [false, true]) {
        const mask = (expected: Float64Array) => expected.map((g, i) => (masked && !(values[i] > 0) ? 0 : g));
        const max = maxPoolGrad(dy, x, geometry, masked);
        const average = avgPoolGrad(dy, x, geometry, masked);
        expect(max.shape).toEqual(shape);
        expect(average.shape).toEqual(shape);
        // Up to nine float32 terms of size 1 are added in another order.
        expect(maxDifference(await max.data(), mask(twin(dyValues, values, shape, geometry, firstLargest(values))))).toBeLessThan(1e-6);
        expect(maxDifference(await average.data(), mask(twin(dyValues, values, shape, geometry, evenly)))).toBeLessThan(1e-6);
        tf.dispose([max, average]);
      }
      tf.dispose([x, dy]);
    });
  });

  it('gives a tie to its first cell in row-major order', async () => {
    const x = tf.tensor4d([1, 3, 3, 3], [1, 2, 2, 1]);
    const dy = tf.tensor4d([5], [1, 1, 1, 1]);
    const dx = maxPoolGrad(dy, x, { window: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] });
    expect([...(await dx.data())]).toEqual([0, 5, 0, 0]);
    tf.dispose([x, dy, dx]);
  });

  it('finds the largest of a window without a positive value, at a padded edge too', async () => {
    const x = tf.tensor4d([-4, -1, -3, -2], [1, 2, 2, 1]);
    const dy = tf.tensor4d([1, 10, 100, 1000], [1, 2, 2, 1]);
    const dx = maxPoolGrad(dy, x, { window: [2, 2], strides: [1, 1], pads: [0, 1, 0, 1] });
    expect([...(await dx.data())]).toEqual([0, 11, 0, 1100]);
    tf.dispose([x, dy, dx]);
  });

  it('lets nothing through a masked window of zeros', async () => {
    const x = tf.zeros([1, 2, 2, 1]);
    const dy = tf.tensor4d([7], [1, 1, 1, 1]);
    const geometry: PoolGeometry = { window: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
    const [max, average] = [maxPoolGrad(dy, x, geometry, true), avgPoolGrad(dy, x, geometry, true)];
    expect([...(await max.data())]).toEqual([0, 0, 0, 0]);
    expect([...(await average.data())]).toEqual([0, 0, 0, 0]);
    tf.dispose([x, dy, max, average]);
  });
});
