/**
 * Counter-based randomness: Philox4x32-10 (Salmon et al., SC 2011, doi:10.1145/2063384.2063405).
 * A draw depends only on (seed, tag, element, sample, split, restart), so it is the same for any batch size,
 * order, worker count or backend.
 */

/** What a stream of draws is for; part of the published protocol. 6 … 31 are the attacks', 32 … 37 the data's and training's, 38 tells weights apart. */
export const TAG = {
  ...{ pgdStart: 1, targetedStart: 2, noise: 3, l2Direction: 4, l2Radius: 5 },
  ...{ apgdCeStart: 6, apgdDlrStart: 7, apgdTargetedStart: 8, squareStart: 9, squareStep: 10 },
  ...{ transferStart: 16, smoothStart: 17, mustBreakInner: 18, mustBreakSurface: 19, jointStart: 20, checkNoise: 21 },
  ...{ glyph: 32, glyphNoise: 33, initialWeights: 34, shuffle: 35, tradesStart: 36, shortcut: 37, weightSketch: 38 },
} as const;

/** Counter word that separates the splits. */
export const SPLIT_CODE = { train: 0, test: 1 } as const;
export type Split = keyof typeof SPLIT_CODE;

/** Names one image's stream of draws. */
export interface Stream {
  seed: number;
  tag: number;
  sample: number;
  split: Split;
  restart?: number;
}

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const W0 = 0x9e3779b9;
const W1 = 0xbb67ae85;

/** High 32 bits of the unsigned product a·b. */
function mulHi(a: number, b: number): number {
  const aLo = a & 0xffff;
  const aHi = a >>> 16;
  const bLo = b & 0xffff;
  const bHi = b >>> 16;
  const low = aLo * bLo;
  const mid1 = aHi * bLo + (low >>> 16);
  const mid2 = aLo * bHi + (mid1 & 0xffff);
  return (aHi * bHi + (mid1 >>> 16) + (mid2 >>> 16)) >>> 0;
}

/** One block: four unsigned 32-bit words for a counter of four words and a key of two, written to out[at … at+3]. */
export function philox4x32(c0: number, c1: number, c2: number, c3: number, k0: number, k1: number, out: Uint32Array, at = 0): void {
  for (let round = 0; round < 10; round++) {
    const hi0 = mulHi(M0, c0);
    const lo0 = Math.imul(M0, c0) >>> 0;
    const hi1 = mulHi(M1, c2);
    const lo1 = Math.imul(M1, c2) >>> 0;
    c0 = (hi1 ^ c1 ^ k0) >>> 0;
    c1 = lo1;
    c2 = (hi0 ^ c3 ^ k1) >>> 0;
    c3 = lo0;
    k0 = (k0 + W0) >>> 0;
    k1 = (k1 + W1) >>> 0;
  }
  out[at] = c0;
  out[at + 1] = c1;
  out[at + 2] = c2;
  out[at + 3] = c3;
}

/** The first `count` words of a stream; word e belongs to element e of the flat NHWC image. */
export function bits(stream: Stream, count: number): Uint32Array {
  const blocks = Math.ceil(count / 4);
  const out = new Uint32Array(blocks * 4);
  const split = SPLIT_CODE[stream.split];
  for (let b = 0; b < blocks; b++) {
    philox4x32(b, stream.sample >>> 0, split, stream.restart ?? 0, stream.seed >>> 0, stream.tag >>> 0, out, b * 4);
  }
  return out.subarray(0, count);
}

/** Uniform numbers in [0, 1): (bits >>> 8)·2⁻²⁴. */
export function uniform01(stream: Stream, count: number): Float64Array {
  const words = bits(stream, count);
  return Float64Array.from(words, (w) => (w >>> 8) * 2 ** -24);
}

/**
 * Standard normal numbers by Box–Muller on consecutive pairs (a, b):
 * r = √(−2 ln((a+1)·2⁻³²)), θ = 2π·b·2⁻³², values r·cos θ, r·sin θ. Float64; callers scale and round once.
 */
export function standardNormal(stream: Stream, count: number): Float64Array {
  const words = bits(stream, count + (count & 1));
  const out = new Float64Array(words.length);
  for (let i = 0; i < words.length; i += 2) {
    const r = Math.sqrt(-2 * Math.log((words[i] + 1) * 2 ** -32));
    const theta = 2 * Math.PI * words[i + 1] * 2 ** -32;
    out[i] = r * Math.cos(theta);
    out[i + 1] = r * Math.sin(theta);
  }
  return out.subarray(0, count);
}
