/** What can be asked of the lab; without the code that does it, for the page. */

/** Which images are learnt: as they are; a tenth of those of classes 5 – 9; with a square that names the class of 95 in 100. */
export const LAB_SETS = ['plain', 'imbalanced', 'shortcut'] as const;
export type LabSet = (typeof LAB_SETS)[number];

export interface LabRequest {
  /** st, at, trades, trades-as-published */
  mode: string;
  /** The first so many training images of Glyphs. */
  images: number;
  /** `plain` where it isn't said: what a browser keeps may be older than the choice. */
  set?: LabSet;
  epochs: number;
  /** Of those, the first so many are measured after each epoch. */
  measured: number;
  seed: number;
}

/** Least and most of each number. */
export const LAB_RANGES = { images: [100, 60000], epochs: [1, 200], measured: [20, 5000], seed: [0, 0xffffffff] } as const;
