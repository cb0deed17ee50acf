/** What a visitor can choose from on /evaluate. */

import { DATASETS, type DatasetId } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
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
