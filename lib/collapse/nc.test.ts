import { describe, expect, it } from 'vitest';
import { clusters, type FeatureSet, meansOf, measured, normals, rotated, rotation, simplexVertices } from '../testing/feature-sets';
import synthetic from '../testing/fixtures/nc_synthetic.json';
import { centredMeans } from './class-stats';
import { angleSpread, type Collapse, collapse, duality, nc1, normSpread, weightRows } from './nc';
import { jacobiEigen, meansSpan } from './span';
import { withinSums } from './within-class';

const METRICS = ['nc1', 'nc2NormMeans', 'nc2NormWeights', 'nc2AngleMeans', 'nc2AngleWeights', 'nc3', 'nc4'] as const;
const REFERENCE_NAMES: Record<string, keyof Collapse> = {
  nc1: 'nc1',
  nc2_norm_M: 'nc2NormMeans',
  nc2_norm_W: 'nc2NormWeights',
  nc2_angle_M: 'nc2AngleMeans',
  nc2_angle_W: 'nc2AngleWeights',
  nc3: 'nc3',
  nc4: 'nc4',
};

const flat = (rows: number[][]) => rows.flat();
const setOf = (rows: number[][], labels: number[]): FeatureSet => ({ features: Float32Array.from(flat(rows)), labels });

describe.each(synthetic.cases)('the reference case $name', (known) => {
  const classes = known.num_classes;
  const weights = Float64Array.from(flat(known.W_CxD), Math.fround);
  const set = setOf(known.H_means, known.y_means);
  const scatterOf = known.H_cov ? setOf(known.H_cov, known.y_cov ?? known.y_means) : set;
  const result = measured(set, weights, classes, scatterOf);
  const complete = known.name !== 'missing_class';

  it('agrees in every metric, or has none where a class is empty', () => {
    for (const [name, metric] of Object.entries(REFERENCE_NAMES)) {
      const expected = known.float64[name as keyof typeof known.float64];
      if (!complete && !metric.endsWith('Weights')) {
        expect(result[metric], name).toBeNull();
        continue;
      }
      const value = result[metric] as number;
      // The stored features are rounded to float32 in the file; perfect simplices are perfect to 1e-7 only.
      expect(Math.abs(value - expected), name).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
      const exact = (known.expected_exact as Record<string, number> | undefined)?.[name];
      if (exact !== undefined) expect(value, `${name} in theory`).toBeCloseTo(exact, 6);
    }
    expect(result.trRatio === null).toBe(!complete);
  });

  it('agrees in scatter, spread and rank', () => {
    const { tr_Sw, tr_Sb, rank_Sb } = known.float64;
    expect(result.within.scatter / result.within.samples).toBeCloseTo(tr_Sw, 5);
    if (!result.means.complete) {
      // The reference gives an empty class the mean 0 and so a direction of its own; here it has none.
      expect(result.rank).toBe(rank_Sb - 1);
      return;
    }
    expect(result.span.trSb / tr_Sb).toBeCloseTo(1, 6);
    expect(result.rank).toBe(rank_Sb);
    expect(nc1(result.span, result.within, classes) as number).toBeCloseTo(known.float64.nc1, 5);
    expect(duality(weights, centredMeans(result.means)) as number).toBeCloseTo(known.float64.nc3, 6);
  });
});

describe('a perfect simplex', () => {
  it.each([2, 3, 10, 100])('of %i classes is zero in every metric', (classes) => {
    const dim = classes + 3;
    // Multiples of 1/C are not float32 numbers: the features themselves are 6e-8 off.
    const centres = simplexVertices(classes, dim, 4);
    const set = clusters(1, centres, classes, classes * 3, 0);
    const result = measured(set, centres, classes);
    for (const metric of METRICS) expect(result[metric], metric).toBeLessThan(1e-6);
    expect(result.trRatio).toBeLessThan(1e-12);
    expect(result.rank).toBe(classes - 1);
  });

  it('with scatter, two classes on a line: NC1 and NC3 by hand', () => {
    // Means ±1 on the first axis, within-class points ±½ about them on it: Σ_W = ¼, Σ_B = 1.
    const set = { features: Float32Array.of(0.5, 1.5, -0.5, -1.5), labels: [0, 0, 1, 1] };
    const result = measured(set, Float64Array.of(1, -1), 2);
    expect(result.nc1).toBeCloseTo(0.25, 12);
    expect(result.trRatio).toBeCloseTo(0.25, 12);
    expect(result.nc3).toBeCloseTo(0, 12);
    expect(measured(set, Float64Array.of(-1, 1), 2).nc3).toBeCloseTo(4, 12);
    expect(measured(set, Float64Array.of(-1, 1), 2).nc4).toBe(1);
  });
});

