/**
 * Several models on the same test images: how many each holds, the exact paired McNemar test of every two, and the images
 * on which they disagree. All of it on the common prefix, the images that every one of them has.
 */
import { unpackBitmap } from './evidence';
import { type Bitmap, lnMcnemar, mcnemar } from './mcnemar';

/** More would make more groups (2ᴺ) than anybody reads. */
export const MOST_COMPARED = 6;

export interface Pair {
  /** Places in the list of models, a < b. */
  a: number;
  b: number;
  both: number;
  onlyA: number;
  onlyB: number;
  neither: number;
  /** Two-sided exact p of the discordant counts, and its natural logarithm where a float64 p would be 0. */
  p: number;
  lnP: number;
}

/** Images that the same models hold. */
export interface Group {
  /** Which models hold them, in the order of the models. */
  holds: boolean[];
  /** Ascending. */
  images: number[];
}

export interface Comparison {
  /** Images that every model has: 0 … samples − 1. */
  samples: number;
  /** Of these, how many each model holds. */
  held: number[];
  pairs: Pair[];
  /** Disagreements first, larger ones before smaller, then what all hold, then what none holds; empty groups are left out. */
  groups: Group[];
}

export function compare(models: readonly Bitmap[]): Comparison {
  if (models.length < 2 || models.length > MOST_COMPARED)
    throw new Error(`expected 2 to ${MOST_COMPARED} models to compare, got ${models.length}`);
  const samples = commonSamples(models);
  const maps = models.map(({ bytes }) => unpackBitmap(bytes, samples));
  const held = maps.map((map) => map.reduce((n, holds) => n + holds, 0));
  const pairs = models.flatMap((_, a) =>
    models.slice(a + 1).map((_, i): Pair => {
      const b = a + 1 + i;
      const { onlyA, onlyB, p } = mcnemar({ bytes: models[a].bytes, samples }, { bytes: models[b].bytes, samples });
      const both = held[a] - onlyA;
      return { a, b, both, onlyA, onlyB, neither: samples - both - onlyA - onlyB, p, lnP: lnMcnemar(onlyA, onlyB) };
    }),
  );
  return { samples, held, pairs, groups: groupsOf(maps, samples) };
}

export const commonSamples = (models: readonly Bitmap[]): number => Math.min(...models.map((m) => m.samples));

function groupsOf(maps: readonly Uint8Array[], samples: number): Group[] {
  const all = 2 ** maps.length - 1;
  const byPattern = new Map<number, number[]>();
  for (let i = 0; i < samples; i++) {
    const pattern = maps.reduce((bits, map, m) => bits | (map[i] << m), 0);
    const images = byPattern.get(pattern);
    if (images) images.push(i);
    else byPattern.set(pattern, [i]);
  }
  const rank = (pattern: number) => (pattern === all ? 1 : pattern === 0 ? 2 : 0);
  return [...byPattern]
    .sort(([p, x], [q, y]) => rank(p) - rank(q) || y.length - x.length || p - q)
    .map(([pattern, images]) => ({ holds: maps.map((_, m) => ((pattern >> m) & 1) === 1), images }));
}

/** How many of the models hold each image of the common prefix, [samples]: 0 is an image that every model loses. */
export function holders(models: readonly Bitmap[]): Uint16Array {
  const samples = models.length ? commonSamples(models) : 0;
  const counts = new Uint16Array(samples);
  for (const { bytes } of models) for (let i = 0; i < samples; i++) counts[i] += (bytes[i >> 3] >> (i & 7)) & 1;
  return counts;
}

/** Images by how many models hold them: fewest first (or most first), images of equal counts in their own order. */
export function byHolders(counts: ArrayLike<number>, order: 'hardest' | 'easiest'): number[] {
  const sign = order === 'hardest' ? 1 : -1;
  return Array.from({ length: counts.length }, (_, i) => i).sort((i, j) => sign * (counts[i] - counts[j]) || i - j);
}
