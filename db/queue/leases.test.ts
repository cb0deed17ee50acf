import { randomUUID } from 'node:crypto';
import { eq, sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Db } from '../client';
import { queueLeases } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { jobs, type VerificationJob, type WitnessJob } from './boss';
import { cancel, enqueue, retry } from './jobs';
import { complete, expire, fail, lease, release, renew } from './leases';

const job = (changes: Partial<VerificationJob> = {}): VerificationJob => ({
  kind: 'verification',
  versionId: randomUUID(),
  board: 'fashion-mnist/linf',
  protocol: '1',
  level: 'pgd',
  reason: 'a claim was stored',
  ...changes,
});

const progress = { done: 3, total: 10, stage: 'pgd' };
const silent = (db: Db, jobId: string) =>
  db.update(queueLeases).set({ expiresAt: sql`clock_timestamp() - interval '1 second'` }).where(eq(queueLeases.jobId, jobId));
const stateOf = async (db: Db, jobId: string) => (await db.select({ state: jobs.state }).from(jobs).where(eq(jobs.id, jobId)))[0]?.state;

onEachDatabase('the queue', ({ test }) => {
  test('hands out a job once, and again to the runner that holds it', async (db) => {
    const wanted = job();
    const { jobId, added } = await enqueue(db, wanted);
    expect(added).toBe(true);
    const [one, other] = [randomUUID(), randomUUID()];
    expect(await lease(db, one, 60)).toEqual({ jobId, job: wanted, attempt: 1, seconds: 60 });
    expect(await lease(db, other, 60)).toBeUndefined();
    expect(await lease(db, one, 60)).toEqual({ jobId, job: wanted, attempt: 1, seconds: 60 });
    expect(await db.select().from(queueLeases)).toHaveLength(1);
  });

  test('hands out the oldest first', async (db) => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i++) {
      const { jobId } = await enqueue(db, job());
      // All of this test is one transaction, in which the clock that they are filed by stands still.
      await db.execute(sql`update pgboss.job set created_on = clock_timestamp() where id = ${jobId}`);
      ids.push(jobId);
    }
    for (const jobId of ids) expect((await lease(db, randomUUID(), 60))?.jobId).toBe(jobId);
  });

  test('lets nobody keep a runner at judging witnesses: after five of them it does other work, where there is some', async (db) => {
    const witness = (): WitnessJob => ({ ...job(), kind: 'witness', fileId: randomUUID() });
    for (let i = 0; i < 8; i++) await enqueue(db, witness());
    const waiting = await enqueue(db, job());
    const runner = randomUUID();
    const kinds: string[] = [];
    for (let i = 0; i < 9; i++) {
      const next = await lease(db, runner, 60);
      if (!next) throw new Error('expected a job');
      kinds.push(next.job.kind);
      if (i === 5) expect(next.jobId).toBe(waiting.jobId);
      await complete(db, next.jobId, runner);
    }
    expect(kinds).toEqual([...Array(5).fill('witness'), 'verification', ...Array(3).fill('witness')]);
    expect(await lease(db, runner, 60)).toBeUndefined();
  });

  test('has one job for a version, board and protocol, until that has ended', async (db) => {
    const wanted = job();
    const { jobId } = await enqueue(db, wanted);
    expect(await enqueue(db, { ...wanted, reason: 'another reason' })).toEqual({ jobId, added: false });
    expect(await enqueue(db, { ...wanted, board: 'fashion-mnist/l2' })).toMatchObject({ added: true });
    const runner = randomUUID();
    await lease(db, runner, 60);
    expect(await enqueue(db, wanted), 'while it runs').toEqual({ jobId, added: false });
    await complete(db, jobId, runner);
    expect(await enqueue(db, wanted)).toMatchObject({ added: true });
  });

  test('keeps nothing of a transaction that is rolled back', async (db) => {
    const wanted = job();
    await db
      .transaction(async (tx) => {
        expect(await enqueue(tx as unknown as Db, wanted)).toMatchObject({ added: true });
        throw new Error('rolled back');
      })
      .catch(() => undefined);
    expect(await lease(db, randomUUID(), 60)).toBeUndefined();
    expect(await enqueue(db, wanted)).toMatchObject({ added: true });
  });

  test('takes a result from the holder alone, and once', async (db) => {
    const { jobId } = await enqueue(db, job());
    const [holder, other] = [randomUUID(), randomUUID()];
    expect(await complete(db, jobId, holder), 'nobody holds it').toBe('lost');
    await lease(db, holder, 60);
    expect(await complete(db, jobId, other)).toBe('lost');
    expect(await complete(db, randomUUID(), holder), 'no such job').toBe('lost');
    expect(await complete(db, jobId, holder)).toBe('done');
    expect(await complete(db, jobId, holder)).toBe('done already');
    expect(await complete(db, jobId, other)).toBe('lost');
    expect(await stateOf(db, jobId)).toBe('completed');
    expect(await renew(db, jobId, holder, progress)).toBe('lost');
    expect(await release(db, jobId, holder)).toBe('lost');
    expect(await fail(db, jobId, holder, { code: 'stopped', message: '', final: false })).toBe('lost');
    expect(await stateOf(db, jobId)).toBe('completed');
  });

  test('gives the job of a silent runner to another, and the late result does not count', async (db) => {
    const { jobId } = await enqueue(db, job());
    const [dead, alive] = [randomUUID(), randomUUID()];
    await lease(db, dead, 60);
    await silent(db, jobId);
    expect(await lease(db, alive, 60)).toMatchObject({ jobId, attempt: 2 });
    expect(await renew(db, jobId, dead, progress)).toBe('lost');
    expect(await complete(db, jobId, dead)).toBe('lost');
    expect(await complete(db, jobId, alive)).toBe('done');
    expect(await complete(db, jobId, dead)).toBe('lost');
    const rows = await db.select().from(queueLeases).orderBy(queueLeases.id);
    expect(rows.map((r) => [r.runnerId, r.outcome, r.message])).toEqual([
      [dead, 'expired', 'the runner did not answer'],
      [alive, 'done', null],
    ]);
  });

  test('fails a job whose runners were silent three times', async (db) => {
    const { jobId } = await enqueue(db, job());
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await lease(db, randomUUID(), 60)).toMatchObject({ jobId, attempt });
      expect(await expire(db), 'in time').toBe(0);
      await silent(db, jobId);
      expect(await expire(db)).toBe(1);
    }
    expect(await stateOf(db, jobId)).toBe('failed');
    expect(await lease(db, randomUUID(), 60)).toBeUndefined();
  });

  test('tries a failed job three times, and a model at fault once', async (db) => {
    const ours = { code: 'device-lost', message: 'the GPU went away', final: false };
    const { jobId } = await enqueue(db, job());
    const runner = randomUUID();
    for (const [attempt, state] of [
      [1, 'queued'],
      [2, 'queued'],
      [3, 'failed'],
    ] as const) {
      expect(await lease(db, runner, 60)).toMatchObject({ jobId, attempt });
      expect(await fail(db, jobId, randomUUID(), ours), 'not its job').toBe('lost');
      expect(await fail(db, jobId, runner, ours)).toEqual({ state, attempt });
    }
    expect(await lease(db, runner, 60)).toBeUndefined();
    const second = await enqueue(db, job());
    await lease(db, runner, 60);
    const theirs = { code: 'model-refused', message: 'layer 3 has weights that are not finite', final: true };
    expect(await fail(db, second.jobId, runner, theirs)).toEqual({ state: 'failed', attempt: 1 });
  });

  test('takes a released job back to the front, at no cost', async (db) => {
    const first = await enqueue(db, job());
    await db.execute(sql`update pgboss.job set created_on = created_on - interval '1 minute'`);
    await enqueue(db, job());
    const runner = randomUUID();
    for (let i = 0; i < 5; i++) {
      expect(await lease(db, runner, 60)).toMatchObject({ jobId: first.jobId, attempt: 1 });
      expect(await release(db, first.jobId, randomUUID())).toBe('lost');
      expect(await release(db, first.jobId, runner)).toBe('released');
      expect(await release(db, first.jobId, runner)).toBe('lost');
    }
    await lease(db, runner, 60);
    await fail(db, first.jobId, runner, { code: 'stopped', message: '', final: false });
    expect(await lease(db, runner, 60)).toMatchObject({ jobId: first.jobId, attempt: 2 });
    await release(db, first.jobId, runner);
    expect(await lease(db, runner, 60), 'the failed attempt still counts').toMatchObject({ attempt: 2 });
  });

  test('tells the runner of a cancelled job, and takes no result of it', async (db) => {
    const { jobId } = await enqueue(db, job());
    const runner = randomUUID();
    await lease(db, runner, 60);
    expect(await renew(db, jobId, runner, progress)).toEqual({ cancelled: false });
    expect(await cancel(db, jobId)).toBe(true);
    expect(await renew(db, jobId, runner, progress)).toEqual({ cancelled: true });
    expect(await complete(db, jobId, runner)).toBe('lost');
    expect(await cancel(db, jobId), 'twice').toBe(false);
    const other = await enqueue(db, job());
    expect(await cancel(db, other.jobId), 'one that waits').toBe(true);
    expect(await cancel(db, randomUUID()), 'no such job').toBe(false);
    expect(await lease(db, runner, 60)).toBeUndefined();
  });

  test('runs a job that ended anew, with three attempts', async (db) => {
    const wanted = job();
    const { jobId } = await enqueue(db, wanted);
    expect(await retry(db, jobId), 'it waits').toBeUndefined();
    await cancel(db, jobId);
    const again = await retry(db, jobId);
    expect(again).toMatchObject({ added: true });
    expect(again?.jobId).not.toBe(jobId);
    expect(await retry(db, jobId), 'twice').toEqual({ jobId: again?.jobId, added: false });
    expect(await lease(db, randomUUID(), 60)).toMatchObject({ jobId: again?.jobId, job: wanted, attempt: 1 });
  });

  test('notes how far a job is, with each sign of life', async (db) => {
    const { jobId } = await enqueue(db, job());
    const runner = randomUUID();
    await lease(db, runner, 60);
    expect(await renew(db, jobId, randomUUID(), progress)).toBe('lost');
    const before = (await db.select().from(queueLeases))[0];
    expect(await renew(db, jobId, runner, progress)).toEqual({ cancelled: false });
    const after = (await db.select().from(queueLeases))[0];
    expect(after).toMatchObject(progress);
    expect(after.expiresAt.getTime()).toBeGreaterThan(before.expiresAt.getTime());
  });
});
