import { describe, expect, it } from 'vitest';
import { furtherOpinion, isExcluded, type Measurer } from './further-opinion';

const of = (owner: string, architecture: string | null = null): Measurer => ({ owner, architecture });
const ask = (
  state: Parameters<typeof furtherOpinion>[0],
  opinions: Measurer[],
  candidates: Measurer[],
  submitter: string | null = 'submitter',
) => furtherOpinion(state, opinions, submitter, candidates);

describe('a second opinion', () => {
  it('is asked of another owner’s GPU of another architecture, and of nobody else', () => {
    const first = [of('ann', 'hopper')];
    expect(ask('verified', first, [of('bob', 'ampere')])).toEqual({
      why: 'second',
      excluded: { owners: ['ann', 'submitter'], architectures: ['hopper'] },
    });
    for (const useless of [of('ann', 'ampere'), of('bob', 'hopper'), of('bob'), of('submitter', 'ampere')])
      expect(ask('verified', first, [useless]), JSON.stringify(useless)).toBeUndefined();
  });

  it('is wanted of a GPU where only processors have measured, whoever owned them', () => {
    const further = ask('verified', [of(' installation'), of('ann')], [of('ann', 'hopper')]);
    expect(further).toEqual({ why: 'second', excluded: { owners: ['submitter'], architectures: [] } });
  });

  it('is not asked for twice, nor of what is self-reported, flagged or not there', () => {
    for (const state of ['double-verified', 'self-reported', 'reproduced', 'flagged', 'disqualified', null] as const)
      expect(ask(state, [of('ann', 'hopper')], [of('bob', 'ampere')])).toBeUndefined();
  });
});

describe('a deciding opinion', () => {
  it('is asked of an owner who has none yet, on any hardware', () => {
    const two = [of('ann', 'hopper'), of('bob')];
    const further = ask('contested', two, [of('cy')]);
    expect(further).toEqual({ why: 'decide', excluded: { owners: ['ann', 'bob', 'submitter'], architectures: null } });
    expect(ask('contested', two, [of('ann', 'ampere'), of('bob'), of('submitter')])).toBeUndefined();
    expect(ask('contested', two, [of('cy')], null)?.excluded.owners).toEqual(['ann', 'bob']);
  });
});

it('excludes by owner, and by hardware where that matters', () => {
  expect(isExcluded(of('ann'), { owners: ['ann'], architectures: null })).toBe(true);
  expect(isExcluded(of('bob'), { owners: ['ann'], architectures: null })).toBe(false);
  expect(isExcluded(of('bob'), { owners: ['ann'], architectures: [] })).toBe(true);
  expect(isExcluded(of('bob', 'x'), { owners: ['ann'], architectures: ['y'] })).toBe(false);
});
