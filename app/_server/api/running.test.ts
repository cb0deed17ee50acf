/** A runner and the site, request by request: what makes a claim a fact, and what does not. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { MOST_RUNNERS } from '@/db/queries/runners';
import { cancel } from '@/db/queue/jobs';
import { queueList } from '@/db/queue/list';
import { models, type Role, runners, runs, standings, users } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import type { Report } from '@/lib/protocol/report';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local, reportFor } from './testing-runner';
import { model, refusal, request, sha256, submitted } from './testing-submission';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
});
afterAll(() => site.close());

async function withRole(role: Role) {
  const account = await site.account();
  await site.db.update(users).set({ role }).where(eq(users.id, account.id));
  return account;
}

/** As an admin does. */
async function decide(runnerId: string, what: 'approve' | 'revoke', body: object = {}): Promise<void> {
  const { token } = await withRole('admin');
  expect((await site.ask('POST', `/runners/${runnerId}/${what}`, { token, body })).status).toBe(200);
}

const standing = async () => (await site.db.select().from(standings))[0];

const onGpu = (report: Report): Report => ({ ...report, environment: { ...report.environment, backend: 'webgpu' } });

describe('a claim becomes a fact', () => {
  it('when an approved runner of somebody else has measured it in full, with a seed that only the site knew', async () => {
    const [owner, other] = [await site.account(), await withRole('runner')];
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, other);
    expect([runner.status, runner.approved]).toEqual([201, false]);
    await decide(runner.id, 'approve');
    const job = (await runner.lease()) as Job;
    expect(job).toMatchObject({ attempt: 1, samples: 10000, trainSamples: 10000, model: { sha256: model.sha256 } });
    expect(job.seed).not.toBe(20231107);
    for (const file of job.model.files)
      expect(sha256(new Uint8Array(await (await runner.file(job.id, file.sha256)).arrayBuffer()))).toBe(file.sha256);
    expect(await (await runner.progress(job.id, { log: 'so far so good\n' })).json()).toEqual({ cancelled: false });
    const sent = await runner.send(job.id, reportFor(job));
    expect(await sent.json()).toMatchObject({ state: 'verified' });
    expect(await standing()).toMatchObject({ state: 'verified', rankings: ['pgd'], pgd: 0.4 });
    const [run] = await site.db.select().from(runs);
    expect(run).toMatchObject({ kind: 'verification', runnerId: runner.id, accountId: other.id, seed: job.seed });
    expect(run.signature).toHaveLength(88);
    expect(await runner.lease()).toBeNull();
  });

  it('when the installation’s own runner has, and that is labelled by its run', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, local(), 'local');
    expect(runner.approved).toBe(true);
    const job = (await runner.lease()) as Job;
    expect(await (await runner.send(job.id, reportFor(job))).json()).toMatchObject({ state: 'verified' });
    expect((await site.db.select().from(runs))[0]).toMatchObject({ accountId: null, runnerId: runner.id });
  });

  it('not by a runner without approval, until it has it; and no more once its key is revoked', async () => {
    const [owner, other] = [await site.account(), await withRole('runner')];
    await submitted(site, owner.token, 'public');
    await site.ask('POST', '/runs', { token: owner.token, body: wholeReport({ sha256: model.sha256, holds: 5000 }) });
    const runner = await aRunner(site, other);
    expect(await runner.lease()).toBeNull();
    await decide(runner.id, 'approve');
    const job = (await runner.lease()) as Job;
    await site.db.update(runners).set({ approvedAt: null });
    expect(await (await runner.send(job.id, reportFor(job))).json()).toMatchObject({ state: 'self-reported' });
    await decide(runner.id, 'approve');
    expect(await standing()).toMatchObject({ state: 'verified', pgd: 0.4 });
    await decide(runner.id, 'revoke', { reason: 'it lied' });
    expect(await standing()).toMatchObject({ state: 'self-reported', pgd: 0.5 });
    expect((await queueList(site.db)).jobs, 'it is measured again').toMatchObject([
      { state: 'queued', reason: 'a run that it rested on was revoked' },
    ]);
    expect(await refusal(runner.progress(job.id))).toMatchObject({ status: 403, code: 'not-a-runner' });
  });

  it('a second one where another owner’s GPU of another architecture says the same: it is asked by itself', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const [ann, bob] = [await withRole('runner'), await withRole('runner')];
    const first = await aRunner(site, ann, 'first', { architecture: 'hopper' });
    const twin = await aRunner(site, bob, 'twin', { architecture: 'hopper' });
    const second = await aRunner(site, bob, 'second', { architecture: 'ampere' });
    for (const { id } of [first, twin, second]) await decide(id, 'approve');
    const job = (await first.lease()) as Job;
    expect(await (await first.send(job.id, onGpu(reportFor(job)))).json()).toMatchObject({ state: 'verified' });
    expect(await first.lease(), 'its own opinion adds nothing').toBeNull();
    expect(await twin.lease(), 'the same hardware adds nothing').toBeNull();
    const again = (await second.lease()) as Job;
    expect(again.seed).toBe(job.seed);
    const report = { ...onGpu(reportFor(again)), startedAt: '2026-01-03T03:04:05.678Z' };
    expect(await (await second.send(again.id, report)).json()).toMatchObject({ state: 'double-verified' });
    expect(await second.lease()).toBeNull();
  });

  it('under AutoAttack where its submitter claims that in full: a job of its own, after the quick one, on the first 1 000 images', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const claim = (samples: number) => wholeReport({ sha256: model.sha256, autoattack: { samples, withstand: 300 } });
    const send = (body: object) => site.ask('POST', '/runs', { token: owner.token, body });
    const runner = await aRunner(site, local(), 'gpu', { backend: 'webgpu' });
    const processor = await aRunner(site, local(), 'processor');
    /** The claims' spot checks come before; here they are left out. */
    const claimed = async (samples: number, changes: object = {}) => {
      expect((await send({ ...claim(samples), ...changes })).status).toBe(201);
      for (const job of (await queueList(site.db)).jobs) if (job.kind === 'spot') await cancel(site.db, job.jobId);
    };
    await claimed(999);
    const quick = (await runner.lease()) as Job;
    expect(quick).toMatchObject({ level: 'pgd' });
    expect(quick).not.toHaveProperty('autoattackSamples');
    await claimed(1000);
    await runner.send(quick.id, reportFor(quick));
    expect(await standing()).toMatchObject({ state: 'verified', rankings: ['pgd'] });
    expect(await processor.lease(), 'it would take days').toBeNull();
    const job = (await runner.lease()) as Job;
    expect(job).toMatchObject({ level: 'standard', samples: 10000, autoattackSamples: 1000 });
    expect(job.attacks).toContain('fab-t');
    const fewer = reportFor(job, { autoattack: { samples: 999, withstand: 300 } });
    expect(await refusal(runner.send(job.id, fewer))).toMatchObject({ code: 'other-job' });
    expect(await (await runner.send(job.id, reportFor(job))).json()).toMatchObject({ state: 'verified' });
    expect(await standing()).toMatchObject({
      rankings: ['pgd', 'autoattack'],
      autoattack: 0.3,
      robust: 0.3,
      pgd: 0.4,
      autoattackSamples: 1000,
    });
    await claimed(1000, { startedAt: '2026-02-02T03:04:05.678Z' });
    expect(await runner.lease(), 'it has been verified').toBeNull();
  });

  it('no more where approved runners disagree, until one of a third owner has decided', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const machines = [];
    for (const architecture of ['hopper', 'ampere']) {
      const runner = await aRunner(site, await withRole('runner'), architecture, { architecture });
      await decide(runner.id, 'approve');
      machines.push(runner);
    }
    const third = await aRunner(site, local(), 'local');
    const [first, second] = machines;
    const job = (await first.lease()) as Job;
    await first.send(job.id, onGpu(reportFor(job)));
    const again = (await second.lease()) as Job;
    expect(await (await second.send(again.id, onGpu(reportFor(again, { holds: 4500 })))).json()).toMatchObject({ state: 'contested' });
    expect([await first.lease(), await second.lease()]).toEqual([null, null]);
    const last = (await third.lease()) as Job;
    const report = { ...reportFor(last), startedAt: '2026-01-04T03:04:05.678Z' };
    expect(await (await third.send(last.id, report)).json()).toMatchObject({ state: 'verified' });
    expect(await standing()).toMatchObject({ pgd: 0.4 });
  });

  it('not by the submitter’s own runner', async () => {
    const [owner, other] = [await withRole('admin'), await site.account()];
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, owner);
    await decide(runner.id, 'approve');
    expect(await runner.lease(), 'it is not asked').toBeNull();
    await site.db.update(models).set({ ownerId: other.id });
    const job = (await runner.lease()) as Job;
    await site.db.update(models).set({ ownerId: owner.id });
    expect(await (await runner.send(job.id, reportFor(job))).json()).toMatchObject({ state: null });
    expect(await standing()).toBeUndefined();
  });
});

