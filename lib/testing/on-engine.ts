/** For a suite, or a whole file, of tests on one backend: opens it, and each test has to end with as many tensors as it began. */
import * as tf from '@tensorflow/tfjs-core';
import { afterEach, beforeAll, beforeEach, expect } from 'vitest';
import { type BackendName, openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';

export function onEngine(backend: BackendName): void {
  let before = 0;
  beforeAll(async () => {
    await openEngine(backend, nodeHost);
  });
  beforeEach(() => {
    before = tf.memory().numTensors;
  });
  afterEach(() => {
    expect(tf.memory().numTensors, 'tensors at the end of the test').toBe(before);
  });
}
