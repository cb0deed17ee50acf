import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Db } from '../client';
import { onEachDatabase } from '../testing/databases';
import type { VerificationJob } from './boss';
import { cancel, enqueue } from './jobs';
import { complete, fail, lease, release, renew } from './leases';
import { jobOf, pace, queueList } from './list';

/** Files a job as it would be had it come by itself: within the test's transaction the clock stands still. */
async function file(db: Db): Promise<VerificationJob & { jobId: string }> {
  const job = {
    kind: 'verification' as const,
    versionId: randomUUID(),
    board: 'fashion-mnist/linf',
    protocol: '1',
    level: 'pgd',
    reason: 'a claim was stored',
  };
  const { jobId } = await enqueue(db, job);
  await db.execute(sql`update pgboss.job set created_on = clock_timestamp() where id = ${jobId}`);
  return { ...job, jobId };
}

onEachDatabase('what everybody sees of the queue', ({ test }) => {
  test('is empty at first', async (db) => {
    expect(await queueList(db)).toEqual({ queued: 0, active: 0, jobs: [] });
    expect(await pace(db, 'pgd')).toEqual({ durations: [], runners: 0 });
    expect(await jobOf(db, { versionId: randomUUID(), board: 'glyphs/linf', protocol: '1' })).toBeUndefined();
  });

  test('names what runs, what waits in its order, and what failed, with reasons', async (db) => {
    const filed = [];
    for (let i = 0; i < 6; i++) filed.push(await file(db));
    const [one, two] = [randomUUID(), randomUUID()];
    await lease(db, one, 60);
    await fail(db, filed[0].jobId, one, { code: 'model-refused', message: 'layer 3 is not finite', final: true });
    await lease(db, one, 60);
    await renew(db, filed[1].jobId, one, { done: 40, total: 500, stage: 'pgd' });
    await lease(db, two, 60);
    await fail(db, filed[2].jobId, two, { code: 'device-lost', message: 'the GPU went away', final: false });
    await cancel(db, filed[5].jobId);
    const list = await queueList(db);
    expect(list).toMatchObject({ queued: 3, active: 1 });
    const { jobId, ...payload } = filed[1];
    const running = { ...payload, jobId, state: 'active', place: null, ahead: null, attempts: 1, runnerId: one, failure: null };
    expect(list.jobs[0]).toMatchObject({ ...running, progress: { done: 40, total: 500, stage: 'pgd' } });
    expect(list.jobs[0].startedAt).toBeInstanceOf(Date);
    const again = { state: 'queued', place: 1, ahead: 1, attempts: 1, runnerId: two };
    expect(list.jobs[1]).toMatchObject({ ...again, jobId: filed[2].jobId, failure: { code: 'device-lost', message: 'the GPU went away' } });
    const fresh = { state: 'queued', attempts: 0, runnerId: null, startedAt: null, failure: null, progress: null };
    expect(list.jobs[2]).toMatchObject({ ...fresh, jobId: filed[3].jobId, place: 2, ahead: 2 });
    expect(list.jobs[3]).toMatchObject({ ...fresh, jobId: filed[4].jobId, place: 3, ahead: 3 });
    expect(list.jobs[4]).toMatchObject({ jobId: filed[0].jobId, state: 'failed', failure: { message: 'layer 3 is not finite' } });
    expect(list.jobs).toHaveLength(5);
    const first = await queueList(db, 2);
    expect(first.queued, 'all of them are counted').toBe(3);
    expect(first.jobs.filter((j) => j.state === 'queued').map((j) => j.place)).toEqual([1, 2]);
  });

  test('tells where the job of one version stands', async (db) => {
    const filed = [];
    for (let i = 0; i < 3; i++) filed.push(await file(db));
    const runner = randomUUID();
    expect(await jobOf(db, filed[2])).toMatchObject({ jobId: filed[2].jobId, state: 'queued', place: 3, ahead: 2 });
    await lease(db, runner, 60);
    expect(await jobOf(db, filed[2])).toMatchObject({ place: 2, ahead: 2 });
    expect(await jobOf(db, filed[0])).toMatchObject({ state: 'active', place: null, attempts: 1, runnerId: runner });
    await release(db, filed[0].jobId, runner);
    expect(await jobOf(db, filed[0])).toMatchObject({ state: 'queued', place: 1, ahead: 0, attempts: 0 });
    await lease(db, runner, 60);
    await complete(db, filed[0].jobId, runner);
    expect(await jobOf(db, filed[0])).toMatchObject({ state: 'done', place: null });
    await cancel(db, filed[1].jobId);
    expect(await jobOf(db, filed[1])).toMatchObject({ state: 'cancelled', place: null });
  });

  test('knows how long jobs took and who works', async (db) => {
    const [one, two] = [randomUUID(), randomUUID()];
    const { jobId } = await file(db);
    await file(db);
    await lease(db, one, 60);
    await lease(db, two, 60);
    await db.execute(sql`update queue_leases set leased_at = leased_at - interval '90 seconds'`);
    await complete(db, jobId, one);
    const { durations, runners } = await pace(db, 'pgd');
    expect(runners).toBe(2);
    expect(durations).toHaveLength(1);
    expect(durations[0]).toBeGreaterThanOrEqual(90);
    expect(durations[0]).toBeLessThan(150);
    expect((await pace(db, 'standard')).durations, 'AutoAttack takes a time of its own').toEqual([]);
    await db.execute(sql`update queue_leases set ended_at = ended_at - interval '11 minutes'`);
    expect((await pace(db, 'pgd')).runners, 'one has been idle').toBe(1);
  });
});
