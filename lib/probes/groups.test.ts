import { describe, expect, it } from 'vitest';
import { normals, simplexVertices } from '../testing/feature-sets';
import { groupCollapse } from './groups';

const CLASSES = 3;
const vertices = simplexVertices(CLASSES, CLASSES, 2);
const PAIRS = Array.from({ length: 18 }, (_, n) => [n % 3, Math.floor(n / 3) % 3]);

/** Images of all pairs of class and attribute, at the corner that `corner` names, with a little scatter. */
function setOf(corner: (label: number, attribute: number) => number) {
  const noise = normals(3, PAIRS.length * CLASSES);
  const at = PAIRS.map(([y, a]) => corner(y, a));
  return {
    features: Float32Array.from(noise, (v, k) => vertices[at[Math.floor(k / CLASSES)] * CLASSES + (k % CLASSES)] + 1e-3 * v),
    labels: PAIRS.map(([y]) => y),
    attributes: PAIRS.map(([, a]) => a),
    predictions: at,
  };
}
const plain = setOf((y) => y);

describe('collapse by group under a shortcut', () => {
  it('finds features that ignore the square at their class’s corner', () => {
    const { result } = groupCollapse(plain, plain, CLASSES);
    expect(result?.images).toEqual({ aligned: 6, conflicting: 12 });
    expect(result?.cosine.own).toBeCloseTo(1, 5);
    expect(result?.cosine.shortcut).toBeCloseTo(-1 / 2, 3);
    expect(result?.nc1.classes).toBeLessThan(1e-5);
    expect(result?.nc1.conflicting).toBeLessThan(1e-5);
    expect(result?.nc1.attributes).toBeGreaterThan(100);
    expect(result?.accuracy).toEqual({ plain: 1, aligned: 1, conflicting: 1 });
    expect(result?.followed).toBe(0);
  });

  it('finds features that follow the square at its class’s corner', () => {
    const { result } = groupCollapse(
      plain,
      setOf((_, a) => a),
      CLASSES,
    );
    expect(result?.cosine.own).toBeCloseTo(-1 / 2, 3);
    expect(result?.cosine.shortcut).toBeCloseTo(1, 5);
    expect(result?.nc1.attributes).toBeLessThan(1e-5);
    expect(result?.nc1.classes).toBeGreaterThan(100);
    expect(result?.accuracy).toEqual({ plain: 1, aligned: 1, conflicting: 0 });
    expect(result?.followed).toBe(1);
    expect(result?.groups.map((g) => [g.class, g.attribute, g.images])).toEqual([
      [0, 1, 2],
      [0, 2, 2],
      [1, 0, 2],
      [1, 2, 2],
      [2, 0, 2],
      [2, 1, 2],
    ]);
  });

  it('has nothing to say of groups without images, and no answer without an image of every class', () => {
    const aligned = { ...plain, attributes: plain.labels };
    const { result } = groupCollapse(plain, aligned, CLASSES);
    expect(result).toMatchObject({ groups: [], cosine: { own: null, shortcut: null }, followed: null });
    expect(result?.nc1.conflicting).toBeNull();
    expect(result?.accuracy.conflicting).toBeNull();
    expect(groupCollapse(plain, plain, 4)).toEqual({ result: null, reason: 'a class has no training image here; more images are needed' });
    expect(groupCollapse(plain, plain, 1).result).toBeNull();
  });
});
