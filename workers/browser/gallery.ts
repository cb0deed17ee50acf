/** A few test images attacked for looking at: before, after, and what the model says of each. */
import type { Condition } from '../../lib/attacks/catalogue';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { BOARDS } from '../../lib/protocol/boards';
import type { MeasureJob } from '../../lib/protocol/measure';
import { openBoardData } from './board-data';
import { readModelSource } from './model-source';
import { openPool } from './pool';

export interface GalleryRequest {
  modelUrl: string;
  board: string;
  condition: Condition;
  seed: number;
  count: number;
}

export interface Exhibit {
  /** Of the test image. */
  index: number;
  label: number;
  predictedClean: number;
  predicted: number;
  /** Pixels in [0, 1], NHWC. */
  clean: Float32Array;
  perturbed: Float32Array;
  linf: number;
  l2: number;
}

/** Attacks the first images of the test split in a worker; the first in each order of the split, so that it can be repeated. */
export async function gallery(request: GalleryRequest, onStatus: (text: string) => void, signal: AbortSignal): Promise<Exhibit[]> {
  const board = BOARDS.get(request.board);
  if (!board) throw new Failure('arguments', `there is no board ${request.board}`);
  const dataset = DATASETS[board.dataset];
  onStatus('Fetching the model and the images…');
  const files = await readModelSource({ kind: 'url', url: request.modelUrl });
  const data = await openBoardData(dataset, onStatus, signal);
  const { records } = await data.info('test');
  const { images, labels } = await data.read('test', 0, Math.min(request.count, records));
  onStatus('Attacking…');
  const settings = { board, seed: request.seed, restarts: 1 };
  const pool = await openPool({ size: 1, backend: 'auto', files, settings, onNotice: onStatus });
  signal.addEventListener('abort', () => void pool.close());
  try {
    const job = (condition: Condition): MeasureJob => ({
      split: 'test',
      first: 0,
      condition,
      images,
      labels,
      wantFeatures: false,
      wantPerturbed: condition !== 'clean',
      layers: [],
    });
    const before = await pool.measure(job('clean'));
    const after = await pool.measure(job(request.condition));
    const size = images.length / labels.length;
    const perturbed = after.perturbed ?? new Float32Array();
    return Array.from(labels, (label, i) => ({
      index: i,
      label,
      predictedClean: before.predictions[i],
      predicted: after.predictions[i],
      clean: Float32Array.from(images.subarray(i * size, (i + 1) * size), (v) => v / 255),
      perturbed: perturbed.slice(i * size, (i + 1) * size),
      linf: after.linf[i],
      l2: after.l2[i],
    }));
  } finally {
    await pool.close();
  }
}
