import { describe, expect, it } from 'vitest';
import { maxDifference } from '../testing/backends';
import units from '../testing/fixtures/units.json';
import { fewClassesNotes } from './few-classes';
import { crossEntropy, difference, dlr, dlrFor, dlrTargeted, dlrTargetedFor, margin, plainMargin, predicted } from './losses';

const known = units.losses;
const rows = known.logits.map((z) => Float32Array.from(z));

describe('the losses that attacks climb agree with the reference values', () => {
  it.each([
    ['cross-entropy', crossEntropy.value, known.ce],
    ['DLR', dlr.value, known.dlr],
    ['targeted DLR', dlrTargeted.value, known.dlr_targeted],
    ['the margin of Square', (z: Float32Array, y: number) => margin(z, y), known.square_margin],
  ])('%s', (_, value, expected) => {
    const actual = rows.map((z, n) => value(z, known.y[n], known.y_target[n]));
    expect(
      maxDifference(
        actual.map((v, n) => v / Math.max(1, Math.abs(expected[n]))),
        expected.map((v) => v / Math.max(1, Math.abs(v))),
      ),
    ).toBeLessThan(1e-5);
  });
});

describe('few classes', () => {
  it('DLR needs three logits and targeted DLR four; below, the plain differences take their place', () => {
    expect([2, 3, 10].map(dlrFor)).toEqual([plainMargin, dlr, dlr]);
    expect([2, 3, 4, 10].map(dlrTargetedFor)).toEqual([difference, difference, dlrTargeted, dlrTargeted]);
    const z = Float32Array.of(3, 1);
    expect([plainMargin.value(z, 0, 1), difference.value(z, 0, 1), margin(z, 0)]).toEqual([-2, -2, 2]);
  });

  it('are said, with what takes the place of the loss', () => {
    expect(fewClassesNotes(3, ['apgd-dlr', 'apgd-t'])).toEqual([
      expect.stringMatching(/^apgd-t: targeted DLR needs four classes, there are 3; /),
    ]);
    expect(fewClassesNotes(2, ['apgd-dlr', 'apgd-t'])).toHaveLength(2);
    expect([...fewClassesNotes(2, ['apgd-ce', 'square']), ...fewClassesNotes(4, ['apgd-dlr', 'apgd-t'])]).toEqual([]);
  });

  it('equal logits do not divide by zero', () => {
    const z = new Float32Array(4);
    expect([dlr.value(z, 1, 0), dlrTargeted.value(z, 1, 0)].map(Math.abs)).toEqual([0, 0]);
  });
});

it('the prediction is the first of equal largest logits', () => {
  expect(predicted(Float32Array.of(1, 3, 3, 2))).toBe(1);
});