describe('a result is refused', () => {
  const ready = async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, local());
    return { runner, job: (await runner.lease()) as Job };
  };

  it.each<[string, string, (job: Job) => { report: Report; signed?: string }]>([
    ['whose bytes are not those that were signed', 'wrong-signature', (job) => ({ report: reportFor(job), signed: 'something else' })],
    ['with another seed', 'other-job', (job) => ({ report: reportFor(job, { seed: 20231107 }) })],
    ['without the checks', 'other-job', (job) => ({ report: reportFor({ ...job, checks: false }) })],
    ['with fewer images', 'other-job', (job) => ({ report: reportFor({ ...job, samples: 500 }, { holds: 200 }) })],
    [
      'without one of the attacks',
      'other-job',
      (job) => {
        const report = reportFor(job);
        delete report.attacks.sign;
        delete report.evidence.sign;
        return { report };
      },
    ],
    [
      'that does not agree with itself',
      'inconsistent-report',
      (job) => ({ report: { ...reportFor(job), clean: { accuracy: 1, loss: 0, correct: 10000 } } }),
    ],
    ['about a model that is not here', 'not-found', (job) => ({ report: reportFor(job, { sha256: '9'.repeat(64) }) })],
  ])('%s', async (_, code, change) => {
    const { runner, job } = await ready();
    const { report, signed } = change(job);
    expect((await refusal(runner.send(job.id, report, signed ? { signed } : {}))).code).toBe(code);
    expect(await site.db.select().from(runs)).toEqual([]);
    // The job is still the runner's, and a right result still counts.
    expect((await runner.send(job.id, reportFor(job))).status).toBe(201);
  });

  it('once another runner has the job; sent twice it counts once', async () => {
    const { runner, job } = await ready();
    const second = await aRunner(site, local(), 'second');
    expect((await runner.release(job.id)).status).toBe(200);
    expect((await second.lease())?.id).toBe(job.id);
    expect(await refusal(runner.send(job.id, reportFor(job)))).toMatchObject({ status: 409, code: 'lease-lost' });
    expect(await refusal(runner.progress(job.id))).toMatchObject({ status: 409, code: 'lease-lost' });
    const first = (await (await second.send(job.id, reportFor(job))).json()) as { runId: string };
    expect(await (await second.send(job.id, reportFor(job))).json()).toMatchObject({ runId: first.runId });
    expect(await site.db.select().from(runs)).toHaveLength(1);
  });
});

