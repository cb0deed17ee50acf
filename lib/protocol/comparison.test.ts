import { describe, expect, it } from 'vitest';
import { byHolders, compare, holders } from './comparison';
import { packBitmap } from './evidence';

const model = (text: string) => ({ bytes: packBitmap([...text].map((c) => c === '1')), samples: text.length });

describe('models compared on the same images', () => {
  it('counts the four cells of every pair, with the exact p', () => {
    const { samples, held, pairs } = compare([model('1111110000'), model('1110000001')]);
    expect({ samples, held }).toEqual({ samples: 10, held: [6, 4] });
    // Bin(4, ½): P(≤ 1) = 5/16, two-sided 10/16.
    expect(pairs).toEqual([
      { a: 0, b: 1, both: 3, onlyA: 3, onlyB: 1, neither: 3, p: expect.closeTo(0.625, 12), lnP: expect.closeTo(Math.log(0.625), 12) },
    ]);
    expect(pairs[0].both + pairs[0].onlyA + pairs[0].onlyB + pairs[0].neither).toBe(samples);
  });

  it('takes the images that all have, whatever lies beyond', () => {
    const short = model('101');
    expect(compare([model('1111111111'), short])).toEqual(compare([model('111'), short]));
    expect([...holders([model('1111111111'), short])]).toEqual([2, 1, 2]);
  });

  it('sorts images by who holds them: disagreements first, then what all hold, then what none holds', () => {
    const { groups } = compare([model('11100100'), model('11010100'), model('11001000')]);
    expect(groups).toEqual([
      { holds: [true, false, false], images: [2] },
      { holds: [false, true, false], images: [3] },
      { holds: [true, true, false], images: [5] },
      { holds: [false, false, true], images: [4] },
      { holds: [true, true, true], images: [0, 1] },
      { holds: [false, false, false], images: [6, 7] },
    ]);
    expect(groups.flatMap((g) => g.images).sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('puts larger disagreements before smaller ones', () => {
    const { groups } = compare([model('100011'), model('011111')]);
    expect(groups.map((g) => g.images)).toEqual([[1, 2, 3], [0], [4, 5]]);
  });

  it('keeps the logarithm where p itself is 0', () => {
    const { pairs } = compare([model('1'.repeat(4000)), model('0'.repeat(4000))]);
    expect(pairs[0].p).toBe(0);
    expect(pairs[0].lnP).toBeCloseTo(-3999 * Math.LN2, 6);
  });

  it('refuses one model, and more than anybody reads', () => {
    expect(() => compare([model('1')])).toThrow('expected 2 to 6 models to compare, got 1');
    expect(() => compare(Array.from({ length: 7 }, () => model('1')))).toThrow('got 7');
  });

  it('counts how many hold each image; none without models', () => {
    expect([...holders([model('1101'), model('1000'), model('1001')])]).toEqual([3, 1, 0, 2]);
    expect(holders([])).toHaveLength(0);
  });

  it('puts the images that fewest hold first, or last', () => {
    expect(byHolders([2, 0, 1, 0], 'hardest')).toEqual([1, 3, 2, 0]);
    expect(byHolders([2, 0, 1, 0], 'easiest')).toEqual([0, 2, 1, 3]);
  });
});
