/** The queue, as everybody sees it and as its owners mend it. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { users } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local } from './testing-runner';
import { refusal, submitted } from './testing-submission';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
});
afterAll(() => site.close());

async function admin() {
  const account = await site.account('Admin');
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, account.id));
  return account;
}

/** A published model, and its job held by a runner. */
async function held() {
  const owner = await site.account();
  await submitted(site, owner.token, 'public');
  const runner = await aRunner(site, local());
  return { owner, runner, job: (await runner.lease()) as Job };
}

const get = async (path: string, token?: string) => (await site.ask('GET', path, token ? { token } : {})).json() as Promise<never>;
const post = (path: string, token?: string) => site.ask('POST', path, token ? { token } : {});

describe('everybody', () => {
  it('sees what runs, how far it is, and each time that it was handed out', async () => {
    const { runner, job } = await held();
    await runner.progress(job.id, { done: 3, total: 4, stage: 'pgd-10' });
    const running = { id: job.id, state: 'active', runner: 'box', progress: { done: 3, total: 4, stage: 'pgd-10' }, attempts: 1 };
    expect(await get('/queue')).toMatchObject({ queued: 0, active: 1, jobs: [running] });
    await runner.fail(job.id, 'device-lost');
    const failed = { attempt: 1, outcome: 'failed', runner: 'box', failure: { code: 'device-lost', message: 'because' } };
    expect(await get(`/jobs/${job.id}`)).toMatchObject({ state: 'queued', place: 1, ahead: 0, leases: [failed] });
    expect(await get('/runners')).toMatchObject({ runners: [{ id: runner.id, name: 'box', local: true, owner: null, runs: 0 }] });
  });

  it('reads nothing of what its runner wrote, cancels nothing, and has nothing measured again', async () => {
    const { job } = await held();
    const { token } = await site.account('Eve');
    expect(await refusal(site.ask('GET', `/jobs/${job.id}/log`))).toMatchObject({ status: 401, code: 'sign-in-needed' });
    expect(await refusal(site.ask('GET', `/jobs/${job.id}/log`, { token }))).toMatchObject({ status: 403, code: 'not-yours' });
    expect(await refusal(post(`/jobs/${job.id}/cancel`, token))).toMatchObject({ status: 403, code: 'not-an-admin' });
    expect(await refusal(post(`/jobs/${job.id}/retry`, token))).toMatchObject({ status: 403, code: 'not-yours' });
    const unknown = '00000000-0000-4000-8000-000000000000';
    expect(await refusal(site.ask('GET', `/jobs/${unknown}`))).toMatchObject({ status: 404, code: 'not-found' });
    expect(await refusal(site.ask('GET', '/jobs/1'))).toMatchObject({ status: 400, code: 'bad-request' });
  });
});

describe('its submitter', () => {
  it('reads the log in pieces, and has it measured again once it has ended, five times a day', async () => {
    const { owner, runner, job } = await held();
    await runner.progress(job.id, { log: 'one\n' });
    await runner.progress(job.id, { log: 'two\n' });
    const { chunks } = (await get(`/jobs/${job.id}/log`, owner.token)) as { chunks: { id: number; text: string }[] };
    expect(chunks.map((chunk) => chunk.text)).toEqual(['one\n', 'two\n']);
    expect(await get(`/jobs/${job.id}/log?after=${chunks[0].id}`, owner.token)).toMatchObject({ chunks: [{ text: 'two\n' }], next: null });
    expect(await refusal(post(`/jobs/${job.id}/cancel`, owner.token))).toMatchObject({ code: 'not-an-admin' });
    expect(await refusal(post(`/jobs/${job.id}/retry`, owner.token)), 'it runs').toMatchObject({ status: 409, code: 'not-ready' });
    await runner.fail(job.id, 'model-refused');
    const again = (await (await post(`/jobs/${job.id}/retry`, owner.token)).json()) as { jobId: string; added: boolean };
    expect(again).toMatchObject({ added: true });
    expect(again.jobId).not.toBe(job.id);
    for (let i = 0; i < 3; i++) expect(await (await post(`/jobs/${job.id}/retry`, owner.token)).json()).toEqual({ ...again, added: false });
    expect(await refusal(post(`/jobs/${job.id}/retry`, owner.token))).toMatchObject({ status: 429 });
  });
});

describe('an admin', () => {
  it('takes a job from its runner, which hears of it at its next sign of life', async () => {
    const { runner, job } = await held();
    const { token } = await admin();
    expect(await (await post(`/jobs/${job.id}/cancel`, token)).json()).toEqual({ cancelled: true });
    expect(await (await post(`/jobs/${job.id}/cancel`, token)).json()).toEqual({ cancelled: false });
    expect(await (await runner.progress(job.id)).json()).toEqual({ cancelled: true });
    expect(await get(`/jobs/${job.id}`)).toMatchObject({ state: 'cancelled' });
    expect(await (await post(`/jobs/${job.id}/retry`, token)).json()).toMatchObject({ added: true });
    expect(await runner.lease()).toMatchObject({ attempt: 1 });
  });
});
