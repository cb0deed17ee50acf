import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { onEachBackend } from '../../testing/backends';
import { draw } from '../../testing/draw';
import { sampleNorms } from './sample-norms';

onEachBackend('norms per sample', () => {
  const norms = async (rows: ArrayLike<number>[], norm: 'linf' | 'l2') => {
    const x = tf.tensor2d(Float32Array.from(rows.flatMap((r) => Array.from(r))), [rows.length, rows[0].length]);
    const out = sampleNorms(x, norm);
    const values = [...(await out.data())];
    tf.dispose([x, out]);
    return values;
  };
  const expectRatio = (actual: number, expected: number) => expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-6);

  it('are the largest entry and the root of the sum of squares', async () => {
    const rows = [draw(97, 1), draw(97, 2, -5, 1)];
    const [linf, l2] = [await norms(rows, 'linf'), await norms(rows, 'l2')];
    rows.forEach((row, n) => {
      expect(linf[n]).toBe(row.reduce((m, v) => Math.max(m, Math.abs(v)), 0));
      expectRatio(l2[n], Math.hypot(...row));
    });
  });

  it.each([1e-25, 1e-30, 1e25, 1e37])('neither underflow nor overflow for entries of %d', async (size) => {
    const [l2] = await norms([[3 * size, 0, -4 * size, 0]], 'l2');
    const [linf] = await norms([[3 * size, 0, -4 * size, 0]], 'linf');
    expectRatio(l2, 5 * size);
    expectRatio(linf, 4 * size);
  });

  it('are zero for zeros and NaN where an entry is NaN, wherever it stands', async () => {
    const rows = [
      [0, 0, 0],
      [Number.NaN, 1, 2],
      [1, Number.NaN, 2],
      [1, 2, Number.NaN],
      [1, 2, 2],
    ];
    expect(await norms(rows, 'linf')).toEqual([0, Number.NaN, Number.NaN, Number.NaN, 2]);
    expect(await norms(rows, 'l2')).toEqual([0, Number.NaN, Number.NaN, Number.NaN, 3]);
  });

  it('take all axes but the first together', async () => {
    const x = tf.ones([2, 3, 4, 3]);
    const out = sampleNorms(x, 'l2');
    expect(out.shape).toEqual([2]);
    expect([...(await out.data())]).toEqual([6, 6]);
    tf.dispose([x, out]);
  });
});
