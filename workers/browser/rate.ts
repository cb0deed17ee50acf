/** How fast this model runs on this device: a short attack on grey noise, warm, in image-steps per second. */
import { DATASETS, imageBytes } from '../../lib/data/datasets';
import type { Board } from '../../lib/protocol/boards';
import type { MeasureJob } from '../../lib/protocol/measure';
import type { Laboratory } from '../../lib/protocol/units';

/** Images in the probe; a software GPU takes seconds for eight. */
const PROBE = 8;

export async function measureRate(laboratory: Laboratory & { workers: number }, board: Board, now: () => number): Promise<number> {
  const size = imageBytes(DATASETS[board.dataset]);
  const job = (count: number): MeasureJob => ({
    split: 'test',
    first: 0,
    condition: 'pgd-10',
    images: Uint8Array.from({ length: count * size }, (_, i) => (i * 2654435761) >>> 24),
    labels: new Uint8Array(count),
    wantFeatures: false,
    wantPerturbed: false,
    layers: [],
  });
  const timed = async (count: number) => {
    const start = now();
    const units = Array.from({ length: laboratory.workers }, () => laboratory.measure(job(count)));
    await Promise.all(units);
    return (laboratory.workers * count * (board.steps + 0.4)) / ((now() - start) / 1000);
  };
  await timed(1); // compiles and warms up
  const first = await timed(PROBE);
  // A fast device is measured on more images, so that the fixed costs do not count.
  return first > 500 ? timed(PROBE * 8) : first;
}
