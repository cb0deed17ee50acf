/** What a visitor can choose from on /evaluate. */

import { LEVEL_ATTACKS, type Level } from '@/lib/attacks/catalogue';
import { DATASETS, type DatasetId } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { AUTOATTACK_SAMPLES } from '@/lib/protocol/counts';
import type { Split } from '@/lib/random';

export interface BoardChoice {
  id: string;
  label: string;
  dataset: DatasetId;
}

export const BOARD_CHOICES: BoardChoice[] = [...BOARDS.values()].map((b) => ({
  id: b.id,
  label: `${DATASETS[b.dataset].title} · ${NORM_LABEL[b.norm]} ≤ ${b.epsilonLabel}`,
  dataset: b.dataset,
}));

/** Which attacks a run makes, and on how many images AutoAttack's work. */
export interface Attacks {
  level: Level;
  /** The first of the test images; of no account at level `pgd`. */
  autoattackSamples: number;
}

export const LEVEL_LABELS: Readonly<Record<Level, string>> = { pgd: 'PGD', standard: 'PGD and AutoAttack' };

/** The last is a ranked run's. */
export const AUTOATTACK_CHOICES: readonly number[] = [100, 500, AUTOATTACK_SAMPLES];

/** What a run of so many test images is asked for; without one there is nothing for AutoAttack. */
export const attacksOf = ({ level, autoattackSamples }: Attacks, samples: number) => ({
  ...(level === 'standard' && samples > 0
    ? { level, attacks: [...LEVEL_ATTACKS.standard], autoattackSamples: Math.min(autoattackSamples, samples) }
    : { level: 'pgd' as const, attacks: [...LEVEL_ATTACKS.pgd] }),
});

/** What a run measures besides, on a few of its test images. */
export interface Extras {
  checks: boolean;
  curves: boolean;
}

/** How many images a run measures. */
export interface Size {
  samples: number;
  trainSamples: number;
}

/** `full` is what a ranked run uses; anything smaller is a preview. */
export const SIZE_CHOICES: ({ label: string } & Size)[] = [
  { label: 'Glance', samples: 100, trainSamples: 500 },
  { label: 'Preview', samples: 500, trainSamples: 2000 },
  { label: 'Full', samples: 10000, trainSamples: 10000 },
];

/** What a run of this size measures where a split holds so many records. */
export const sizeWithin = (size: Size, records: Record<Split, number>): Size => ({
  samples: Math.min(size.samples, records.test),
  trainSamples: Math.min(size.trainSamples, records.train),
});

export const sameSize = (a: Size, b: Size) => a.samples === b.samples && a.trainSamples === b.trainSamples;
