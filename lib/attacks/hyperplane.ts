/**
 * The nearest point of a hyperplane within the box, for one image: FAB's projection (Croce & Hein, arXiv 1907.02044, eq. 3).
 * Where the published program sorts, this walks: the way to the plane is a concave, piecewise linear function of one number, on
 * which Newton's steps never overshoot and end after finitely many. Float64.
 */

/** Weights smaller than this do not move a pixel in L2, as in the published program. */
const NO_WEIGHT = 1e-8;

export interface Plane {
  /** w·z = b; w: from `at` on. */
  w: Float32Array;
  at: number;
  b: number;
}

/**
 * d with x + d in [0, 1]^d, w·(x + d) = b and ‖d‖ least, written to `out`. Where the box does not reach the plane: the corner
 * that comes nearest. Beside the plane already: zero. x: from `from` on.
 */
export function toPlane(norm: 'linf' | 'l2', x: Float32Array, from: number, { w, at, b }: Plane, out: Float64Array): void {
  const size = out.length;
  let offset = -b;
  for (let i = 0; i < size; i++) offset += w[at + i] * x[from + i];
  const away = offset >= 0 ? 1 : -1; // the side that x lies on
  const wanted = Math.abs(offset);
  /** How fast a pixel moves as λ grows: L∞ all at speed 1, L2 at |w|. */
  const speed = (v: number) => (norm === 'linf' ? 1 : Math.abs(v));
  const moves = (v: number) => (norm === 'linf' ? v !== 0 : Math.abs(v) > NO_WEIGHT);
  let lambda = 0;
  for (;;) {
    let [covered, slope] = [0, 0];
    for (let i = 0; i < size; i++) {
      const v = w[at + i];
      if (!moves(v)) continue;
      // Towards the plane means down where the weight and the side agree.
      const room = v * away > 0 ? x[from + i] : 1 - x[from + i];
      const reach = lambda * speed(v);
      if (reach < room) {
        covered += Math.abs(v) * reach;
        slope += Math.abs(v) * speed(v);
      } else covered += Math.abs(v) * room;
    }
    const lacking = wanted - covered;
    if (!(lacking > wanted * 1e-12) || slope === 0) break;
    const next = lambda + lacking / slope;
    if (next === lambda) break;
    lambda = next;
  }
  for (let i = 0; i < size; i++) {
    const v = w[at + i];
    const down = v * away > 0;
    const room = down ? x[from + i] : 1 - x[from + i];
    const reach = moves(v) ? Math.min(lambda * speed(v), room) : 0;
    out[i] = down ? -reach : reach;
  }
}
