/** Our rate in image-steps per second: `workers` threads, each with its own wasm engine, medians over rounds. */
import { DATASETS, imageBytes } from '../lib/data/datasets';
import type { Board } from '../lib/protocol/boards';
import type { MeasureJob } from '../lib/protocol/measure';
import { readModelFiles } from '../workers/node/model-files';
import { openPool } from '../workers/node/pool';

export const median = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

export interface OurRate {
  /** Each round's image-steps per second. */
  round(): Promise<number>;
  close(): Promise<void>;
}

export async function openRate(model: string, board: Board, workers: number, batch: number): Promise<OurRate> {
  const pool = await openPool(workers, { backend: 'wasm', files: await readModelFiles(model), settings: { board, seed: 1, restarts: 1 } });
  const size = imageBytes(DATASETS[board.dataset]);
  const job: MeasureJob = {
    split: 'test',
    first: 0,
    condition: 'pgd-10',
    images: Uint8Array.from({ length: batch * size }, (_, i) => (i * 2654435761) >>> 24),
    labels: new Uint8Array(batch),
    wantFeatures: false,
    wantPerturbed: false,
    layers: [],
  };
  const round = async () => {
    const start = performance.now();
    const results = await Promise.all(Array.from({ length: workers * 2 }, () => pool.measure(job)));
    const steps = results.reduce((n, r) => n + r.backwards, 0);
    return steps / ((performance.now() - start) / 1000);
  };
  for (let i = 0; i < 2; i++) await round(); // warm
  return { round, close: pool.close };
}
