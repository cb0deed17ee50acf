import { describe, expect, it } from 'vitest';
import { philox4x32 } from '../random';
import { drawnBy, drawSamples, meanCost, samplesOf, spotOdds, spotState, spotVerdict } from './spot-check';

/** A source of draws that is the same in every run. */
function source(seed: number) {
  const out = new Uint32Array(4);
  let i = 0;
  return (n: number) => {
    if (i % 4 === 0) philox4x32(i / 4, 0, 0, 0, seed, 1, out);
    return out[i++ % 4] % n;
  };
}

const robust = (n: number) => Array.from({ length: n }, (_, i) => 3 * i + 1);

describe('the draw', () => {
  it('takes 15.5 % of what the claim calls robust, each once, and nothing else', () => {
    const drawn = drawSamples(robust(5700), source(1));
    expect([drawn.length, new Set(drawn).size, drawnBy(5700, 1), drawnBy(100, 1)]).toEqual([884, 884, 399, 7]);
    for (const i of drawn) expect(i % 3).toBe(1);
    expect(drawSamples([], source(1))).toEqual([]);
    expect(drawSamples([7], source(1))).toEqual([7]);
  });

  it('prefers no sample, in either stage', () => {
    const [first, whole] = [new Float64Array(100), new Float64Array(100)];
    const rounds = 20_000;
    for (let round = 0; round < rounds; round++)
      drawSamples(
        Array.from({ length: 100 }, (_, i) => i),
        source(round),
      ).forEach((index, at) => {
        whole[index]++;
        if (at < drawnBy(100, 1)) first[index]++;
      });
    // Five deviations of a binomial count.
    for (const [counts, share] of [
      [first, 0.07],
      [whole, 0.16],
    ] as const)
      for (const n of counts) expect(Math.abs(n - share * rounds)).toBeLessThan(5 * Math.sqrt(rounds * share * (1 - share)));
  });
});

describe('the verdict', () => {
  it.each([
    [1, 0, 'passed'],
    [1, 1, 'draw-more'],
    [1, 3, 'draw-more'],
    [1, 4, 'measure-in-full'],
    [2, 1, 'passed'],
    [2, 3, 'passed'],
    [2, 4, 'measure-in-full'],
  ] as const)('after stage %i with %i broken: %s', (stage, broken, verdict) => expect(spotVerdict(stage, broken)).toBe(verdict));
});

describe('the stages', () => {
  it('share what was drawn, each ascending', () => {
    const order = drawSamples(robust(100), source(4));
    const [first, second] = [samplesOf(order, 100, 1), samplesOf(order, 100, 2)];
    expect([first.length, second.length]).toEqual([7, 9]);
    expect([...first, ...second].sort((a, b) => a - b)).toEqual([...order].sort((a, b) => a - b));
    for (const part of [first, second]) expect(part).toEqual([...part].sort((a, b) => a - b));
  });

  it.each([
    [{}, { verdict: null, stage: 1, attacked: 0, broken: 0 }],
    [{ 1: 0 }, { verdict: 'passed', stage: 1, attacked: 7, broken: 0 }],
    [{ 1: 2 }, { verdict: null, stage: 2, attacked: 7, broken: 2 }],
    [
      { 1: 2, 2: 1 },
      { verdict: 'passed', stage: 2, attacked: 16, broken: 3 },
    ],
    [
      { 1: 2, 2: 2 },
      { verdict: 'measure-in-full', stage: 2, attacked: 16, broken: 4 },
    ],
    [{ 1: 4 }, { verdict: 'measure-in-full', stage: 1, attacked: 7, broken: 4 }],
    // The first one's result was taken back: it begins anew there.
    [{ 2: 1 }, { verdict: null, stage: 1, attacked: 0, broken: 0 }],
  ])('of 100 robust samples, %j broken: %j', (broken, state) => expect(spotState(100, broken)).toEqual(state));

  it('end with the first one where there is nothing more to draw', () => {
    expect(spotState(5, { 1: 1 })).toEqual({ verdict: 'passed', stage: 2, attacked: 1, broken: 1 });
  });
});

describe('the odds', () => {
  it('miss a lie of 100 samples less than once in a thousand times', () => {
    expect(spotOdds(5700, 100).passed).toBeLessThan(8e-4);
    expect(spotOdds(10_000, 100).passed).toBeLessThan(1e-3);
    expect(spotOdds(1000, 100).passed).toBeLessThan(1e-3);
  });

  it('are those of playing it', () => {
    const [n, lies, rounds] = [300, 8, 20_000];
    let [passed, drawnMore] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const drawn = drawSamples(
        Array.from({ length: n }, (_, i) => i),
        source(round),
      );
      const broken = (count: number) => drawn.slice(0, count).filter((i) => i < lies).length;
      const first = spotVerdict(1, broken(drawnBy(n, 1)));
      if (first === 'draw-more') drawnMore++;
      if ((first === 'draw-more' ? spotVerdict(2, broken(drawn.length)) : first) === 'passed') passed++;
    }
    const odds = spotOdds(n, lies);
    for (const [played, said] of [
      [passed, odds.passed],
      [drawnMore, odds.drawnMore],
    ])
      expect(Math.abs(played / rounds - said)).toBeLessThan(5 * Math.sqrt((said * (1 - said)) / rounds));
  });

  it('let an honest claim pass, at about a tenth of the cost', () => {
    expect(spotOdds(5700, 0)).toEqual({ passed: 1, drawnMore: 0 });
    expect(meanCost(5700, 0)).toBeCloseTo(0.07, 12);
    expect(meanCost(5700, 1e-4)).toBeLessThan(0.075);
    expect(meanCost(5700, 1e-3)).toBeLessThan(0.12);
  });
});
