/** Features of a few training images, clean and perturbed, for drawing the simplex of their class means in the page. */
import { ATTACK_INFO, COLLAPSE_CONDITIONS, type Condition } from '../../lib/attacks/catalogue';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import type { MeasureJob } from '../../lib/protocol/measure';
import { openBoardData } from './board-data';
import { openLaboratory, prepare } from './laboratory';

export interface SimplexRequest {
  modelUrl: string;
  board: string;
  seed: number;
  /** The first so many training images. */
  count: number;
}

export interface SimplexListener {
  onStatus(text: string): void;
  /** Passes through the network, of all that will be made. */
  onProgress(done: number, total: number): void;
}

export interface FeatureSet {
  condition: Condition;
  /** [images × dim] row-major, float32 as the network gives them. */
  features: Float32Array;
}

export interface SimplexFeatures {
  dim: number;
  labels: Uint8Array;
  /** Clean first. */
  sets: FeatureSet[];
}

/** Images in a unit: small, so that progress moves and a stop comes soon. */
const BATCH = 20;

export async function simplexFeatures(request: SimplexRequest, listen: SimplexListener, signal: AbortSignal): Promise<SimplexFeatures> {
  listen.onStatus('Fetching the model and the images…');
  const wanted = { source: { kind: 'url' as const, url: request.modelUrl }, board: request.board, backend: 'auto' as const };
  const prepared = await prepare(wanted);
  const { board, model } = prepared;
  if ('missing' in model.feature) throw new Failure('arguments', `there are no features to draw: ${model.feature.missing}`);
  const { dim } = model.feature;
  const data = await openBoardData(DATASETS[board.dataset], listen.onStatus, signal);
  const { records } = await data.info('train');
  const { images, labels } = await data.read('train', 0, Math.min(request.count, records));
  const size = images.length / labels.length;
  listen.onStatus('Opening the device…');
  const laboratory = await openLaboratory(wanted, prepared, request.seed, listen.onStatus);
  const close = () => void laboratory.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    const sets = COLLAPSE_CONDITIONS.map((condition) => ({ condition, features: new Float32Array(labels.length * dim) }));
    const units = sets.flatMap((set) =>
      Array.from({ length: Math.ceil(labels.length / BATCH) }, (_, i) => ({
        set,
        first: i * BATCH,
        last: Math.min(labels.length, (i + 1) * BATCH),
      })),
    );
    const passes = ({ set: { condition }, first, last }: (typeof units)[number]) =>
      (last - first) * (condition !== 'clean' && ATTACK_INFO[condition].bounded ? 2 * board.steps + 1 : 1);
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
    return { dim, labels, sets };
  } finally {
    signal.removeEventListener('abort', close);
    await laboratory.close();
  }
}
