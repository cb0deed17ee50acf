/** What this machine computes on, the same for every job: its GPU in Chromium, or its processor. */
import path from 'node:path';
import { acceptNamedDriver, mayHaveGpu, nodeHost } from '../../lib/engine/node-host';
import { Failure } from '../../lib/failure';
import type { RunnerArguments } from './arguments';
import { type ChromiumPlace, findBrowser, openChromium } from './chromium';
import type { RunnerSite } from './site';

export interface Device {
  backend: 'webgpu' | 'wasm';
  /** In words. */
  device: string;
  /** Vendor and generation of a GPU. */
  architecture: string | null;
  /** Everything that has a hand in the numbers. */
  engine: string;
  /** Where there is a GPU. */
  chromium?: ChromiumPlace;
}

type Wanted = Pick<RunnerArguments, 'backend' | 'browser' | 'softwareGpu' | 'allowRoot'>;

interface DeviceWorld {
  site: RunnerSite;
  /** Of this runner. */
  folder: string;
  say(line: string): void;
  signal: AbortSignal;
}

const NODE = `node ${process.version}`;
const PROCESSOR: Device = { backend: 'wasm', device: nodeHost.processor, architecture: null, engine: NODE };

export async function chooseDevice(wanted: Wanted, world: DeviceWorld): Promise<Device> {
  if (wanted.backend === 'wasm') return PROCESSOR;
  const found = await lookForGpu(wanted, world);
  if (typeof found !== 'string') return found;
  if (wanted.backend === 'webgpu') throw new Failure('arguments', `--backend webgpu: ${found}; choose --backend wasm`);
  world.say(`${found}, so wasm is used`);
  return PROCESSOR;
}

/** Why there is none that could be used, where there is none. */
async function lookForGpu(
  { browser, softwareGpu, allowRoot }: Wanted,
  { site, folder, say, signal }: DeviceWorld,
): Promise<Device | string> {
  acceptNamedDriver(process.env);
  if (!softwareGpu && !mayHaveGpu()) return 'this machine has no GPU that a browser could use';
  const executable = await findBrowser(browser);
  if (!executable) return 'WebGPU is measured in Chromium, and none was found (--browser PATH)';
  const isRoot = process.getuid?.() === 0;
  if (isRoot && !allowRoot)
    throw new Failure(
      'arguments',
      'Chromium has no sandbox for root: start the runner as another user, choose --backend wasm, or add --allow-root to do without',
    );
  if (isRoot) say('this is root (--allow-root): Chromium runs without its sandbox');
  const chromium: ChromiumPlace = { site, executable, profiles: path.join(folder, 'chromium'), softwareGpu, sandbox: !isRoot };
  try {
    const opened = await openChromium(chromium, signal);
    try {
      const adapter = await opened.ask('adapter');
      if (!adapter) return `${opened.version} has no WebGPU adapter here`;
      if (adapter.software && !softwareGpu) return `WebGPU has only a software adapter here (${adapter.name})`;
      return {
        ...{ backend: 'webgpu', device: adapter.name, architecture: adapter.architecture ?? null },
        ...{ engine: `${opened.version}, ${NODE}`, chromium },
      };
    } finally {
      await opened.end();
    }
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'device-lost') throw error;
    return error.message;
  }
}
