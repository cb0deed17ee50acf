/** In a process of its own: the wasm backend can be told only once where its files are. */
import { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { type EngineHost, openEngine } from './choose';
import { nodeHost } from './node-host';

const host: EngineHost = { ...nodeHost, adapter: async () => null };

beforeAll(() => setWasmPaths('/no/such/folder/'));
beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined); // Emscripten says it there, too
  vi.spyOn(console, 'warn').mockImplementation(() => undefined);
});
afterEach(() => vi.unstubAllGlobals());

const UNLOADABLE = /its \.wasm file could not be loaded: Error: ENOENT: no such file or directory, open '\/no\/such\/folder\/.*\.wasm'$/;

it('a .wasm file that cannot be loaded is named with the reason', async () => {
  await expect(openEngine('wasm', host)).rejects.toMatchObject({
    code: 'device-lost',
    message: expect.stringMatching(new RegExp(`^backend wasm: ${UNLOADABLE.source}`)),
  });
});

it('is the reason for the plain processor, where that may be chosen', async () => {
  const engine = await openEngine('auto', host);
  expect(engine).toMatchObject({ backend: 'cpu', note: expect.stringMatching(/^no WebGPU adapter was found; backend wasm: its/) });
  expect(engine.note).toMatch(UNLOADABLE);
});

it('WebAssembly that there is not is said to be missing', async () => {
  vi.stubGlobal('WebAssembly', undefined);
  await expect(openEngine('wasm', host)).rejects.toMatchObject({ message: 'backend wasm: WebAssembly is not available here' });
});