describe('single formulas, by hand', () => {
  it('normSpread is the deviation (divisor C − 1) over the mean of the norms', () => {
    expect(normSpread(Float64Array.of(3, 4, 0, 1, 6, 8), 3)).toBeCloseTo(Math.sqrt(61 / 3) / (16 / 3), 12); // norms 5, 1, 10
    expect(normSpread(Float64Array.of(1, 0, 0, 1), 2)).toBe(0);
    expect(normSpread(Float64Array.of(1, 2), 1)).toBeNull();
    expect(normSpread(new Float64Array(4), 2)).toBeNull();
  });

  it('angleSpread is the mean of |cos + 1/(C−1)| over ordered pairs', () => {
    expect(angleSpread(Float64Array.of(1, 0, 0, 1, -1, 0), 3)).toBeCloseTo((0.5 + 0.5 + 0.5) / 3, 12); // cosines 0, −1, 0
    expect(angleSpread(Float64Array.of(1, 0, -2, 0), 2)).toBeCloseTo(0, 12);
    expect(angleSpread(Float64Array.of(1, 0, 2, 0), 2)).toBeCloseTo(2, 12);
    expect(angleSpread(Float64Array.of(0, 0, 1, 0), 2)).toBeNull();
  });

  it('duality runs from 0 to 4, whatever the scales', () => {
    const m = normals(3, 20);
    expect(
      duality(
        m.map((v) => 7 * v),
        m,
      ),
    ).toBeCloseTo(0, 12);
    expect(
      duality(
        m.map((v) => -0.1 * v),
        m,
      ),
    ).toBeCloseTo(4, 12);
    expect(duality(Float64Array.of(1, 0), Float64Array.of(0, 5))).toBeCloseTo(2, 12);
    expect(duality(m, new Float64Array(20))).toBeNull();
  });

  it('weightRows turns a kernel [dim, classes] into rows per class', () => {
    expect([...weightRows(Float32Array.of(1, 2, 3, 4, 5, 6), 3, 2)]).toEqual([1, 3, 5, 2, 4, 6]);
  });
});

describe('edges', () => {
  const nothing = { nc1: null, nc2NormMeans: null, nc2AngleMeans: null, nc3: null, nc4: null, trRatio: null };

  it('one class alone has no value', () => {
    const result = measured({ features: Float32Array.of(1, 2, 3, 4), labels: [0, 0] }, Float64Array.of(1, 1), 1);
    expect(result).toMatchObject({ ...nothing, nc2NormWeights: null, nc2AngleWeights: null });
  });

  it.each([
    ['exactly', [1, 1, 1, 1, 1]],
    ['but for rounding', [0.1, 0.1, 0.1, 0.1, 0.1]],
  ])('means that coincide %s have no NC1, no angles and no ratio, and never NaN', (_, values) => {
    const result = measured({ features: Float32Array.from(values), labels: [0, 1, 0, 1, 2] }, Float64Array.of(1, 2, 3), 3);
    expect(result).toMatchObject({ nc1: null, nc2NormMeans: null, nc2AngleMeans: null, nc3: null, trRatio: null, rank: 0 });
  });

  it('no samples give no value', () => {
    const means = meansOf({ features: new Float32Array(), labels: [] }, 3);
    const span = { ...meansSpan({ ...means, dim: 2, means: new Float64Array(6), global: new Float64Array(2) }) };
    expect(
      collapse(
        { ...means, dim: 2, means: new Float64Array(6), global: new Float64Array(2) },
        span,
        withinSums(span.rank),
        0,
        normals(1, 6),
      ),
    ).toMatchObject(nothing);
  });

  it('means in a plane keep their rank, so that a smaller NC1 is not taken for more collapse', () => {
    const centres = new Float64Array(5 * 8);
    for (let c = 0; c < 5; c++) [centres[c * 8], centres[c * 8 + 1]] = [Math.cos(c), Math.sin(c)];
    const set = clusters(2, centres, 5, 4000, 0.01);
    // Scatter leaks into the means: 0.01²·5/4000 is below the limit of d·2⁻²³.
    expect(measured(set, centres, 5).rank).toBe(2);
  });
});

