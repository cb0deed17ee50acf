/** How far a network's outputs are from repeating themselves. */

/** AutoAttack's tolerance for a network that is its own same self (Croce & Hein, arXiv 2003.01690, its published checks). */
export const LARGEST_SPREAD = 1e-4;

/**
 * For each image max_p ‖z_p/‖z_p‖₂ − z_1/‖z_1‖₂‖₂ over the passes p, float64; logits that are all zero stay as they are.
 * passes: [count × classes] each.
 */
export function logitSpreads(passes: readonly Float32Array[], classes: number): Float64Array {
  const unit = (pass: Float32Array, at: number) => {
    const z = Float64Array.from(pass.subarray(at, at + classes));
    const length = Math.sqrt(z.reduce((n, v) => n + v * v, 0));
    return length === 0 ? z : z.map((v) => v / length);
  };
  const [first, ...others] = passes;
  return Float64Array.from({ length: first.length / classes }, (_, n) => {
    const a = unit(first, n * classes);
    return others.reduce((largest, other) => {
      const b = unit(other, n * classes);
      return Math.max(largest, Math.sqrt(a.reduce((sum, v, c) => sum + (v - b[c]) ** 2, 0)));
    }, 0);
  });
}
