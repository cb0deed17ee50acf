/** The engine's host in Node: tfjs' Node bundles, and WebGPU through the optional package `webgpu` (Dawn). */
import { existsSync } from 'node:fs';
import os from 'node:os';
import { type Adapter, describeAdapter, type EngineHost } from './choose';

/** Vulkan's software driver that Chromium brings along; lets tests run WGSL without a GPU. */
export const SOFTWARE_VULKAN = '/usr/lib/chromium/vk_swiftshader_icd.json';

let gpu: Promise<Adapter | null> | undefined;
let driverNamed = false;

/** On Linux a GPU shows as a device node; without one, or a software driver asked for, Dawn need not be loaded. */
export const mayHaveGpu = () =>
  os.platform() !== 'linux' || driverNamed || ['/dev/dri', '/dev/nvidiactl', '/dev/dxg'].some((node) => existsSync(node));

async function openGpu(): Promise<Adapter | null> {
  if (!mayHaveGpu()) return null;
  let dawn: { create(flags: string[]): GPU; globals: object };
  try {
    dawn = (await import('webgpu')) as unknown as typeof dawn;
  } catch {
    return null; // the optional package is not installed on this platform
  }
  Object.assign(globalThis, dawn.globals);
  const entry = dawn.create([]);
  Object.defineProperty(globalThis, 'navigator', { value: { ...globalThis.navigator, gpu: entry }, configurable: true, writable: true });
  const adapter = await entry.requestAdapter({ powerPreference: 'high-performance' });
  return adapter && describeAdapter(adapter);
}

/** A Vulkan driver named in the environment (VK_ICD_FILENAMES) may be software, without a device node: look for it, too. */
export function acceptNamedDriver(env: NodeJS.ProcessEnv): void {
  driverNamed = Boolean(env.VK_ICD_FILENAMES);
}

/** Lets Dawn find Chromium's software Vulkan driver; call before the first adapter is asked for. */
export function allowSoftwareVulkan(env: NodeJS.ProcessEnv): void {
  if (!env.VK_ICD_FILENAMES && existsSync(SOFTWARE_VULKAN)) env.VK_ICD_FILENAMES = SOFTWARE_VULKAN;
  acceptNamedDriver(env);
}

export const nodeHost: EngineHost = {
  adapter: () => (gpu ??= openGpu()),
  loadWebgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  loadWasm: () => import('@tensorflow/tfjs-backend-wasm'),
  loadCpu: () => import('@tensorflow/tfjs-backend-cpu'),
  processor: `${os.cpus()[0]?.model.trim() ?? os.arch()} (${os.availableParallelism()} threads)`,
};
