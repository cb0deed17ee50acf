/** Features that do not move, or that only switch: either would make a network look collapsed that has not learnt to be. */

export interface FeatureSpread {
  /** Share of features that are the same on all images: range within 10⁻⁶ of the largest value. */
  constant: number;
  /**
   * Share of the others that lie within 10⁻³ of their range from one of its ends on 99 % of the images, with at least 1 % at
   * each end. A ReLU that is mostly off is not one of them: what it lets through varies.
   */
  saturated: number;
  /** Images. */
  samples: number;
}

/** features: rows of `dim` numbers, in any cut. */
export function featureSpread(features: readonly Float32Array[], dim: number): FeatureSpread {
  const low = new Float64Array(dim).fill(Infinity);
  const high = new Float64Array(dim).fill(-Infinity);
  let values = 0;
  for (const rows of features) {
    values += rows.length;
    for (let i = 0; i < rows.length; i++) {
      const j = i % dim;
      if (rows[i] < low[j]) low[j] = rows[i];
      if (rows[i] > high[j]) high[j] = rows[i];
    }
  }
  const [atLow, atHigh] = [new Uint32Array(dim), new Uint32Array(dim)];
  const width = Float64Array.from(low, (v, j) => high[j] - v);
  for (const rows of features) {
    for (let i = 0; i < rows.length; i++) {
      const j = i % dim;
      if (rows[i] - low[j] <= 1e-3 * width[j]) atLow[j]++;
      else if (high[j] - rows[i] <= 1e-3 * width[j]) atHigh[j]++;
    }
  }
  const samples = values / dim;
  const indices = Array.from(width.keys());
  const still = (j: number) => width[j] <= 1e-6 * Math.max(Math.abs(low[j]), Math.abs(high[j]));
  const moving = indices.filter((j) => !still(j));
  const switches = moving.filter((j) => atLow[j] + atHigh[j] >= 0.99 * samples && Math.min(atLow[j], atHigh[j]) >= 0.01 * samples);
  return {
    constant: 1 - moving.length / dim,
    saturated: moving.length === 0 ? 0 : switches.length / moving.length,
    samples,
  };
}
