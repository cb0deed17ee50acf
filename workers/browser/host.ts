/** The engine's host in a browser's worker. */
import { describeAdapter, type EngineHost } from '../../lib/engine/choose';

export const browserHost: EngineHost = {
  async adapter() {
    const adapter = await navigator.gpu?.requestAdapter({ powerPreference: 'high-performance' });
    return adapter ? describeAdapter(adapter) : null;
  },
  loadWebgpu: () => import('@tensorflow/tfjs-backend-webgpu'),
  async loadWasm() {
    const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
    setWasmPaths('/wasm/');
  },
  loadCpu: () => import('@tensorflow/tfjs-backend-cpu'),
  processor: `processor with ${navigator.hardwareConcurrency} threads`,
};

/** Browser and version in words, from the user agent. */
export function browserName(userAgent: string): string {
  for (const [name, pattern] of [
    ['Firefox', /Firefox\/([\d.]+)/],
    ['Edge', /Edg\/([\d.]+)/],
    ['Chrome', /Chrom(?:e|ium)\/([\d.]+)/],
    ['Safari', /Version\/([\d.]+).*Safari/],
  ] as const) {
    const match = pattern.exec(userAgent);
    if (match) return `${name} ${match[1]}`;
  }
  return 'browser';
}
