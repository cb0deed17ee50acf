/**
 * Exact paired McNemar test (McNemar 1947, Psychometrika 12:153): do two models differ on the same samples? Only discordant
 * pairs speak: b samples that the first alone has right, c that the second alone has. If the models were equal, b would be
 * Bin(b + c, ½), so p = min(1, 2·P(Bin(b + c, ½) ≤ min(b, c))). Range (0, 1]; 1 without discordant pairs.
 */

/** Outcomes per sample as packBitmap (evidence.ts) lays them out; bits after the last sample are ignored. */
export interface Bitmap {
  bytes: Uint8Array;
  samples: number;
}

/** Natural logarithm of p, for what a float64 p can't hold: 10 000 discordant pairs on one side give ln p = −6 930.8. */
export function lnMcnemar(b: number, c: number): number {
  const n = b + c;
  const m = Math.min(b, c);
  if (2 * m + 1 >= n) return 0; // the two tails meet
  let ln = (1 - n) * Math.LN2;
  for (let i = 1; i <= m; i++) ln += Math.log((n - m + i) / i); // ln(n choose m)
  // Terms of the tail relative to its largest, which is at m; each is smaller than the one before.
  let sum = 1;
  let term = 1;
  for (let k = m; k > 0 && term > sum * 2 ** -54; k--) {
    term *= k / (n - k + 1);
    sum += term;
  }
  return Math.min(0, ln + Math.log(sum));
}

/** p of the discordant counts; below 1e-308 it is 0, see lnMcnemar. */
export const mcnemarP = (b: number, c: number): number => Math.exp(lnMcnemar(b, c));

export interface Discordance {
  /** Samples that both have: indices 0 … samples − 1. */
  samples: number;
  /** Right in the first alone, right in the second alone. */
  onlyA: number;
  onlyB: number;
}

/** Discordant pairs on the common prefix, 32 samples at a time. */
export function discordant(a: Bitmap, b: Bitmap): Discordance {
  const samples = Math.min(a.samples, b.samples);
  const [x, y] = [words(a, samples), words(b, samples)];
  let [onlyA, onlyB] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    onlyA += popcount(x[i] & ~y[i]);
    onlyB += popcount(y[i] & ~x[i]);
  }
  return { samples, onlyA, onlyB };
}

/** The test on two bitmaps' common prefix. Outcomes as an array: packBitmap makes them one. */
export function mcnemar(a: Bitmap, b: Bitmap): Discordance & { p: number } {
  const pairs = discordant(a, b);
  return { ...pairs, p: mcnemarP(pairs.onlyA, pairs.onlyB) };
}

/** The first samples as 32-bit words, zero after the last; the order of bytes in a word does not matter to a count. */
function words({ bytes }: Bitmap, samples: number): Uint32Array {
  const used = Math.ceil(samples / 8);
  if (bytes.length < used) throw new Error(`expected ${used} bytes for ${samples} samples, got ${bytes.length}`);
  const padded = new Uint8Array(4 * Math.ceil(samples / 32));
  padded.set(bytes.subarray(0, used));
  if (samples & 7) padded[used - 1] &= (1 << (samples & 7)) - 1;
  return new Uint32Array(padded.buffer);
}

/** Bits that are set in a 32-bit word (Warren, Hacker's Delight, §5-1). */
function popcount(word: number): number {
  let v = word - ((word >>> 1) & 0x55555555);
  v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
  return Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
