import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { REFERENCES, type ReferenceOutcome } from '../../lib/protocol/reference-check';
import type { Db } from '../client';
import { runnerChecks, runners } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { agreementByArchitecture, beginCheck, endCheck, newestChecks, referenceStanding, renewCheck, runningCheck } from './runner-checks';

let keys = 0;
async function aRunner(db: Db, changes: Partial<typeof runners.$inferInsert> = {}): Promise<string> {
  const about = { local: false, name: 'box', backend: 'wasm', device: 'd', engine: 'e', versions: {} } as const;
  const [row] = await db
    .insert(runners)
    .values({ ...about, publicKey: `key ${++keys}`, ...changes })
    .returning();
  return row.id;
}

const details: ReferenceOutcome = { held: true, outcomes: 4000, flips: 1, cleanCollapse: 1e-5, otherCollapse: 2e-3, beyond: [] };

/** Measured by the runner, `hours` ago. */
async function measured(db: Db, runner: string, model: string, outcome: 'held' | 'drifted' | 'failed', hours = 0) {
  const reference = REFERENCES.find((r) => r.model === model) ?? REFERENCES[0];
  const { id } = await beginCheck(db, runner, reference, 60);
  const end =
    outcome === 'failed'
      ? ({ outcome, message: 'm' } as const)
      : { outcome, details: { ...details, held: outcome === 'held' }, report: '{}', signature: `of ${id}` };
  expect(await endCheck(db, id, runner, end)).toBe(outcome);
  await db
    .update(runnerChecks)
    .set({ endedAt: sql`clock_timestamp() - ${hours} * interval '1 hour'` })
    .where(eq(runnerChecks.id, id));
}

onEachDatabase('the daily check of a runner', ({ test }) => {
  test('is due for each reference once a day, the longest ago first, and sooner where it did not hold', async (db) => {
    const runner = await aRunner(db);
    const at = async () => referenceStanding(db, runner, REFERENCES);
    expect(await at()).toEqual({ due: REFERENCES[0], pressing: false, drifted: false });
    await measured(db, runner, 'glyphs_st', 'held', 2);
    await measured(db, runner, 'fmnist_st', 'held', 1);
    expect(await at()).toMatchObject({ due: { model: 'fmnist_at' }, pressing: false });
    await measured(db, runner, 'fmnist_at', 'held');
    expect(await at()).toEqual({ pressing: false, drifted: false });
    await measured(db, runner, 'fmnist_at', 'drifted', -0.001);
    expect(await at()).toEqual({ pressing: false, drifted: true });
    await measured(db, runner, 'fmnist_at', 'failed', -0.002);
    expect(await at(), 'failing says nothing of the numbers').toEqual({ pressing: false, drifted: true });
    await db.update(runnerChecks).set({ endedAt: sql`ended_at - interval '25 hours'` });
    expect(await at()).toMatchObject({ due: { model: 'glyphs_st' }, pressing: false, drifted: true });
    await db.update(runnerChecks).set({ endedAt: sql`ended_at - interval '6 hours'` });
    expect(await at(), 'the runner came just now').toMatchObject({ pressing: false });
    await db.update(runners).set({ createdAt: sql`now() - interval '9 days'` });
    expect(await at()).toMatchObject({ due: { model: 'glyphs_st' }, pressing: true });
    await measured(db, runner, 'fmnist_at', 'held');
    expect(await at()).toMatchObject({ drifted: false });
  });

  test('knows only references that the site can serve', async (db) => {
    const runner = await aRunner(db);
    await measured(db, runner, 'glyphs_st', 'held');
    expect(await referenceStanding(db, runner, REFERENCES.slice(0, 1))).toEqual({ pressing: false, drifted: false });
    expect(await referenceStanding(db, runner, [])).toEqual({ pressing: false, drifted: false });
  });

  test('is one at a time, kept by signs of life, and ends once', async (db) => {
    const [runner, other] = [await aRunner(db), await aRunner(db)];
    const check = await beginCheck(db, runner, REFERENCES[0], 60);
    expect((await beginCheck(db, runner, REFERENCES[1], 60)).id).toBe(check.id);
    expect((await runningCheck(db, runner))?.id).toBe(check.id);
    expect(await runningCheck(db, other)).toBeUndefined();
    expect(await renewCheck(db, check.id, runner, 60)).toBe(true);
    expect(await renewCheck(db, check.id, other, 60)).toBe(false);
    const end = { outcome: 'held', details, report: '{}', signature: 's' } as const;
    expect(await endCheck(db, check.id, other, end)).toBeUndefined();
    expect(await endCheck(db, check.id, runner, end)).toBe('held');
    expect(await endCheck(db, check.id, runner, end), 'its answer was lost').toBe('held');
    expect(await endCheck(db, check.id, runner, { ...end, signature: 'another' })).toBeUndefined();
    expect(await endCheck(db, check.id, runner, { outcome: 'released' })).toBeUndefined();
    expect(await renewCheck(db, check.id, runner, 60)).toBe(false);
  });

  test('ends by itself where the runner is silent, and counts for nothing then', async (db) => {
    const runner = await aRunner(db);
    const { id } = await beginCheck(db, runner, REFERENCES[0], -1);
    expect(await runningCheck(db, runner)).toBeUndefined();
    expect(await renewCheck(db, id, runner, 60)).toBe(false);
    expect(await referenceStanding(db, runner, REFERENCES)).toMatchObject({ due: REFERENCES[0] });
    expect(await newestChecks(db)).toEqual([]);
  });

  test('is summed up by architecture, without what was revoked', async (db) => {
    const [one, two] = [await aRunner(db, { architecture: 'ampere' }), await aRunner(db)];
    await measured(db, one, 'glyphs_st', 'held');
    await measured(db, one, 'fmnist_st', 'drifted');
    await measured(db, two, 'glyphs_st', 'held');
    await measured(db, await aRunner(db, { architecture: 'ampere', revokedAt: new Date() }), 'glyphs_st', 'held');
    expect(await agreementByArchitecture(db)).toEqual([
      { architecture: 'ampere', checks: 2, held: 1, outcomes: 8000, flips: 2, cleanCollapse: 1e-5, otherCollapse: 2e-3 },
      { architecture: 'wasm', checks: 1, held: 1, outcomes: 4000, flips: 1, cleanCollapse: 1e-5, otherCollapse: 2e-3 },
    ]);
    expect((await newestChecks(db)).length).toBe(4);
  });
});
