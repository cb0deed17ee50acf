/** The laboratory of one job on what this runner computes with. */
import { openLaboratory } from '../node/laboratory';
import { openThreads } from '../threads';
import { startInChromium } from './chromium-thread';
import type { Device } from './device';

type Opening = Parameters<typeof openLaboratory>[0];

interface DeviceJob extends Pick<Opening, 'units' | 'files' | 'settings'> {
  device: Device;
  workers?: number;
  signal: AbortSignal;
}

export function openDevice(
  { device: { backend, chromium }, workers, units, files, settings, signal }: DeviceJob,
  say: (line: string) => void,
): ReturnType<typeof openLaboratory> {
  return chromium
    ? openThreads({ size: 1, start: () => startInChromium(chromium, files, settings, signal), onNotice: say })
    : openLaboratory({ backend, ...(workers ? { workers } : {}), units, files, settings }, say);
}