describe('a job', () => {
  it('comes with a publication, once, and not for a draft', async () => {
    const owner = await site.account();
    const { versionId } = await submitted(site, owner.token, 'checked');
    const runner = await aRunner(site, local());
    expect(await runner.lease()).toBeNull();
    await site.ask('POST', `/submissions/${versionId}/publish`, { token: owner.token });
    await site.ask('POST', '/runs', { token: owner.token, body: wholeReport({ sha256: model.sha256 }) });
    const job = (await runner.lease()) as Job;
    expect((await runner.lease())?.id).toBe(job.id);
    expect(await (await aRunner(site, local(), 'second')).lease()).toBeNull();
  });

  it('fails for good where the model is at fault, and waits again where we are', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, local());
    const job = (await runner.lease()) as Job;
    expect(await (await runner.fail(job.id, 'device-lost')).json()).toEqual({ state: 'queued', attempt: 1 });
    expect(await runner.lease()).toMatchObject({ id: job.id, attempt: 2 });
    expect(await (await runner.fail(job.id, 'model-refused')).json()).toEqual({ state: 'failed', attempt: 2 });
    expect(await runner.lease()).toBeNull();
  });

  it('that is cancelled says so to its runner', async () => {
    const owner = await site.account();
    await submitted(site, owner.token, 'public');
    const runner = await aRunner(site, local());
    const job = (await runner.lease()) as Job;
    await cancel(site.db, job.id);
    expect(await (await runner.progress(job.id)).json()).toEqual({ cancelled: true });
  });
});

