/** The boards: data set + norm + radius, as published (contract §1). */
import type { DatasetId } from '../data/datasets';

export type NormId = 'linf' | 'l2';

export interface Board {
  id: string;
  dataset: DatasetId;
  norm: NormId;
  /** Radius in pixel units of [0, 1]. */
  epsilon: number;
  /** As people write it. */
  epsilonLabel: string;
  /** PGD step size and count. */
  alpha: number;
  steps: number;
}

const ALL: Board[] = [
  { id: 'glyphs/linf', dataset: 'glyphs', norm: 'linf', epsilon: 0.1, epsilonLabel: '0.1', alpha: 0.02, steps: 10 },
  { id: 'fashion-mnist/linf', dataset: 'fashion-mnist', norm: 'linf', epsilon: 0.1, epsilonLabel: '0.1', alpha: 0.02, steps: 10 },
  { id: 'fashion-mnist/l2', dataset: 'fashion-mnist', norm: 'l2', epsilon: 1.5, epsilonLabel: '1.5', alpha: 0.25, steps: 10 },
  { id: 'cifar-10/linf', dataset: 'cifar-10', norm: 'linf', epsilon: 8 / 255, epsilonLabel: '8/255', alpha: 2 / 255, steps: 10 },
  { id: 'cifar-10/l2', dataset: 'cifar-10', norm: 'l2', epsilon: 128 / 255, epsilonLabel: '128/255', alpha: 15 / 255, steps: 10 },
  { id: 'cifar-100/linf', dataset: 'cifar-100', norm: 'linf', epsilon: 8 / 255, epsilonLabel: '8/255', alpha: 2 / 255, steps: 10 },
  { id: 'cifar-100/l2', dataset: 'cifar-100', norm: 'l2', epsilon: 128 / 255, epsilonLabel: '128/255', alpha: 15 / 255, steps: 10 },
  { id: 'imagenette/linf', dataset: 'imagenette', norm: 'linf', epsilon: 8 / 255, epsilonLabel: '8/255', alpha: 2 / 255, steps: 10 },
  { id: 'imagenette/l2', dataset: 'imagenette', norm: 'l2', epsilon: 128 / 255, epsilonLabel: '128/255', alpha: 15 / 255, steps: 10 },
];

export const BOARDS: ReadonlyMap<string, Board> = new Map(ALL.map((b) => [b.id, b]));
export const PROTOCOL = '1';
export const DEFAULT_SEED = 20231107;
export const NORM_LABEL: Record<NormId, string> = { linf: 'L∞', l2: 'L2' };