/** tr(Σ_W Σ_B⁺) the long way: both d×d matrices and the eigenvectors of Σ_B. */
function nc1TheLongWay(set: FeatureSet, classes: number): number {
  const means = meansOf(set, classes);
  const { dim } = means;
  const m = centredMeans(means);
  const [sw, sb] = [new Float64Array(dim * dim), new Float64Array(dim * dim)];
  for (let c = 0; c < classes; c++)
    for (let i = 0; i < dim; i++) for (let j = 0; j < dim; j++) sb[i * dim + j] += (m[c * dim + i] * m[c * dim + j]) / classes;
  set.labels.forEach((y, n) => {
    const z = Float64Array.from({ length: dim }, (_, i) => set.features[n * dim + i] - means.means[y * dim + i]);
    for (let i = 0; i < dim; i++) for (let j = 0; j < dim; j++) sw[i * dim + j] += (z[i] * z[j]) / set.labels.length;
  });
  const { values, vectors } = jacobiEigen(sb, dim);
  let trace = 0;
  for (let k = 0; k < dim; k++) {
    if (values[k] <= dim * 2 ** -23 * values[0]) continue;
    for (let i = 0; i < dim; i++)
      for (let j = 0; j < dim; j++) trace += (vectors[k * dim + i] * sw[i * dim + j] * vectors[k * dim + j]) / values[k];
  }
  return trace;
}

describe('invariances', () => {
  const classes = 6;
  const dim = 14;
  const centres = normals(11, classes * dim).map((v) => 2 * v);
  const weights = normals(12, classes * dim);
  const set = clusters(13, centres, classes, 90, 0.8);
  const before = measured(set, weights, classes);

  it('NC1 by the span equals NC1 by the d×d matrices', () => {
    expect(before.nc1).toBeCloseTo(nc1TheLongWay(set, classes), 9);
  });

  it('a rotation of features and weights leaves every metric', () => {
    const q = rotation(14, dim);
    const after = measured({ features: Float32Array.from(rotated(set.features, q)), labels: set.labels }, rotated(weights, q), classes);
    for (const metric of METRICS) expect(after[metric], metric).toBeCloseTo(before[metric] as number, 5);
    expect(after.trRatio).toBeCloseTo(before.trRatio as number, 5);
  });

  it('a common scale and a shift of the features leave what is measured on means', () => {
    const after = measured({ features: set.features.map((v) => 4 * v + 1), labels: set.labels }, weights, classes);
    for (const metric of ['nc1', 'nc2NormMeans', 'nc2AngleMeans', 'nc3'] as const) {
      expect(after[metric], metric).toBeCloseTo(before[metric] as number, 5);
    }
  });

  it('names of classes do not matter', () => {
    const renamed = (c: number) => (c * 5 + 1) % classes;
    const w = new Float64Array(weights.length);
    for (let c = 0; c < classes; c++) w.set(weights.subarray(c * dim, (c + 1) * dim), renamed(c) * dim);
    const after = measured({ features: set.features, labels: set.labels.map(renamed) }, w, classes);
    for (const metric of METRICS) expect(after[metric], metric).toBeCloseTo(before[metric] as number, 10);
  });
});

it('takes a layer of 12 544 units in its stride', () => {
  const [classes, dim, samples] = [10, 12544, 60];
  const set = clusters(21, normals(22, classes * dim), classes, samples, 0.5);
  const result = measured(set, normals(23, classes * dim), classes);
  expect(result.rank).toBe(9);
  // Centres of d independent normals are nearly orthogonal: a simplex. Scatter: σ²d(1 − C/N) in all.
  expect(result.nc2AngleMeans).toBeLessThan(0.02);
  expect(result.within.scatter / samples).toBeCloseTo(0.25 * dim * (1 - classes / samples), -2);
  expect(result.trRatio).toBeCloseTo((0.25 * (1 - classes / samples)) / (0.9 * (1 + 0.25 / 6)), 1);
  expect(result.nc1).toBeLessThan(0.01);
});
