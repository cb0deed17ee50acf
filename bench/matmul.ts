/** What a plain large matrix product reaches on one wasm engine here, in GFLOP/s: the yardstick for our own figures. */
import * as tf from '@tensorflow/tfjs-core';
import { openEngine } from '../lib/engine/choose';
import { nodeHost } from '../lib/engine/node-host';
import { median } from './rate';

export async function matmulGflops(size = 768): Promise<number> {
  await openEngine('wasm', nodeHost);
  const [a, b] = [tf.randomNormal([size, size]), tf.randomNormal([size, size])];
  const rates: number[] = [];
  for (let i = 0; i < 9; i++) {
    const start = performance.now();
    tf.matMul(a, b).dispose();
    rates.push((2 * size ** 3) / (performance.now() - start) / 1e6);
  }
  tf.dispose([a, b]);
  return median(rates.slice(2));
}
