/** Many runners at once, with commits of their own and the database's own clock: nothing is lost, nothing counted twice. */
import { randomUUID } from 'node:crypto';
import { and, eq, isNull, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { philox4x32 } from '../../lib/random';
import type { Db } from '../client';
import { queueLeases, queueLogs } from '../schema';
import { truncateAll } from '../testing/databases';
import { ownDatabase } from '../testing/own-database';
import { jobs, type VerificationJob } from './boss';
import { cancel, enqueue } from './jobs';
import { complete, expire, fail, type Lease, lease, release, renew } from './leases';
import { queueList } from './list';

const times = <T>(n: number, work: (i: number) => Promise<T>) => Promise.all(Array.from({ length: n }, (_, i) => work(i)));
const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const progress = { done: 1, total: 2, stage: 'pgd' };

const job = (): VerificationJob => ({
  kind: 'verification',
  versionId: randomUUID(),
  board: 'fashion-mnist/linf',
  protocol: '1',
  level: 'pgd',
  reason: 'a claim was stored',
});

describe.each(['PGlite', 'PostgreSQL', '@vercel/postgres'] as const)('runners at once on %s', (kind) => {
  const absent = kind === 'PGlite' ? '' : inject('postgresAbsent');
  if (absent) return it.skip(absent, () => undefined);

  let db: Db;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await ownDatabase(kind));
  });
  beforeEach(() => truncateAll(db));
  afterAll(() => close?.());

  const inTransaction = <T>(work: (tx: Db) => Promise<T>) => db.transaction((tx) => work(tx as unknown as Db));
  const states = async () => (await db.select({ id: jobs.id, state: jobs.state }).from(jobs)).map((j) => j.state);

  /** Takes the result and keeps it, a log line standing for it, in one transaction. */
  const finish = (jobId: string, runnerId: string) =>
    inTransaction(async (tx) => {
      const answer = await complete(tx, jobId, runnerId);
      if (answer === 'done') await tx.insert(queueLogs).values({ jobId, text: `result of ${runnerId}` });
      return answer;
    });

  it('never hold the same job, and each of twenty gets one of ten or none', async () => {
    for (let i = 0; i < 10; i++) await enqueue(db, job());
    const runners = Array.from({ length: 20 }, () => randomUUID());
    const got = await Promise.all(runners.map((r) => lease(db, r, 60)));
    const ids = got.filter((l) => l !== undefined).map((l) => l.jobId);
    expect(ids).toHaveLength(10);
    expect(new Set(ids).size).toBe(10);
    const again = await Promise.all(runners.map((r) => lease(db, r, 60)));
    expect(again).toEqual(got);
  });

  it('of which one asks ten times at once holds one job', async () => {
    for (let i = 0; i < 10; i++) await enqueue(db, job());
    const runner = randomUUID();
    const got = await times(10, () => lease(db, runner, 60));
    expect(new Set(got.map((l) => l?.jobId)).size).toBe(1);
    expect(await db.select().from(queueLeases)).toHaveLength(1);
  });

  it('find one job, however many wanted it at once', async () => {
    const wanted = job();
    const got = await times(20, () => inTransaction((tx) => enqueue(tx, wanted)));
    expect(new Set(got.map((g) => g.jobId)).size).toBe(1);
    expect(got.filter((g) => g.added)).toHaveLength(1);
  });

  it('find nothing of a transaction that was rolled back', async () => {
    await inTransaction(async (tx) => {
      await enqueue(tx, job());
      throw new Error('rolled back');
    }).catch(() => undefined);
    expect(await lease(db, randomUUID(), 60)).toBeUndefined();
    expect(await states()).toEqual([]);
  });

  it('lose a job after a second of silence by the database’s clock, and keep it while they give signs of life', async () => {
    await enqueue(db, job());
    const [first, second] = [randomUUID(), randomUUID()];
    const { jobId } = (await lease(db, first, 1)) as Lease;
    for (let i = 0; i < 8; i++) {
      await wait(200);
      expect(await renew(db, jobId, first, progress)).toEqual({ cancelled: false });
      expect(await lease(db, second, 1)).toBeUndefined();
    }
    await wait(1100);
    expect(await lease(db, second, 1)).toMatchObject({ jobId, attempt: 2 });
    expect(await finish(jobId, first)).toBe('lost');
    await wait(1100);
    expect(await expire(db)).toBe(1);
    expect(await finish(jobId, second)).toBe('lost');
    expect(await states()).toEqual(['created']);
  });

  it('whose result, expiry, failure, release and cancellation come at once: one of them happens', async () => {
    for (let i = 0; i < 20; i++) await enqueue(db, job());
    const held = await times(20, async () => {
      const runner = randomUUID();
      return { runner, jobId: ((await lease(db, runner, 60)) as Lease).jobId };
    });
    await db.update(queueLeases).set({ expiresAt: sql`clock_timestamp() - interval '1 second'` });
    const answers = await Promise.all(
      held.map(async ({ runner, jobId }, i) => {
        const ways = [
          () => finish(jobId, runner),
          () => finish(jobId, runner),
          () => expire(db),
          () => inTransaction((tx) => fail(tx, jobId, runner, { code: 'device-lost', message: '', final: true })),
          () => release(db, jobId, runner),
          () => cancel(db, jobId),
        ];
        return (await Promise.all(ways.map((_, w) => ways[(w + i) % ways.length]()))).filter((a) => a === 'done').length;
      }),
    );
    expect(Math.max(...answers)).toBeLessThanOrEqual(1);
    expect(await db.select().from(queueLeases).where(isNull(queueLeases.endedAt))).toEqual([]);
    const leases = await db.select().from(queueLeases);
    expect(leases, 'nobody else took one').toHaveLength(20);
    const rows = await db.select({ id: jobs.id, state: jobs.state }).from(jobs);
    expect(rows).toHaveLength(20);
    const results = await db.select().from(queueLogs);
    for (const { jobId, outcome } of leases) {
      const state = rows.find((r) => r.id === jobId)?.state;
      const possible = { done: ['completed'], failed: ['failed'], expired: ['created', 'cancelled'], released: ['created', 'cancelled'] };
      expect({ ...possible, cancelled: ['cancelled'] }[outcome as 'done']).toContain(state);
      expect(results.filter((r) => r.jobId === jobId)).toHaveLength(outcome === 'done' ? 1 : 0);
    }
  });

  it('twenty of which die, stall, fail and hand back at random end two hundred jobs, each with one result or three failures', async () => {
    const added = await inTransaction(async (tx) => {
      const ids: string[] = [];
      for (let i = 0; i < 200; i++) ids.push((await enqueue(tx, job())).jobId);
      return ids;
    });
    const told = new Map<string, number>();
    const say = (what: string) => told.set(what, (told.get(what) ?? 0) + 1);
    const until = performance.now() + 110_000;
    await times(20, async (n) => {
      let id = randomUUID();
      const out = new Uint32Array(4);
      for (let i = 0; performance.now() < until; i++) {
        const got = await lease(db, id, 1);
        if (!got) {
          const { queued, active } = await queueList(db, 1);
          if (!queued && !active) return;
          await wait(100);
          continue;
        }
        philox4x32(i, n, 0, 0, 7, 0, out);
        const chance = out[0] / 2 ** 32;
        if (chance < 0.1) {
          say('died');
          id = randomUUID(); // another takes its place; nobody speaks for the job any more
        } else if (chance < 0.15) {
          await wait(1300);
          say(`late: ${await finish(got.jobId, id)}`);
        } else if (chance < 0.25)
          say(
            `failed: ${JSON.stringify(await inTransaction((tx) => fail(tx, got.jobId, id, { code: 'device-lost', message: 'gone', final: false })))}`,
          );
        else if (chance < 0.35) say(`handed back: ${await release(db, got.jobId, id)}`);
        else if (chance < 0.45) say(`twice: ${(await times(2, () => finish(got.jobId, id))).sort()}`);
        else say(await finish(got.jobId, id));
      }
    });
    const rows = await db.select({ id: jobs.id, state: jobs.state }).from(jobs);
    expect(new Set(rows.map((r) => r.id))).toEqual(new Set(added));
    expect(
      rows.every((r) => r.state === 'completed' || r.state === 'failed'),
      `${[...told].join('; ')}`,
    ).toBe(true);
    expect(told.get('died')).toBeGreaterThan(5);
    const results = (await db.select().from(queueLogs)).map((r) => r.jobId).sort();
    const completed = rows.filter((r) => r.state === 'completed').map((r) => r.id);
    expect(results, 'one result for each, and none for others').toEqual(completed.sort());
    for (const { id, state } of rows) {
      const spent = await db
        .select()
        .from(queueLeases)
        .where(and(eq(queueLeases.jobId, id)));
      const counted = spent.filter((l) => l.outcome === 'failed' || l.outcome === 'expired').length;
      if (state === 'failed') expect(counted).toBe(3);
      else expect(counted).toBeLessThan(3);
    }
  }, 120_000);
});
