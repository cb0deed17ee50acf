/** Runners and the pinned reference models: who is given what, and what becomes of one whose numbers drift. */
import { readFileSync } from 'node:fs';
import { eq, sql } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runnerChecks, runs, users } from '@/db/schema';
import { seed } from '@/db/seed';
import { truncateAll } from '@/db/testing/databases';
import { reportSchema } from '@/lib/protocol/report';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local } from './testing-runner';
import { refusal, submitted, variant } from './testing-submission';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  await seed(site.db, site.blobs);
});
afterAll(() => site.close());

const pinned = (model: string) => reportSchema.parse(JSON.parse(readFileSync(`db/references/${model}.json`, 'utf8')));
const fresh = { proven: false } as const;

async function withRole(role: 'runner' | 'admin') {
  const account = await site.account();
  await site.db.update(users).set({ role }).where(eq(users.id, account.id));
  return account;
}

/** Something for the queue. */
async function publish() {
  const { files, description } = variant();
  await submitted(site, (await site.account()).token, 'public', description, files);
}

/** As an idle runner finds it: all has been measured an hour ago, the model's turn has come again. */
async function isDue(runnerId: string, model: string) {
  await site.db
    .update(runnerChecks)
    .set({ endedAt: sql`now() - case when ${runnerChecks.model} = ${model} then interval '25 hours' else interval '1 hour' end` })
    .where(eq(runnerChecks.runnerId, runnerId));
}

describe('a runner without approval', () => {
  it('is given the reference models and nothing else, and shows what it is worth before anybody approves it', async () => {
    await publish();
    const runner = await aRunner(site, await withRole('runner'), 'box', fresh);
    const job = (await runner.lease()) as Job;
    const reference = pinned('glyphs_st');
    expect(job).toMatchObject({ samples: 1000, trainSamples: 2000, seed: 20231107, model: { sha256: reference.model.sha256 } });
    expect((await runner.lease())?.id, 'its answer was lost').toBe(job.id);
    for (const { sha256 } of job.model.files) expect((await runner.file(job.id, sha256)).status).toBe(200);
    expect(await (await runner.progress(job.id)).json()).toEqual({ cancelled: false });
    const sent = await runner.send(job.id, reference);
    expect([sent.status, await sent.json()]).toEqual([201, { state: 'held' }]);
    expect(await (await runner.send(job.id, reference)).json(), 'sent again').toEqual({ state: 'held' });
    expect((await runner.lease())?.model.sha256, 'Fashion-MNIST is used here').toBe(pinned('fmnist_st').model.sha256);
    expect(await site.db.$count(runs, eq(runs.runnerId, runner.id)), 'no run').toBe(0);
  });
});

describe('an approved runner', () => {
  it('measures a reference when nothing waits, or when that is long overdue', async () => {
    const runner = await aRunner(site, local());
    expect(await runner.lease()).toBeNull();
    await isDue(runner.id, 'glyphs_st');
    await publish();
    expect((await runner.lease())?.samples, 'the queue comes first').toBe(10000);
    const second = await aRunner(site, local(), 'second');
    await isDue(second.id, 'glyphs_st');
    const check = (await second.lease()) as Job;
    expect(check.samples, 'nothing waits').toBe(1000);
    await second.release(check.id);
    await site.db.update(runnerChecks).set({ endedAt: sql`now() - interval '31 hours'` });
    expect((await second.lease())?.samples).toBe(1000);
  });

  it('whose numbers drift is given nothing else until they hold again', async () => {
    const runner = await aRunner(site, local());
    await isDue(runner.id, 'glyphs_st');
    const job = (await runner.lease()) as Job;
    const reference = pinned('glyphs_st');
    const clean = reference.collapse?.clean as { nc1: number };
    const moved = { ...reference, collapse: { ...reference.collapse, clean: { ...clean, nc1: clean.nc1 * 1.01 } } };
    expect(await (await runner.send(job.id, moved)).json()).toEqual({ state: 'drifted' });
    expect((await site.db.select().from(runnerChecks).where(eq(runnerChecks.id, job.id)))[0].details?.beyond).toEqual([
      'collapse.clean.nc1',
    ]);
    await publish();
    expect(await runner.lease(), 'not before an hour').toBeNull();
    await site.db.update(runnerChecks).set({ endedAt: sql`now() - interval '2 hours'` }).where(eq(runnerChecks.id, job.id));
    const again = (await runner.lease()) as Job;
    expect(again.samples).toBe(1000);
    expect(await (await runner.send(again.id, reference)).json()).toEqual({ state: 'held' });
    expect((await runner.lease())?.samples, 'it works again').toBe(10000);
  });

  it('is believed only what was asked for, and hands a check back like any job', async () => {
    const runner = await aRunner(site, local());
    await isDue(runner.id, 'glyphs_st');
    const job = (await runner.lease()) as Job;
    const reference = pinned('glyphs_st');
    expect(await refusal(runner.send(job.id, { ...reference, seed: 1 }))).toMatchObject({ status: 422, code: 'other-job' });
    expect(await refusal(runner.send(job.id, pinned('fmnist_at')))).toMatchObject({ status: 422, code: 'other-job' });
    const { 'pgd-10': _, ...less } = reference.evidence;
    expect((await runner.send(job.id, { ...reference, evidence: less as typeof reference.evidence })).status).toBe(422);
    expect(await refusal(runner.send(job.id, reference, { signed: 'another' }))).toMatchObject({ code: 'wrong-signature' });
    expect((await runner.release(job.id)).status).toBe(200);
    expect(await refusal(runner.progress(job.id))).toMatchObject({ code: 'lease-lost' });
    const next = (await runner.lease()) as Job;
    expect(next.id).not.toBe(job.id);
    expect(await (await runner.fail(next.id, 'device-lost')).json()).toMatchObject({ state: 'failed' });
    expect(await runner.lease(), 'a failure of its own waits an hour, too').toBeNull();
  });
});
