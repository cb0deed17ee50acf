/**
 * Cosines between the globally centred class means m_c = μ_c − μ_G: the picture behind NC2, where a simplex has −1/(C−1)
 * everywhere off the diagonal. Their mean |cos + 1/(C−1)| over i ≠ j is NC2 (angles).
 */
import { type ClassMeans, centredMeans } from './class-stats';

/**
 * [C × C], symmetric, 1 on the diagonal, −1 … 1. Null in the row and column of a class without samples or whose mean
 * differs from μ_G by rounding only (2⁻⁴⁰ of the means' size, as in span.ts): it has no direction.
 */
export function meanCosines(means: ClassMeans): (number | null)[][] {
  const { classes, dim } = means;
  const m = centredMeans(means);
  const size = Math.sqrt(means.means.reduce((sum, x) => sum + x * x, 0));
  const dot = (a: number, b: number) => {
    let sum = 0;
    for (let i = 0; i < dim; i++) sum += m[a * dim + i] * m[b * dim + i];
    return sum;
  };
  const lengths = Array.from({ length: classes }, (_, c) => Math.sqrt(dot(c, c)));
  const cosine = (a: number, b: number) => {
    if (lengths[a] <= size * 2 ** -40 || lengths[b] <= size * 2 ** -40) return null;
    return a === b ? 1 : Math.min(1, Math.max(-1, dot(a, b) / (lengths[a] * lengths[b])));
  };
  return lengths.map((_, a) => lengths.map((_, b) => cosine(a, b)));
}
