/**
 * The plane or space in which class means are best seen: principal axes of the class means about their unweighted mean, in
 * float64. C class means span C − 1 dimensions, so three classes are an exact triangle in two and four an exact
 * tetrahedron in three; of more, the drawing holds the share `explained` of tr Σ_B. At full collapse all directions weigh
 * the same, and which of them are drawn is the decomposition's choice.
 */
import type { ClassMeans } from './class-stats';
import { meansSpan } from './span';

export interface Projection {
  /** Axes that there are: 0 … 3. */
  axes: number;
  dim: number;
  /** Orthonormal rows, [axes × dim]: across, up, towards the reader. */
  basis: Float64Array;
  /** Unweighted mean of the class means: the drawing's origin, [dim]. */
  centre: Float64Array;
  /** Share of the class means' scatter about the centre that the axes hold, 0 … 1; 0 where the means are one point. */
  explained: number;
}

/**
 * @param classes those whose means are looked at, each with a sample; all by default
 * @param most axes at most
 */
export function projectionOf(means: ClassMeans, { classes, most = 3 }: { classes?: readonly number[]; most?: 2 | 3 } = {}): Projection {
  const { dim } = means;
  const chosen = (classes ?? Array.from({ length: means.classes }, (_, c) => c)).filter((c) => means.counts[c] > 0);
  const picked = new Float64Array(chosen.length * dim);
  const centre = new Float64Array(dim);
  chosen.forEach((c, k) => {
    const mean = means.means.subarray(c * dim, (c + 1) * dim);
    picked.set(mean, k * dim);
    for (let i = 0; i < dim; i++) centre[i] += mean[i] / chosen.length;
  });
  if (chosen.length < 2) return { axes: 0, dim, basis: new Float64Array(), centre, explained: 0 };
  const span = meansSpan({
    ...{ classes: chosen.length, dim, means: picked, global: centre, complete: true },
    counts: new Float64Array(chosen.length).fill(1),
  });
  const axes = Math.min(most, span.rank);
  const all = span.trSb * chosen.length;
  const held = span.squares.subarray(0, axes).reduce((a, b) => a + b, 0);
  const flat = { axes, dim, basis: span.basis.slice(0, axes * dim), centre, explained: all > 0 ? Math.min(1, held / all) : 0 };
  return { ...flat, basis: upright(flat, picked, chosen.length) };
}

/** Coordinates of points ([count × dim] row-major) on the axes, [count × axes]. */
export function project({ axes, dim, basis, centre }: Omit<Projection, 'explained'>, points: ArrayLike<number>): Float64Array {
  const count = dim > 0 ? points.length / dim : 0;
  const out = new Float64Array(count * axes);
  for (let n = 0; n < count; n++) {
    for (let k = 0; k < axes; k++) {
      let dot = 0;
      for (let i = 0; i < dim; i++) dot += basis[k * dim + i] * (points[n * dim + i] - centre[i]);
      out[n * axes + k] = dot;
    }
  }
  return out;
}

/**
 * The same axes turned so that the picture does not depend on the signs and the order that a decomposition happens to give:
 * the first class stands straight up, the second to the right of it, the third towards the reader. [axes × dim]
 */
function upright(flat: Omit<Projection, 'explained'>, means: Float64Array, classes: number): Float64Array {
  const { axes, dim, basis } = flat;
  const at = project(flat, means);
  const longest = at.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
  const units = Array.from({ length: axes }, (_, k) => Float64Array.from({ length: axes }, (_, j) => (j === k ? 1 : 0)));
  const candidates = [...Array.from({ length: classes }, (_, c) => at.slice(c * axes, (c + 1) * axes)), ...units];
  const found: Float64Array[] = [];
  for (const [i, candidate] of candidates.entries()) {
    if (found.length === axes) break;
    const rest = candidate.slice();
    // Twice: what one subtraction leaves of the others is rounding (Parlett, The Symmetric Eigenvalue Problem, §6.9).
    for (let pass = 0; pass < 2; pass++)
      for (const f of found) {
        const dot = rest.reduce((sum, v, j) => sum + v * f[j], 0);
        for (let j = 0; j < axes; j++) rest[j] -= dot * f[j];
      }
    const length = Math.hypot(...rest);
    if (length > (i < classes ? 1e-6 * longest : 1e-6)) found.push(rest.map((v) => v / length));
  }
  const [up, across, near] = found;
  const order = axes === 1 ? [up] : [across, up, near].slice(0, axes);
  const rotated = new Float64Array(axes * dim);
  order.forEach((unit, k) => {
    for (let j = 0; j < axes; j++) for (let i = 0; i < dim; i++) rotated[k * dim + i] += unit[j] * basis[j * dim + i];
  });
  return rotated;
}

/**
 * Coordinates ([count × axes], missing axes count as 0) as seen after a turn about the upright axis and a tilt towards the
 * reader, in radians: [count × 3], across, up, towards the reader. A rotation: lengths and angles stay.
 */
export function turned(coordinates: Float64Array, axes: number, turn: number, tilt: number): Float64Array {
  const count = axes > 0 ? coordinates.length / axes : 0;
  const out = new Float64Array(count * 3);
  const [ct, st, cp, sp] = [Math.cos(turn), Math.sin(turn), Math.cos(tilt), Math.sin(tilt)];
  for (let n = 0; n < count; n++) {
    const x = coordinates[n * axes];
    const y = axes > 1 ? coordinates[n * axes + 1] : 0;
    const z = axes > 2 ? coordinates[n * axes + 2] : 0;
    const near = z * ct - x * st;
    out[3 * n] = x * ct + z * st;
    out[3 * n + 1] = y * cp - near * sp;
    out[3 * n + 2] = y * sp + near * cp;
  }
  return out;
}
