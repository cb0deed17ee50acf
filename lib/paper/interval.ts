/** A mean over seeds and how sure it is. */

export interface Estimate {
  mean: number;
  /** Half the width of the 95 % interval by Student's t; null of fewer than two values. */
  half: number | null;
  values: number[];
}

/** 97.5 % quantiles of Student's t by degrees of freedom, 1 … 9. */
const T = [12.7062, 4.3027, 3.1824, 2.7764, 2.5706, 2.4469, 2.3646, 2.306, 2.2622];
const Z = 1.959964;
/** Beyond, two terms of the expansion about the normal distribution's (Abramowitz & Stegun 26.7.5): good to 1e-3. */
const quantile = (freedom: number) =>
  T[freedom - 1] ?? Z + (Z ** 3 + Z) / (4 * freedom) + (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / (96 * freedom ** 2);

/** Of values that are defined; undefined of none. Interval: mean ± t·s/√n, s with divisor n − 1. */
export function estimate(values: readonly (number | null | undefined)[]): Estimate | undefined {
  const known = values.filter((v): v is number => typeof v === 'number' && Number.isFinite(v));
  if (known.length === 0) return undefined;
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  if (known.length < 2) return { mean, half: null, values: known };
  const variance = known.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (known.length - 1);
  return { mean, half: quantile(known.length - 1) * Math.sqrt(variance / known.length), values: known };
}
