import { describe, expect, it } from 'vitest';
import { clusters, normals, simplexVertices } from '../testing/feature-sets';
import { ballDistance, expMap, gyromidpoint, poincareNearest } from './poincare';

const point = (...v: number[]) => expMap(Float64Array.from(v));

describe('the Poincaré ball', () => {
  it('has the distances that are known by hand', () => {
    // From the centre: d(0, x) = 2 artanh ‖x‖ = 2‖v‖.
    expect(ballDistance(point(0, 0), point(0.3, 0.4))).toBeCloseTo(1, 12);
    // On a line through the centre distances add; at a right angle cosh d = cosh 2a·cosh 2b.
    expect(ballDistance(point(-0.5, 0), point(0.25, 0))).toBeCloseTo(1.5, 12);
    expect(Math.cosh(ballDistance(point(0.5, 0), point(0, 1)))).toBeCloseTo(Math.cosh(1) * Math.cosh(2), 12);
    // x = (½, 0), y = (0, ½): arcosh(1 + 2·½/(¾·¾)).
    const half = { x: Float64Array.of(0.5, 0), gap: 0.75 };
    expect(ballDistance(half, { x: Float64Array.of(0, 0.5), gap: 0.75 })).toBeCloseTo(Math.acosh(25 / 9), 14);
    // As far out as 1 − ‖x‖² is lost in float64.
    expect(ballDistance(point(14, 0), point(-14, 0))).toBeCloseTo(56, 9);
  });

  it('has its midpoint halfway on the geodesic, for any number of copies', () => {
    const [p, q] = [point(0.2, 0.9), point(-0.7, 0.1)];
    const middle = gyromidpoint([p, q]);
    expect(ballDistance(middle, p)).toBeCloseTo(ballDistance(p, q) / 2, 12);
    expect(ballDistance(middle, q)).toBeCloseTo(ballDistance(p, q) / 2, 12);
    expect(middle.gap).toBeCloseTo(1 - middle.x.reduce((s, c) => s + c * c, 0), 12);
    expect(ballDistance(gyromidpoint([p, p, p]), p)).toBeLessThan(1e-6);
    expect(gyromidpoint([point(0.4, 0), point(-0.4, 0)]).x[0]).toBeCloseTo(0, 15);
  });
});

describe('the nearest centre in the Poincaré ball', () => {
  const centres = simplexVertices(3, 3, 2);
  const train = clusters(1, centres, 3, 60, 0.1);
  const test = { ...clusters(2, centres, 3, 30, 0.1), predictions: Array.from({ length: 30 }, (_, n) => n % 3) };

  it('knows well separated clusters, and not those that an attack has carried to the next corner', () => {
    const moved = { ...test, labels: test.labels.map((y) => (y + 1) % 3) };
    const { result } = poincareNearest(train, { clean: test, pgd: moved }, 3);
    expect(result?.clean).toEqual({ network: 1, euclidean: 1, hyperbolic: 1 });
    expect(result?.pgd).toEqual({ network: 0, euclidean: 0, hyperbolic: 0 });
    expect(result?.scale).toBeCloseTo(2, 1);
  });

  it('does not depend on where features are and how large', () => {
    const blurred = { ...clusters(5, centres, 3, 90, 1.5), predictions: normals(3, 90) };
    const other = (set: typeof blurred) => ({ ...set, features: set.features.map((h) => 8 * h + 16) });
    const one = poincareNearest(train, { clean: blurred, pgd: blurred }, 3).result;
    const moved = { ...train, features: train.features.map((h) => 8 * h + 16) };
    expect(poincareNearest(moved, { clean: other(blurred), pgd: other(blurred) }, 3).result?.clean).toEqual(one?.clean);
    expect(one?.clean.hyperbolic).toBeLessThan(1);
  });

  it('has no answer without an image of every class, without test images, and for features that are all one', () => {
    const sets = { clean: test, pgd: test };
    expect(poincareNearest(train, sets, 4).result).toBeNull();
    const empty = { features: new Float32Array(), labels: [], predictions: [] };
    expect(poincareNearest(train, { clean: empty, pgd: empty }, 3)).toEqual({ result: null, reason: 'there are no test images' });
    const same = { features: new Float32Array(180).fill(2), labels: train.labels };
    expect(poincareNearest(same, sets, 3)).toEqual({ result: null, reason: 'all training images have the same features' });
  });
});
