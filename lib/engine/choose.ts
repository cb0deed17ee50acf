/**
 * Which backend computes. `auto` takes WebGPU only where the adapter is hardware; a software adapter is right but about
 * a thousand times slower than a GPU, so wasm is used there, and the reason is said.
 */
import * as tf from '@tensorflow/tfjs-core';
import { Failure } from '../failure';

export type BackendName = 'webgpu' | 'wasm' | 'cpu';
export type BackendChoice = 'auto' | BackendName;

export interface Adapter {
  name: string;
  /** Vendor and generation, such as “nvidia hopper”, where the browser or driver says them. */
  architecture?: string;
  software: boolean;
}

export interface Engine {
  backend: BackendName;
  /** Device in words. */
  device: string;
  /** Why not the faster backend, for the reader. */
  note?: string;
}

/** How a place (browser, Node) brings each backend; absent = not to be had here. */
export interface EngineHost {
  /** Resolves to the adapter, or to null where there is none. Makes `navigator.gpu` available. */
  adapter(): Promise<Adapter | null>;
  loadWebgpu(): Promise<unknown>;
  loadWasm(): Promise<unknown>;
  loadCpu(): Promise<unknown>;
  /** Processor in words. */
  processor: string;
}

/**
 * tfjs picks a matrix product by shape, and for long inner sizes one that adds with atomics: not repeatable, and different
 * for every batch size. Its packed program (tfjs-backend-webgpu, MatMulProgramType) adds in a fixed order.
 */
const PACKED_MATMUL = 3;

const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;

/** Describes a WebGPU adapter; a software one is told by its name or by the fallback flag. */
export function describeAdapter(adapter: GPUAdapter & { info?: GPUAdapterInfo; isFallbackAdapter?: boolean }): Adapter {
  const info = adapter.info as (GPUAdapterInfo & { isFallbackAdapter?: boolean }) | undefined;
  const words = [info?.vendor, info?.architecture, info?.device, info?.description].filter(Boolean).join(' ');
  const architecture = [info?.vendor, info?.architecture].filter(Boolean).join(' ');
  return {
    name: words || 'WebGPU adapter',
    ...(architecture ? { architecture } : {}),
    software: SOFTWARE.test(words) || adapter.isFallbackAdapter === true || info?.isFallbackAdapter === true,
  };
}

async function start(backend: BackendName): Promise<boolean> {
  return tf.setBackend(backend).then(async (ok) => {
    if (ok) await tf.ready();
    return ok;
  });
}

/** What Emscripten puts around the message of what went wrong. */
const EMSCRIPTEN = /^Aborted\((.*)\)\. Build with -sASSERTIONS for more info\.$/s;

/** tfjs keeps to itself why a backend did not start; asked once more, what makes it says so. */
async function whyNoWasm(): Promise<string> {
  if (typeof WebAssembly !== 'object') return 'WebAssembly is not available here';
  try {
    await tf.findBackendFactory('wasm')?.();
    return 'WebAssembly did not start';
  } catch (error) {
    const { message } = error as { message?: string }; // tfjs throws plain objects, too
    return `its .wasm file could not be loaded: ${(message ?? String(error)).replace(EMSCRIPTEN, '$1')}`;
  }
}

export async function openEngine(choice: BackendChoice, host: EngineHost): Promise<Engine> {
  tf.enableProdMode(); // no argument checks by reading tensors back, no advertisements on the console
  let note: string | undefined;
  if (choice === 'auto' || choice === 'webgpu') {
    const adapter = await host.adapter();
    if (adapter && (choice === 'webgpu' || !adapter.software)) {
      await host.loadWebgpu();
      if (await start('webgpu')) {
        tf.env().set('WEBGPU_MATMUL_PROGRAM_TYPE', PACKED_MATMUL);
        return { backend: 'webgpu', device: adapter.name, ...(adapter.software ? { note: 'software adapter: right, but very slow' } : {}) };
      }
      note = `WebGPU did not start on ${adapter.name}`;
    } else {
      note = adapter ? `WebGPU has only a software adapter here (${adapter.name})` : 'no WebGPU adapter was found';
    }
    if (choice === 'webgpu') throw new Failure('device-lost', `backend webgpu: ${note}; choose --backend wasm`);
  }
  if (choice === 'auto' || choice === 'wasm') {
    await host.loadWasm();
    if (await start('wasm').catch(() => false)) {
      const simd = (await tf.env().getAsync('WASM_HAS_SIMD_SUPPORT')) === true;
      const notes = [...(note ? [note] : []), ...(simd ? [] : ['WebAssembly has no SIMD here: right, but several times slower'])];
      return { backend: 'wasm', device: host.processor, ...(notes.length ? { note: notes.join('; ') } : {}) };
    }
    const reason = await whyNoWasm();
    if (choice === 'wasm') throw new Failure('device-lost', `backend wasm: ${reason}`);
    note = `${note}; backend wasm: ${reason}`;
  }
  await host.loadCpu();
  await start('cpu');
  return { backend: 'cpu', device: host.processor, ...(note ? { note } : {}) };
}
