/** What can be asked of the lab; without the code that does it, for the page. */

export interface LabRequest {
  /** st, at, trades, trades-as-published */
  mode: string;
  /** The first so many training images of Glyphs. */
  images: number;
  epochs: number;
  /** Of those, the first so many are measured after each epoch. */
  measured: number;
  seed: number;
}

/** Least and most of each number. */
export const LAB_RANGES = { images: [100, 60000], epochs: [1, 200], measured: [20, 5000], seed: [0, 0xffffffff] } as const;
