/** Runs a suite on every backend of this machine and checks that each test ends with as many tensors as it began. */
import { describe, expect } from 'vitest';
import type { BackendName } from '../engine/choose';
import { allowSoftwareVulkan, nodeHost } from '../engine/node-host';
import { onEngine } from './on-engine';

allowSoftwareVulkan(process.env);
const adapter = await nodeHost.adapter();

/** Backends present here; WebGPU through Dawn, on Chromium's software Vulkan driver where there is no GPU. */
export const BACKENDS: readonly BackendName[] = adapter ? ['cpu', 'wasm', 'webgpu'] : ['cpu', 'wasm'];
if (!adapter) console.warn('backend webgpu is absent on this machine: its tests do not run');

export function onEachBackend(title: string, suite: (backend: BackendName) => void): void {
  describe.each(BACKENDS)(`${title} on %s`, (backend) => {
    onEngine(backend);
    suite(backend);
  });
}

/** Largest absolute difference of two equally long lists. */
export function maxDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  let max = 0;
  for (let i = 0; i < expected.length; i++) {
    const d = Math.abs(actual[i] - expected[i]);
    if (!(d <= max)) max = d; // NaN counts as a difference
  }
  return max;
}
