import { describe, expect, it } from 'vitest';
import { bits } from '../random';
import { comparableReport, type ReportChanges } from '../testing/comparable-report';
import { type EvidenceRun, RUN_KINDS, STANDING_STATES, standing } from './standing';

const ME = 'submitter';
const lie = { flips: { clean: [1, 2, 3], 'pgd-10': Array.from({ length: 400 }, (_, i) => i) } };

type Changes = Partial<Omit<EvidenceRun, 'report'>> & { report?: ReportChanges; level?: 'pgd' | 'standard' };
let arrivals = 0;

function run(id: string, { report, level = 'pgd', ...changes }: Changes): EvidenceRun {
  return {
    id,
    kind: 'claim',
    accountId: ME,
    full: true,
    approved: false,
    raisedFlags: [],
    receivedAtMs: ++arrivals,
    report: { ...comparableReport(report), level },
    ...changes,
  };
}
const claim = (id: string, changes: Changes = {}) => run(id, changes);
const reproduction = (id: string, accountId: string, changes: Changes = {}) =>
  run(id, { kind: 'reproduction', accountId, full: false, ...changes, report: { samples: 500, trainSamples: 2000, ...changes.report } });
const verification = (id: string, owner: string, changes: Changes = {}) =>
  run(id, { kind: 'verification', accountId: owner, approved: true, architecture: `gpu of ${owner}`, ...changes });
const baseline = (id: string, changes: Changes = {}) => run(id, { kind: 'baseline', accountId: null, ...changes });

const of = (...runs: EvidenceRun[]) => standing(ME, runs) ?? expect.fail('no standing');

describe('without approved runs', () => {
  it('no evidence, no standing', () => {
    expect(standing(ME, [])).toBeNull();
    expect(standing(ME, [], { disqualified: 'test images in training' })).toBeNull();
  });

  it('a claim is self-reported and unranked, full or not', () => {
    expect(of(claim('a'))).toEqual({
      state: 'self-reported',
      ranked: false,
      rankings: [],
      runId: 'a',
      basis: ['a'],
      outvoted: [],
      raisedFlags: [],
      byInstallation: false,
    });
    expect(of(claim('a', { full: false }))).toMatchObject({ state: 'self-reported', ranked: false });
  });

  it('two other accounts that agree reproduce it, still unranked; one account twice does not', () => {
    expect(of(claim('a'), reproduction('b', 'x'))).toMatchObject({ state: 'self-reported', runId: 'a' });
    expect(of(claim('a'), reproduction('b', 'x'), reproduction('c', 'x'))).toMatchObject({ state: 'self-reported' });
    expect(of(claim('a'), reproduction('b', 'x'), reproduction('c', 'y'))).toMatchObject({
      state: 'reproduced',
      ranked: false,
      runId: 'a',
      basis: ['a', 'b', 'c'],
    });
  });

  it('the submitter and unknown accounts reproduce nothing', () => {
    const nobody = { accountId: null };
    expect(of(claim('a'), reproduction('b', ME), reproduction('c', 'x'))).toMatchObject({ state: 'self-reported' });
    expect(of(claim('a'), reproduction('b', 'x', nobody), reproduction('c', 'y', nobody))).toMatchObject({ state: 'self-reported' });
  });

  it('two who agree with each other and not with the claim reproduce nothing, and do not take over the row', () => {
    expect(of(claim('a', { report: lie }), reproduction('b', 'x'), reproduction('c', 'y'))).toMatchObject({
      state: 'self-reported',
      runId: 'a',
    });
  });

  it('a claim of another model’s evidence, another seed, no attack or a handful of samples is not reproduced by the rest', () => {
    const two = (changes: Changes) => of(claim('a'), reproduction('b', 'x', changes), reproduction('c', 'y', changes)).state;
    expect(two({})).toBe('reproduced');
    expect(two({ report: { samples: 100 } })).toBe('reproduced');
    expect(two({ report: { samples: 99 } })).toBe('self-reported');
    expect(two({ report: { seed: 2 } })).toBe('self-reported');
    const bare = (id: string, who: string) => {
      const whole = reproduction(id, who);
      return { ...whole, report: { ...whole.report, evidence: { clean: whole.report.evidence.clean } } };
    };
    expect(of(claim('a'), bare('b', 'x'), bare('c', 'y')).state).toBe('self-reported');
  });

  it('of several claims the full one is shown, then the larger, then the earliest', () => {
    const small = claim('a', { full: false, report: { samples: 100 } });
    const larger = claim('b', { full: false, report: { samples: 1000 } });
    expect(of(small, larger)).toMatchObject({ runId: 'b' });
    expect(of(small, larger, claim('c'), claim('d'))).toMatchObject({ runId: 'c' });
  });

  it('what strangers alone measured does not stand in the submitter’s name', () => {
    expect(standing(ME, [reproduction('b', 'x')])).toBeNull();
    expect(standing(ME, [reproduction('b', 'x'), reproduction('c', 'y'), verification('d', 'z', { full: false })])).toBeNull();
  });
});

