/** The neighbours of a real number among the float32 numbers: bounds that must not be crossed by rounding. */

const scratch = new Float32Array(1);
const bits = new Int32Array(scratch.buffer);

/** Largest float32 not above v (v ≥ 0). */
export function floorFloat32(v: number): number {
  scratch[0] = v;
  if (scratch[0] > v) bits[0] -= 1;
  return scratch[0];
}

/** Smallest float32 not below v (v ≥ 0). */
export function ceilFloat32(v: number): number {
  scratch[0] = v;
  if (scratch[0] < v) bits[0] += 1;
  return scratch[0];
}
