/** What a probe answers: a result, or none and why. */
export type Answer<T> = { result: T } | { result: null; reason: string };

export const none = (reason: string) => ({ result: null, reason }) as const;

/** Cosine of rows a and b of two row-major lists of vectors, −1 … 1; null where one of them is zero. */
export function rowCosine(p: ArrayLike<number>, a: number, q: ArrayLike<number>, b: number, dim: number): number | null {
  let [dot, pp, qq] = [0, 0, 0];
  for (let i = 0; i < dim; i++) {
    const [x, y] = [p[a * dim + i], q[b * dim + i]];
    dot += x * y;
    pp += x * x;
    qq += y * y;
  }
  return pp === 0 || qq === 0 ? null : Math.min(1, Math.max(-1, dot / Math.sqrt(pp * qq)));
}
