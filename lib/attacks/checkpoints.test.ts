import { describe, expect, it } from 'vitest';
import units from '../testing/fixtures/units.json';
import { checkpoints, oscillates } from './checkpoints';

describe('checkpoints', () => {
  it.each(Object.entries(units.apgd_checkpoints))('of a run of %s steps are the reference’s', (steps, known) => {
    const all = checkpoints(Number(steps));
    expect(all.map(({ step }) => step)).toEqual(known.check_at_iteration_0based);
    expect(all.map(({ window }) => window)).toEqual(known.window_k);
  });

  it('of one step is that step', () => {
    expect(checkpoints(1)).toEqual([{ step: 0, window: 1 }]);
    expect(checkpoints(0)).toEqual([]);
  });
});

describe('oscillates', () => {
  const { loss_steps: steps, cases } = units.apgd_check_oscillation;
  it.each(cases)('after step $j over $k steps with ρ $rho', ({ j, k, rho, flag }) => {
    const runs = steps[0].map((_, n) => steps.map((row) => row[n]));
    expect(runs.map((losses) => Number(oscillates(losses, j, k, rho)))).toEqual(flag);
  });

  it('is false where more than ρ of the steps rose', () => {
    expect(oscillates([1, 2, 3, 4], 3, 4)).toBe(false);
    expect(oscillates([1, 2, 3, 2], 3, 4)).toBe(true);
    expect(oscillates([-3, -2, -1, -0.5], 3, 4)).toBe(true); // what is before the first counts as 0
  });
});
