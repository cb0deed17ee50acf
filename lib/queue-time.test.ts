import { describe, expect, it } from 'vitest';
import { estimate } from './queue-time';

describe('the time until a job is measured', () => {
  const minutes = Array.from({ length: 11 }, (_, i) => 60 * (11 - i)); // 1 … 11 minutes, in any order

  it('is that of one job where a runner is free', () => {
    expect(estimate(0, minutes, 1)).toEqual({ lowSeconds: 120, highSeconds: 600 });
    expect(estimate(3, minutes, 4)).toEqual({ lowSeconds: 120, highSeconds: 600 });
  });

  it('grows with the jobs ahead, and shrinks with the runners', () => {
    expect(estimate(6, minutes, 1)).toEqual({ lowSeconds: 6 * 120, highSeconds: 7 * 600 });
    expect(estimate(6, minutes, 2)).toEqual({ lowSeconds: 3 * 120, highSeconds: 4 * 600 });
    expect(estimate(6, minutes, 3)).toEqual({ lowSeconds: 2 * 120, highSeconds: 3 * 600 });
  });

  it('is one duration where only one is known', () => {
    expect(estimate(0, [90], 1)).toEqual({ lowSeconds: 90, highSeconds: 90 });
  });

  it('is not told where nobody works, or nothing has ended', () => {
    expect(estimate(0, minutes, 0)).toBeUndefined();
    expect(estimate(0, [], 3)).toBeUndefined();
  });
});
