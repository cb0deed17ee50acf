/** What unpacking gives: splits that write themselves, so that a large one is never in memory as a whole. */
import type { FileHandle } from 'node:fs/promises';
import type { Split } from '../random';
import type { Records } from './datasets';

export interface SplitContent {
  records: number;
  /** Writes the images, then the labels, to an empty file; resolves to remarks on them. */
  write(file: FileHandle): Promise<string[]>;
}

export interface Unpacked {
  splits: Partial<Record<Split, SplitContent>>;
  /** Remarks, such as a smaller archive than the official one. */
  notes: string[];
}

export interface Unpacking {
  /** Hears how far a long unpacking is. */
  log?(line: string): void;
  signal?: AbortSignal;
}

export const inMemory = ({ images, labels }: Records): SplitContent => ({
  records: labels.length,
  async write(file) {
    await file.writeFile(images);
    await file.writeFile(labels);
    return [];
  },
});
