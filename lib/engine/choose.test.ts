import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { Failure } from '../failure';
import { BACKENDS } from '../testing/backends';
import { describeAdapter, type EngineHost, openEngine } from './choose';
import { nodeHost } from './node-host';

const withAdapter = (name: string, software: boolean): EngineHost => ({ ...nodeHost, adapter: async () => ({ name, software }) });
const withoutAdapter: EngineHost = { ...nodeHost, adapter: async () => null };
const adapterOf = (info: object, isFallbackAdapter?: boolean) => ({ info, isFallbackAdapter }) as unknown as GPUAdapter;

describe('an adapter', () => {
  it.each([
    [{ vendor: 'google', architecture: 'swiftshader' }],
    [{ description: 'llvmpipe (LLVM 15, 256 bits)' }],
    [{ vendor: 'mesa', device: 'Lavapipe' }],
    [{ description: 'Microsoft Basic Render Driver' }],
    [{ vendor: 'somebody', isFallbackAdapter: true }],
  ])('is software if it says %j', (info) => {
    expect(describeAdapter(adapterOf(info)).software).toBe(true);
  });

  it('is software if the flag of older browsers says so', () => {
    expect(describeAdapter(adapterOf({ vendor: 'intel' }, true)).software).toBe(true);
  });

  it('is described by what it says about itself', () => {
    expect(describeAdapter(adapterOf({ vendor: 'nvidia', architecture: 'ampere', device: '', description: 'RTX' }))).toEqual({
      name: 'nvidia ampere RTX',
      architecture: 'nvidia ampere',
      software: false,
    });
    expect(describeAdapter(adapterOf({})).name).toBe('WebGPU adapter');
  });
});

describe('the choice of a backend', () => {
  it('is wasm where there is no adapter, and says why', async () => {
    expect(await openEngine('auto', withoutAdapter)).toMatchObject({ backend: 'wasm', note: 'no WebGPU adapter was found' });
    expect(tf.getBackend()).toBe('wasm');
  });

  it('is wasm where the only adapter is software', async () => {
    const engine = await openEngine('auto', withAdapter('SwiftShader Device', true));
    expect(engine).toMatchObject({ backend: 'wasm', note: 'WebGPU has only a software adapter here (SwiftShader Device)' });
  });

  it('is wasm where the adapter does not start', async () => {
    const loadWebgpu = async () => tf.registerBackend('webgpu', () => Promise.reject(new Error('no device')));
    const host: EngineHost = { ...withAdapter('broken GPU', false), loadWebgpu };
    expect(await openEngine('auto', host)).toMatchObject({ backend: 'wasm', note: 'WebGPU did not start on broken GPU' });
    tf.removeBackend('webgpu'); // the next test loads the real one
  });

  it('is what was asked for, without a note', async () => {
    expect(await openEngine('wasm', withoutAdapter)).toEqual({ backend: 'wasm', device: nodeHost.processor });
    expect(await openEngine('cpu', withoutAdapter)).toEqual({ backend: 'cpu', device: nodeHost.processor });
    expect(tf.getBackend()).toBe('cpu');
  });

  it('fails with the reason if WebGPU was asked for and is not there', async () => {
    const failure = await openEngine('webgpu', withoutAdapter).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({
      code: 'device-lost',
      message: 'backend webgpu: no WebGPU adapter was found; choose --backend wasm',
    });
  });

  it.runIf(BACKENDS.includes('webgpu'))('takes a software adapter where WebGPU was asked for by name, and warns', async () => {
    const adapter = await nodeHost.adapter();
    const engine = await openEngine('webgpu', nodeHost);
    expect(engine.backend).toBe('webgpu');
    expect(engine.note).toBe(adapter?.software ? 'software adapter: right, but very slow' : undefined);
  });
});
