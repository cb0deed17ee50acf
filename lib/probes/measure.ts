/** Measures what the probes that were asked for look at, unit by unit in a laboratory, and lets each of them answer. */
import type { Condition } from '../attacks/catalogue';
import { DATASETS, type DataSource } from '../data/datasets';
import { Failure } from '../failure';
import type { Model } from '../model/preflight';
import type { Board } from '../protocol/boards';
import { imageCost } from '../protocol/plan';
import { Reached } from '../protocol/unit-progress';
import { type Laboratory, measureUnits } from '../protocol/units';
import type { Split } from '../random';
import { plantShortcut } from '../training/shortcut';
import type { Answer } from './answer';
import { PROBES, type ProbeId, type ProbeSet, setsOf } from './catalogue';
import { type Material, type MeasuredSet, PROBE_RUNS, type ProbeResults } from './registry';

export interface ProbesMeasured {
  board: string;
  seed: number;
  /** Images that were looked at; 0 of a split that no probe asked for. */
  images: { train: number; test: number };
  probes: { [K in ProbeId]?: (typeof PROBES)[K] & Answer<ProbeResults[K]> };
}

export interface ProbesAsked {
  model: Model;
  board: Board;
  seed: number;
  probes: readonly ProbeId[];
  /** The first so many training and test images; fewer where a split has fewer. */
  trainSamples: number;
  samples: number;
  /** Images in a unit. */
  batch: number;
  /** Classes that `minority` asks about; the second half by default. */
  minority?: readonly number[];
  /** Share of images whose planted square stands in their own class's place. */
  share?: number;
}

export interface ProbesWorld {
  laboratory: Laboratory;
  data: DataSource;
  signal?: AbortSignal;
  /** Image-steps (plan.ts), of all that will be made. */
  onProgress?(done: number, total: number): void;
}

/** Half of the images, so that aligned and conflicting ones are equally many. */
export const ALIGNED_SHARE = 0.5;

const SETS: Record<ProbeSet, { split: Split; condition: Condition }> = {
  train: { split: 'train', condition: 'clean' },
  planted: { split: 'train', condition: 'clean' },
  test: { split: 'test', condition: 'clean' },
  pgd: { split: 'test', condition: 'pgd-10' },
  joint: { split: 'test', condition: 'joint' },
};

const NOTHING: MeasuredSet = { features: new Float32Array(), labels: [], predictions: [] };

export async function measureProbes(asked: ProbesAsked, world: ProbesWorld): Promise<ProbesMeasured> {
  const { model, board, seed, probes, batch } = asked;
  const { laboratory, signal, onProgress } = world;
  const sets = setsOf(probes);
  const counts = { train: 0, test: 0 };
  for (const split of ['train', 'test'] as const) {
    if (!sets.some((set) => SETS[set].split === split)) continue;
    counts[split] = Math.min(split === 'train' ? asked.trainSamples : asked.samples, (await world.data.info(split)).records);
  }
  const cost = (set: ProbeSet) => imageCost(SETS[set].condition, { board, restarts: 1 });
  const total = sets.reduce((sum, set) => sum + cost(set) * counts[SETS[set].split], 0);
  let before = 0;
  onProgress?.(0, total);
  const { data: planted, attributes } = withShortcut(world.data, asked, counts.train);
  const found = { train: NOTHING, planted: NOTHING, test: NOTHING, pgd: NOTHING, joint: NOTHING };
  for (const set of sets) {
    const { split, condition } = SETS[set];
    const reached = new Reached();
    const tell = () => onProgress?.(before + reached.done, total);
    const units = await measureUnits(
      { laboratory, data: set === 'planted' ? planted : world.data, ...(signal ? { signal } : {}) },
      { split, condition, count: counts[split], batch, wantFeatures: set !== 'joint' },
      {
        underWay: (index, progress) => {
          reached.hear(index, progress);
          tell();
        },
        arrived: (unit, index) => {
          reached.arrive(index, cost(set) * unit.labels.length);
          tell();
        },
      },
    );
    before += cost(set) * counts[split];
    found[set] = joinUnits(units);
  }
  if (signal?.aborted) throw new Failure('stopped', 'stopped');
  const material: Material = {
    ...{ graph: model.graph, classes: DATASETS[board.dataset].classNames.length },
    ...('missing' in model.feature ? { featureless: model.feature.missing } : {}),
    ...{ ...found, planted: { ...found.planted, attributes } },
    ...(asked.minority ? { minority: asked.minority } : {}),
  };
  const answers = probes.map((id) => [id, { ...PROBES[id], ...PROBE_RUNS[id](material) }]);
  return { board: board.id, seed, images: counts, probes: Object.fromEntries(answers) };
}

function joinUnits(units: Awaited<ReturnType<typeof measureUnits>>): MeasuredSet {
  const size = units.reduce((n, { features }) => n + (features?.length ?? 0), 0);
  const features = new Float32Array(size);
  let at = 0;
  for (const unit of units) {
    features.set(unit.features ?? [], at);
    at += unit.features?.length ?? 0;
  }
  return { features, labels: units.flatMap((u) => [...u.labels]), predictions: units.flatMap((u) => [...u.predictions]) };
}

/** The same images with planted squares; what each stands for is filled in as they are read. */
function withShortcut(data: DataSource, { board, seed, share = ALIGNED_SHARE }: ProbesAsked, count: number) {
  const attributes = new Uint8Array(count);
  const { shape, classNames } = DATASETS[board.dataset];
  const read: DataSource['read'] = async (split, first, n) => {
    const records = await data.read(split, first, n);
    const shortcut = plantShortcut(records, { classes: classNames.length, shape, share, seed, split, first });
    attributes.set(shortcut.attributes, first);
    return shortcut.records;
  };
  return { data: { info: (split: Split) => data.info(split), read }, attributes };
}