describe('verified', () => {
  it('takes one full run by an approved runner of somebody else’s, and shows its numbers', () => {
    expect(of(claim('a', { report: lie }), verification('b', 'x'))).toMatchObject({
      state: 'verified',
      ranked: true,
      rankings: ['pgd'],
      runId: 'b',
      basis: ['b'],
      byInstallation: false,
    });
  });

  it.each([
    ['a preview', { full: false }],
    ['a runner without approval', { approved: false }],
    ['the submitter’s own runner', { accountId: 'runner', ownerId: ME }],
    ['the submitter’s account on another’s runner', { accountId: ME, ownerId: 'x' }],
    ['a runner of nobody’s', { accountId: null }],
    ['an approved account’s claim', { kind: 'claim' }],
  ] as const)('does not take %s', (_, changes) => {
    expect(of(claim('a'), verification('b', 'x', changes))).toMatchObject({ state: 'self-reported', ranked: false, runId: 'a' });
  });

  it('does not take a run without one of the ranked attacks', () => {
    const whole = verification('b', 'x');
    const { 'pgd-margin': _, ...evidence } = whole.report.evidence;
    expect(of(claim('a'), { ...whole, report: { ...whole.report, evidence } })).toMatchObject({ state: 'self-reported' });
  });

  it('enters the AutoAttack ranking with a verified standard run only', () => {
    expect(of(claim('a', { level: 'standard' }), verification('b', 'x')).rankings).toEqual(['pgd']);
    expect(of(verification('b', 'x'), verification('c', 'x', { level: 'standard' }))).toMatchObject({
      rankings: ['pgd', 'autoattack'],
      runId: 'c',
    });
    expect(of(claim('a'), verification('c', 'x', { level: 'standard', full: false })).rankings).toEqual([]);
  });

  it('by this installation’s own code says so, whoever submitted', () => {
    expect(of(baseline('b'))).toMatchObject({ state: 'verified', ranked: true, byInstallation: true });
    expect(of(baseline('b', { accountId: ME }))).toMatchObject({ state: 'verified', byInstallation: true });
    expect(of(baseline('b', { full: false }))).toMatchObject({ state: 'self-reported' });
    expect(of(baseline('b'), verification('c', 'x'))).toMatchObject({ state: 'verified', byInstallation: false });
  });

  it('stays with the earliest of equals, so that repeating a measurement moves no row', () => {
    expect(of(verification('b', 'x'), verification('a', 'x'))).toMatchObject({ state: 'verified', runId: 'b' });
  });
});

describe('double-verified', () => {
  it('takes two owners, two GPU architectures and one seed', () => {
    expect(of(verification('b', 'x'), verification('c', 'y'))).toMatchObject({
      state: 'double-verified',
      ranked: true,
      runId: 'b',
      basis: ['b', 'c'],
    });
    expect(of(baseline('b', { architecture: 'ampere' }), verification('c', 'y')).state).toBe('double-verified');
  });

  it.each([
    ['one owner', { accountId: 'x', ownerId: 'x' }],
    ['one architecture', { architecture: 'gpu of x' }],
    ['no architecture', { architecture: null }],
    ['another seed', { report: { seed: 5 } }],
  ])('%s: verified', (_, changes) => {
    expect(of(verification('b', 'x'), verification('c', 'y', changes)).state).toBe('verified');
  });
});

describe('contested', () => {
  const [b, c] = [verification('b', 'x'), verification('c', 'y', { report: lie })];

  it('when two approved runs disagree; the row is not ranked', () => {
    expect(of(claim('a'), b, c)).toMatchObject({
      state: 'contested',
      ranked: false,
      rankings: [],
      basis: ['b', 'c'],
      reason: 'approved runs disagree, and no majority of their owners decides',
    });
  });

  it('until a third owner sides with one of them', () => {
    expect(of(b, c, verification('d', 'z'))).toMatchObject({ state: 'double-verified', runId: 'b', basis: ['b', 'd'], outvoted: ['c'] });
    expect(of(b, c, verification('d', 'z', { report: lie }))).toMatchObject({ runId: 'c', basis: ['c', 'd'], outvoted: ['b'] });
  });

  it('an owner who measures again, and a third opinion, decide nothing', () => {
    expect(of(b, c, verification('d', 'y', { report: lie }))).toMatchObject({ state: 'contested' });
    expect(
      of(b, c, verification('d', 'z', { report: { flips: { clean: [7, 8, 9, ...Array.from({ length: 20 }, (_, i) => 50 + i)] } } })),
    ).toMatchObject({
      state: 'contested',
    });
  });

  it('runs that cannot be compared contest nothing and settle nothing', () => {
    const elsewhere = verification('d', 'z');
    elsewhere.report = { ...elsewhere.report, protocol: '2' as '1' };
    expect(of(b, elsewhere)).toMatchObject({ state: 'verified' });
    expect(of(b, c, elsewhere)).toMatchObject({ state: 'contested' });
  });

  it('claims and unapproved runs contest nothing', () => {
    expect(of(claim('a', { report: lie }), b, verification('e', 'z', { approved: false, report: lie }))).toMatchObject({
      state: 'verified',
    });
  });
});

