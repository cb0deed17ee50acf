/** Features of a few training images under whatever is asked for, measured in the page's own laboratory. */
import { ATTACK_INFO, type Condition } from '../../lib/attacks/catalogue';
import { DATASETS, type Records } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import type { Board } from '../../lib/protocol/boards';
import type { MeasureJob } from '../../lib/protocol/measure';
import { settingsOf, type Variant } from '../../lib/protocol/variant';
import { openBoardData } from './board-data';
import { openLaboratory, prepare } from './laboratory';
import type { MeasureListener } from './measure-listener';
import type { ModelSource } from './messages';

export interface FeaturesRequest {
  source: ModelSource;
  board: string;
  seed: number;
  /** The first so many training images. */
  count: number;
  /** Where a model learnt other images than the board's: these, in the order in which it learnt them. */
  records?: Records;
}

export interface AskedSet {
  condition: Condition;
  variant?: Variant;
}

export interface MeasuredFeatures {
  board: Board;
  dim: number;
  labels: Uint8Array;
  /** In the order in which they were asked for: [images × dim] row-major, float32 as the network gives them. */
  sets: Float32Array[];
}

/** Images in a unit: small, so that progress moves and a stop comes soon. */
const BATCH = 20;

const firstOf = ({ images, labels }: Records, count: number): Records => ({
  images: images.subarray(0, (images.length / labels.length) * Math.min(count, labels.length)),
  labels: labels.slice(0, count),
});

async function boardImages({ dataset }: Board, count: number, { onStatus }: MeasureListener, signal: AbortSignal): Promise<Records> {
  const data = await openBoardData(DATASETS[dataset], onStatus, signal);
  const { records } = await data.info('train');
  return data.read('train', 0, Math.min(count, records));
}

export async function measureFeatures(
  { source, board: boardId, seed, count, records: own }: FeaturesRequest,
  askedOf: (board: Board) => AskedSet[],
  listen: MeasureListener,
  signal: AbortSignal,
): Promise<MeasuredFeatures> {
  listen.onStatus('Fetching the model and the images…');
  const wanted = { source, board: boardId, backend: 'auto' as const };
  const prepared = await prepare(wanted);
  const { board, model } = prepared;
  if ('missing' in model.feature) throw new Failure('arguments', `there are no features to draw: ${model.feature.missing}`);
  const { dim } = model.feature;
  const { images, labels } = own ? firstOf(own, count) : await boardImages(board, count, listen, signal);
  const size = images.length / labels.length;
  listen.onStatus('Opening the device…');
  const laboratory = await openLaboratory(wanted, prepared, seed, listen.onStatus);
  const close = () => void laboratory.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    const sets = askedOf(board).map((asked) => ({ ...asked, features: new Float32Array(labels.length * dim) }));
    const units = sets.flatMap((set) =>
      Array.from({ length: Math.ceil(labels.length / BATCH) }, (_, i) => ({
        set,
        first: i * BATCH,
        last: Math.min(labels.length, (i + 1) * BATCH),
      })),
    );
    const stepsOf = ({ variant }: AskedSet) => settingsOf({ board, seed, restarts: 1 }, variant).board.steps;
    const passes = ({ set, first, last }: (typeof units)[number]) =>
      (last - first) * (set.condition !== 'clean' && ATTACK_INFO[set.condition].bounded ? 2 * stepsOf(set) + 1 : 1);
    const total = units.reduce((sum, unit) => sum + passes(unit), 0);
    let done = 0;
    listen.onStatus(`Measuring on ${laboratory.engine.device}…`);
    listen.onProgress(0, total);
    const next = units.values();
    const work = async () => {
      for (const unit of next) {
        signal.throwIfAborted();
        const { set, first, last } = unit;
        const job: MeasureJob = {
          ...{ split: 'train', first, condition: set.condition, wantFeatures: true, wantPerturbed: false, layers: [] },
          ...(set.variant ? { variant: set.variant } : {}),
          images: images.slice(first * size, last * size),
          labels: labels.slice(first, last),
        };
        const { features } = await laboratory.measure(job);
        if (!features) throw new Failure('computation-failed', `layer ${model.graph.layers}: no features came back`);
        set.features.set(features, first * dim);
        done += passes(unit);
        listen.onProgress(done, total);
      }
    };
    await Promise.all(Array.from({ length: laboratory.workers }, work));
    return { board, dim, labels, sets: sets.map(({ features }) => features) };
  } finally {
    signal.removeEventListener('abort', close);
    await laboratory.close();
  }
}
