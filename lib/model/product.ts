/** Which two tensors may be multiplied: of one shape, or an image and a gate that is stretched over it. */

/** The product's shape, that of the larger factor; undefined where neither can be stretched to the other. */
export function productShape(a: readonly number[], b: readonly number[]): number[] | undefined {
  if (a.join() === b.join()) return [...a];
  const stretches = (gate: readonly number[], image: readonly number[]) =>
    image.length === 3 && gate.length === 3 && gate.every((n, i) => n === 1 || n === image[i]);
  if (stretches(b, a)) return [...a];
  return stretches(a, b) ? [...b] : undefined;
}

export const PRODUCT_NEEDS = 'two tensors of one shape, or an image and a gate with sizes of 1, are needed';

/**
 * Whether slopes of shape `alpha` (sizes of 1 in front repeat) run along the flat image in its own order: one a channel, or
 * one a place.
 */
export function repeatsAlong(shape: readonly number[], alpha: readonly number[]): boolean {
  const own = alpha.slice(alpha.findIndex((n) => n !== 1));
  if (alpha.every((n) => n === 1)) return true;
  return own.length <= shape.length && own.every((n, i) => n === shape[shape.length - own.length + i]);
}
