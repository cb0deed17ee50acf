import { at } from './at';
import type { TrainingMode } from './mode';
import { st } from './st';

export const TRAINING_MODES: ReadonlyMap<string, TrainingMode> = new Map([st, at].map((m) => [m.id, m]));
