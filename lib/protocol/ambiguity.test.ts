import { describe, expect, it } from 'vitest';
import { AMBIGUITY, ambiguousRows, isAmbiguous } from './ambiguity';

describe('ambiguous logits', () => {
  it('are those whose two largest are closer than τ of the spread, whatever the scale', () => {
    for (const scale of [1, 1e-6, 1e4]) {
      const near = [0, 1 - AMBIGUITY / 2, 1].map((z) => z * scale);
      const apart = [0, 1 - 2 * AMBIGUITY, 1].map((z) => z * scale);
      expect([isAmbiguous(near), isAmbiguous(apart)], `scale ${scale}`).toEqual([true, false]);
      expect(isAmbiguous(near.map((z) => z + 7 * scale)), 'shifted').toBe(true);
    }
  });

  it('are ties, and those that are all equal', () => {
    expect(
      [
        [5, 5, 0],
        [0, 5, 5],
        [2, 2],
        [0, 0, 0],
      ].map(isAmbiguous),
    ).toEqual([true, true, true, true]);
  });

  it('are never two classes that differ: their lead is the whole spread', () => {
    expect(isAmbiguous([1, 1 + 1e-9])).toBe(false);
  });

  it('are told row by row', () => {
    expect([...ambiguousRows(Float32Array.of(0, 1, 1, 0, 1, 2, 3, 3, -1), 3)]).toEqual([1, 0, 1]);
    expect([...ambiguousRows(new Float32Array(0), 0)]).toEqual([]);
  });
});