describe('flagged and disqualified', () => {
  it('a flag of a run that counts takes the row out of the ranking, and its reason names it', () => {
    const flagged = { raisedFlags: ['zero-gradient'] };
    expect(of(verification('b', 'x', flagged))).toMatchObject({
      state: 'flagged',
      ranked: false,
      reason: 'raised: zero-gradient',
      runId: 'b',
    });
    expect(of(claim('a', flagged))).toMatchObject({ state: 'flagged' });
    expect(of(claim('a', flagged), verification('b', 'x'))).toMatchObject({ state: 'verified', raisedFlags: [] });
  });

  it('disqualification overrides everything, with its public reason', () => {
    const runs = [claim('a'), verification('b', 'x', { raisedFlags: ['zero-gradient'] }), verification('c', 'y', { report: lie })];
    expect(standing(ME, runs, { disqualified: 'test images in training' })).toMatchObject({
      state: 'disqualified',
      ranked: false,
      rankings: [],
      reason: 'test images in training',
      runId: 'b',
    });
  });
});

/** Evidence drawn at random: few accounts, honest and lying reports, so that every state comes up. */
function drawnEvidence(seed: number): EvidenceRun[] {
  const word = bits({ seed, tag: 1, sample: 0, split: 'test' }, 100);
  return Array.from({ length: 1 + (word[99] % 7) }, (_, i) => {
    const pick = <T>(k: number, from: readonly T[]) => from[word[i * 10 + k] % from.length];
    const lying = pick(6, [false, false, false, true]);
    return run(`r${i}`, {
      kind: pick(0, RUN_KINDS.slice(0, seed % 5 === 0 ? 4 : 3)),
      accountId: pick(1, [ME, 'x', 'y', 'z', 'w']),
      full: pick(2, [true, true, false]),
      approved: pick(3, [true, true, false]),
      architecture: pick(4, ['ampere', 'hopper', 'rdna-2', null]),
      raisedFlags: pick(5, [[], [], [], [], [], ['zero-gradient']]),
      receivedAtMs: pick(7, [1, 2, 3]),
      level: pick(8, ['pgd', 'pgd', 'standard']),
      report: { samples: 300, trainSamples: 300, seed: pick(9, [1, 1, 1, 2]), ...(lying ? { flips: { clean: [1, 2, 3] } } : {}) },
    });
  });
}

function shuffled<T>(values: readonly T[], seed: number): T[] {
  const order = bits({ seed, tag: 2, sample: 0, split: 'test' }, values.length);
  return values
    .map((v, i) => [order[i], v] as const)
    .sort((a, b) => a[0] - b[0])
    .map(([, v]) => v);
}

describe('laws, on evidence drawn at random', () => {
  const SEEDS = Array.from({ length: 400 }, (_, i) => i + 1);
  const all = SEEDS.flatMap((seed) => {
    const result = standing(ME, drawnEvidence(seed));
    return result ? [{ seed, evidence: drawnEvidence(seed), result }] : [];
  });

  it('every state comes up', () => {
    expect(new Set(all.map((a) => a.result.state))).toEqual(new Set(STANDING_STATES.filter((s) => s !== 'disqualified')));
  });

  it('the order of the evidence does not matter', () => {
    for (const { seed, evidence } of all) {
      for (let turn = 1; turn <= 3; turn++) expect(standing(ME, shuffled(evidence, seed * 10 + turn))).toEqual(standing(ME, evidence));
    }
  });

  it('a run that comes and is revoked leaves no trace', () => {
    for (const { seed, evidence } of all) {
      const before = standing(ME, evidence);
      const [extra] = drawnEvidence(seed + 1000);
      const more = [...evidence, { ...extra, id: 'extra' }];
      standing(ME, more);
      expect(
        standing(
          ME,
          more.filter((r) => r.id !== 'extra'),
        ),
      ).toEqual(before);
    }
  });

  it('nothing that the submitter sends moves a ranked row', () => {
    for (const { seed, evidence, result } of all.filter((a) => a.result.ranked)) {
      const own = drawnEvidence(seed + 2000).map((r, i) => ({
        ...r,
        id: `own${i}`,
        accountId: ME,
        kind: r.kind === 'baseline' ? ('claim' as const) : r.kind,
      }));
      expect(standing(ME, [...evidence, ...own])).toEqual(result);
    }
  });

  it('what is ranked rests on full, unflagged, approved runs by others, and shows one of them', () => {
    for (const { evidence, result } of all) {
      const byId = new Map(evidence.map((r) => [r.id, r]));
      expect(result.ranked).toBe(result.rankings.length > 0);
      expect(result.ranked).toBe(result.state === 'verified' || result.state === 'double-verified');
      expect(result.basis).toContain(result.runId);
      expect(result.basis.some((id) => result.outvoted.includes(id))).toBe(false);
      if (!result.ranked) continue;
      for (const id of result.basis) {
        const r = byId.get(id) as EvidenceRun;
        expect(r.full && r.raisedFlags.length === 0).toBe(true);
        expect(r.kind === 'baseline' || (r.kind === 'verification' && r.approved && r.accountId !== ME)).toBe(true);
      }
    }
  });
});
