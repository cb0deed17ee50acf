/**
 * Ambiguous outcomes (contract §7): engines round differently, so where two logits all but tie nobody can say which class the
 * network names. Such images are left out when two runs are compared; a model that has many of them can't be verified.
 */

/** τ: engines differ by about 1e-5 in the relative lead; it must be larger than ten times that to count. */
export const AMBIGUITY = 1e-4;

/** The largest share of ambiguous images that a verified model may have. */
export const MOST_AMBIGUOUS = 0.01;

/**
 * Whether (top-1 − top-2) / (top-1 − smallest) < τ, so that scaling the logits changes nothing; so are logits that are all
 * equal. Expects finite logits of at least two classes.
 */
export function isAmbiguous(logits: ArrayLike<number>): boolean {
  let [first, second, smallest] = [-Infinity, -Infinity, Infinity];
  for (let c = 0; c < logits.length; c++) {
    const z = logits[c];
    if (z > first) [first, second] = [z, first];
    else if (z > second) second = z;
    if (z < smallest) smallest = z;
  }
  return first === smallest || first - second < AMBIGUITY * (first - smallest);
}

/** 1 where an image is ambiguous. `logits`: [count × classes]. */
export function ambiguousRows(logits: Float32Array, count: number): Uint8Array {
  const classes = logits.length / count;
  return Uint8Array.from({ length: count }, (_, n) => (isAmbiguous(logits.subarray(n * classes, (n + 1) * classes)) ? 1 : 0));
}
