/** How far a perturbed simplex has moved from the clean one: distance and angle between class means, per class. */
import type { ClassMeans } from './class-stats';

export interface SimplexSimilarity {
  /** Per class; null where a class is empty in either set. Euclidean distance, uncentred. */
  distance: (number | null)[];
  /** radians, uncentred */
  angle: (number | null)[];
  /** after subtracting each set's unweighted mean of class means */
  distanceCentred: (number | null)[];
  angleCentred: (number | null)[];
  /** between the two sets' unweighted means of class means */
  globalMeanDistance: number;
  globalMeanAngle: number;
}

function compare(a: Float64Array, b: Float64Array): { distance: number; angle: number } {
  let [dot, na, nb, d2] = [0, 0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    dot += a[i] * b[i];
    na += a[i] * a[i];
    nb += b[i] * b[i];
    d2 += (a[i] - b[i]) ** 2;
  }
  // The reference adds 1e-10 to the product of norms; rounding may leave a cosine just above 1.
  const cosine = dot / (Math.sqrt(na) * Math.sqrt(nb) + 1e-10);
  return { distance: Math.sqrt(d2), angle: Math.acos(Math.min(1, Math.max(-1, cosine))) };
}

/** Unweighted mean of the class means, over the non-empty classes. */
function centreOf({ means, classes, dim, counts }: ClassMeans): Float64Array {
  const present = counts.reduce((n, c) => n + (c > 0 ? 1 : 0), 0);
  const centre = new Float64Array(dim);
  for (let c = 0; c < classes; c++) if (counts[c] > 0) for (let i = 0; i < dim; i++) centre[i] += means[c * dim + i] / present;
  return centre;
}

export function simplexSimilarity(clean: ClassMeans, other: ClassMeans): SimplexSimilarity {
  const { classes, dim } = clean;
  const row = (rows: Float64Array, c: number) => rows.subarray(c * dim, (c + 1) * dim);
  const [centreA, centreB] = [centreOf(clean), centreOf(other)];
  const per = (a: Float64Array, b: Float64Array) =>
    Array.from({ length: classes }, (_, c) =>
      clean.counts[c] > 0 && other.counts[c] > 0 ? compare(row(a, c), row(b, c)) : { distance: null, angle: null },
    );
  const raw = per(clean.means, other.means);
  const centred = per(
    clean.means.map((x, k) => x - centreA[k % dim]),
    other.means.map((x, k) => x - centreB[k % dim]),
  );
  const global = compare(centreA, centreB);
  return {
    distance: raw.map((r) => r.distance),
    angle: raw.map((r) => r.angle),
    distanceCentred: centred.map((r) => r.distance),
    angleCentred: centred.map((r) => r.angle),
    globalMeanDistance: global.distance,
    globalMeanAngle: global.angle,
  };
}

/** Mean of what is defined; null where nothing is. */
export const average = (values: readonly (number | null)[] = []) => {
  const known = values.filter((v) => v !== null);
  return known.length ? known.reduce((a, b) => a + b, 0) / known.length : null;
};
