/**
 * How far chance alone carries a share. Test images are a draw from a population, and an image at the boundary may fall to either of
 * two equally good attacks; a check is raised only where that does not explain its value (one-sided level 0.025, the lower end of a
 * 95 % interval).
 */

const LEVEL = 0.025;
/** Φ⁻¹(1 − LEVEL). */
const Z = 1.959963984540054;

/**
 * The most of n images that a share of θ in the population explains: the largest k with P(Bin(n, θ) ≥ k) ≥ 0.025, which is the largest
 * whose Clopper–Pearson interval (Biometrika 26:404, 1934) still begins at θ or below. Never under 1: a single image raises nothing.
 * n ≥ 1, 0 < θ < 1.
 */
export function mostByChance(theta: number, n: number): number {
  // ln P(k) from one to the next: (1 − θ)^n itself may be too small for a float64.
  let ln = n * Math.log1p(-theta);
  let below = 0;
  for (let k = 0; k < n; k++) {
    below += Math.exp(ln);
    // P(X ≥ k + 1)
    if (1 - below < LEVEL) return Math.max(1, k);
    ln += Math.log(((n - k) / (k + 1)) * (theta / (1 - theta)));
  }
  return n;
}

/**
 * The largest net count d = b − c that a difference of θ between two paired shares explains, where b + c = m of n images differ: by
 * Tango's score test (Statistics in Medicine 17:891, 1998, eqs. 3 and 5), T(d) ≤ 1.96; where all that differ do so in one direction,
 * d = m, by the exact count, and never less than that.
 */
export function mostApartByChance(theta: number, n: number, m: number): number {
  const least = mostByChance(theta, n);
  for (let d = m - 2; d > least; d -= 2) if (score(d, m, n, theta) <= Z) return d;
  return least;
}

/** Tango's statistic of the hypothesis that the paired difference is θ. */
function score(d: number, m: number, n: number, theta: number): number {
  const c = (m - d) / 2;
  const [A, B, C] = [2 * n, -m + (2 * n - d) * theta, -c * theta * (1 - theta)];
  // The likeliest share of c's kind under the hypothesis.
  const q = (Math.sqrt(B * B - 4 * A * C) - B) / (2 * A);
  return (d - n * theta) / Math.sqrt(n * (2 * q + theta * (1 - theta)));
}
