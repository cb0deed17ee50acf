import { eq } from 'drizzle-orm';
import { expect } from 'vitest';
import { packBitmap, toBase64, unpackBitmap } from '../../lib/protocol/evidence';
import { wholeReport } from '../../lib/testing/whole-report';
import { events, runs, standings } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { anAccount, aRun, aVersion } from '../testing/rows';
import { revokeRun } from './runs';

onEachDatabase('runs', ({ test }) => {
  test('a claim gives a version a standing with the numbers of its report', async (db) => {
    const owner = await anAccount(db);
    const { version } = await aVersion(db, { ownerId: owner });
    const report = wholeReport();
    const { runId, known } = await aRun(db, version.id, report, 'claim', owner);
    expect(known).toBe(false);
    const [row] = await db.select().from(standings).where(eq(standings.versionId, version.id));
    expect(row).toMatchObject({
      board: 'fashion-mnist/linf',
      protocol: '1',
      state: 'self-reported',
      rankings: [],
      runId,
      full: true,
      clean: 0.8,
      pgd10: 0.401,
      pgd: 0.4,
      robust: 0.4,
      autoattack: null,
      nc1: 1.8,
      nc4: 0.0905,
      nc1Adversarial: 7.2,
      meansRank: 9,
    });
    expect(row.nc2).toBeCloseTo((0.09 + 0.1 + 0.13 + 0.06) / 4, 12);
    expect(row.collapse).toBeGreaterThan(0);
    expect(row.measuredAt.getTime()).toBeGreaterThan(Date.parse('2026-01-03'));
    expect([...unpackBitmap(row.robustBits as Uint8Array, 10000)].reduce((n, b) => n + b, 0)).toBe(4000);
  });

  test('AutoAttack’s number is what holds under all four of its attacks, and is there only with all of them', async (db) => {
    const whole = wholeReport();
    const first = (n: number) => toBase64(packBitmap(Array.from({ length: 10000 }, (_, i) => i < n)));
    const four = { 'apgd-ce': first(3900), 'apgd-t': first(3500), 'fab-t': first(3800), square: first(3700) };
    const number = async (evidence: Record<string, string>) => {
      const { version } = await aVersion(db);
      await aRun(db, version.id, { ...whole, evidence: { ...whole.evidence, ...evidence } });
      return (await db.select().from(standings).where(eq(standings.versionId, version.id)))[0].autoattack;
    };
    expect(await number(four)).toBe(0.35);
    const { square: _, ...three } = four;
    expect(await number(three)).toBeNull();
  });

  test('a run with AutoAttack on the first images shows PGD of all of them, and best known of the first', async (db) => {
    const { version } = await aVersion(db, { baseline: true });
    const row = async () => (await db.select().from(standings).where(eq(standings.versionId, version.id)))[0];
    await aRun(db, version.id, wholeReport(), 'baseline');
    expect(await row()).toMatchObject({ rankings: ['pgd'], robust: 0.4, autoattackSamples: null });
    const standard = wholeReport({ autoattack: { samples: 1000, withstand: 900 } });
    const { runId } = await aRun(db, version.id, standard, 'baseline');
    const first = await row();
    expect(first).toMatchObject({
      ...{ state: 'verified', rankings: ['pgd', 'autoattack'], runId, full: true, samples: 10000, autoattackSamples: 1000 },
      ...{ clean: 0.8, pgd: 0.4, autoattack: 0.9, robust: 0.9 },
    });
    expect([first.robustLow, first.robustHigh]).toEqual(standard.robust?.interval95);
    expect([first.pgdBits?.length, first.robustBits?.length]).toEqual([1250, 125]);
    expect(await db.select().from(runs).where(eq(runs.id, runId))).toMatchObject([
      { level: 'standard', autoattackSamples: 1000, robustCorrect: 900 },
    ]);
  });

  test('best known is the least of all that counts: another run’s AutoAttack, and its PGD, on the images that those ran on', async (db) => {
    const { version } = await aVersion(db, { baseline: true });
    const of = (samples: number, withstand: number, startedAt: string) =>
      wholeReport({ startedAt: `2026-01-02T03:0${startedAt}:00.000Z`, autoattack: { samples, withstand } });
    await aRun(db, version.id, of(2000, 1999, '1'), 'baseline');
    await aRun(db, version.id, of(1000, 999, '2'), 'baseline');
    const [row] = await db.select().from(standings).where(eq(standings.versionId, version.id));
    // Image 999 falls to the smaller run, image 1999 to the larger, which is shown.
    expect(row).toMatchObject({ autoattackSamples: 2000, autoattack: 1999 / 2000, robust: 1998 / 2000 });
  });

  test('AutoAttack on fewer images than a ranked run’s makes the run a preview', async (db) => {
    const { version } = await aVersion(db, { baseline: true });
    await aRun(db, version.id, wholeReport({ autoattack: { samples: 999, withstand: 900 } }), 'baseline');
    const [row] = await db.select().from(standings).where(eq(standings.versionId, version.id));
    expect(row).toMatchObject({ full: false, rankings: [], autoattackSamples: 999, autoattack: 900 / 999 });
  });

  test('the exact bytes of a report are kept, and are a run once', async (db) => {
    const { version } = await aVersion(db);
    const report = wholeReport();
    const first = await aRun(db, version.id, report);
    const second = await aRun(db, version.id, report);
    expect(second).toMatchObject({ runId: first.runId, known: true });
    const rows = await db.select().from(runs).where(eq(runs.versionId, version.id));
    expect(rows.map((r) => r.report)).toEqual([JSON.stringify(report)]);
  });

  test('a baseline is verified by the installation itself, a preview never ranks', async (db) => {
    const full = await aVersion(db, { baseline: true });
    await aRun(db, full.version.id, wholeReport(), 'baseline');
    const preview = await aVersion(db, { baseline: true });
    await aRun(db, preview.version.id, wholeReport({ samples: 500, holds: 200 }), 'baseline');
    const state = async (id: string) => (await db.select().from(standings).where(eq(standings.versionId, id)))[0];
    expect(await state(full.version.id)).toMatchObject({ state: 'verified', rankings: ['pgd'] });
    expect(await state(preview.version.id)).toMatchObject({ state: 'self-reported', rankings: [], full: false });
  });

  test('a claim that two other accounts agree with is reproduced; a revoked one takes that back', async (db) => {
    const [owner, first, second] = [await anAccount(db), await anAccount(db), await anAccount(db)];
    const { version } = await aVersion(db, { ownerId: owner });
    const at = (minute: number) => wholeReport({ startedAt: `2026-01-02T03:0${minute}:00.000Z` });
    await aRun(db, version.id, at(0), 'claim', owner);
    await aRun(db, version.id, at(1), 'reproduction', first);
    const third = await aRun(db, version.id, at(2), 'reproduction', second);
    const state = async () => (await db.select().from(standings).where(eq(standings.versionId, version.id)))[0]?.state;
    expect(await state()).toBe('reproduced');
    expect(await revokeRun(db, third.runId, 'the account was sold')).toBe(true);
    expect(await state()).toBe('self-reported');
    expect(await revokeRun(db, third.runId, 'again')).toBe(false);
    const changes = await db.select().from(events).where(eq(events.versionId, version.id)).orderBy(events.id);
    expect(changes.filter((e) => e.kind === 'state-changed').map((e) => e.data)).toEqual([
      { from: null, to: 'self-reported' },
      { from: 'self-reported', to: 'reproduced' },
      { from: 'reproduced', to: 'self-reported' },
    ]);
  });

  test('without any run that counts there is no standing', async (db) => {
    const { version } = await aVersion(db);
    const { runId } = await aRun(db, version.id, wholeReport());
    await revokeRun(db, runId, 'a mistake');
    expect(await db.select().from(standings).where(eq(standings.versionId, version.id))).toEqual([]);
    expect(await db.select().from(runs).where(eq(runs.versionId, version.id))).toMatchObject([{ revokedReason: 'a mistake' }]);
  });
});
