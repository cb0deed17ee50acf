import { at } from './at';
import type { TrainingMode } from './mode';
import { st } from './st';
import { trades, tradesAsPublished } from './trades';

export const TRAINING_MODES: ReadonlyMap<string, TrainingMode> = new Map([st, at, trades, tradesAsPublished].map((m) => [m.id, m]));