it('only accounts with the role may run runners, and only with their own; files are for the holder of the job', async () => {
  const [owner, submitter, other] = [await site.account(), await site.account(), await withRole('runner')];
  await submitted(site, owner.token, 'public');
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  const hash = request.files[0].sha256;
  const as = (token?: string) => (token ? { token } : {});
  const lease = (token?: string) => refusal(site.ask('POST', `/runners/${runner.id}/lease`, { ...as(token), body: {} }));
  expect(await lease(submitter.token)).toMatchObject({ status: 403, code: 'not-a-runner' });
  expect(await lease(other.token)).toMatchObject({ status: 403, code: 'not-a-runner' });
  expect(await lease()).toMatchObject({ status: 401 });
  expect(await lease(`local_${'0'.repeat(64)}`)).toMatchObject({ status: 401, code: 'bad-token' });
  expect(await refusal(site.ask('GET', `/jobs/${job.id}/files/${hash}`, { token: other.token }))).toMatchObject({ code: 'lease-lost' });
  expect((await runner.file(job.id, hash)).status).toBe(200);
  // The installation's token is no account's.
  expect((await site.ask('POST', '/submissions', { token: local().token, body: request })).status).toBe(401);
});

it('nobody but an admin decides about runners, and about those alone that there are', async () => {
  const [other, admin] = [await withRole('runner'), await withRole('admin')];
  const runner = await aRunner(site, other);
  const ask = (token: string, id: string, what: string) =>
    refusal(site.ask('POST', `/runners/${id}/${what}`, { token, body: what === 'revoke' ? { reason: 'because' } : {} }));
  for (const what of ['approve', 'revoke']) {
    expect(await ask(other.token, runner.id, what)).toMatchObject({ status: 403, code: 'not-an-admin' });
    expect(await ask(admin.token, crypto.randomUUID(), what)).toMatchObject({ status: 404 });
  }
});

it('an account has a bounded number of runners, those apart whose keys were revoked; one that is known comes again', async () => {
  const [owner, admin] = [await withRole('runner'), await withRole('admin')];
  const first = await aRunner(site, owner);
  const [row] = await site.db.select().from(runners).where(eq(runners.id, first.id));
  const more = Array.from({ length: MOST_RUNNERS - 1 }, (_, i) => ({ ...row, id: crypto.randomUUID(), publicKey: `key ${i}` }));
  await site.db.insert(runners).values(more);
  const register = (publicKey: string) => {
    const { name, backend, device, architecture, engine, versions } = row;
    return site.ask('POST', '/runners', {
      token: owner.token,
      body: { name, publicKey, backend, device, architecture, engine, versions },
    });
  };
  const another = Buffer.alloc(32, 7).toString('base64');
  expect(await refusal(register(another))).toMatchObject({ status: 409, code: 'too-many-runners' });
  expect((await register(row.publicKey)).status).toBe(201);
  await site.ask('POST', `/runners/${more[0].id}/revoke`, { token: admin.token, body: { reason: 'it is gone' } });
  expect((await register(another)).status).toBe(201);
});
