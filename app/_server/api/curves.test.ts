/** Accuracy curves, request by request: from who asks to what the model's page shows. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { curvesOf } from '@/db/queries/curves';
import { runs, standings, users } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import type { Report } from '@/lib/protocol/report';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local } from './testing-runner';
import { refusal } from './testing-submission';
import { board, glyphs, publicGlyphs } from './testing-witnesses';

let site: TestSite;
let slug: string;
let versionId: string;
let owner: { id: string; token: string };
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  owner = await site.account('Ada');
  ({ slug, versionId } = await publicGlyphs(site, owner.token));
});
afterAll(() => site.close());

const ask = (token?: string, body: object = { board }, number = 1) =>
  site.ask('POST', `/models/${slug}/versions/${number}/curves`, { ...(token ? { token } : {}), body });
const asked = async (token: string) => {
  const answer = await ask(token);
  expect(answer.status, await answer.clone().text()).toBe(201);
  return (await answer.json()) as { jobId: string; added: boolean };
};

type CurvesJob = Job & { curves?: boolean };

/** The verification that publishing asked for goes first; it is not what is tried here. */
async function nextCurves(runner: Awaited<ReturnType<typeof aRunner>>): Promise<CurvesJob> {
  const first = (await runner.lease()) as Job;
  if (first.kind !== 'verification') return first;
  await runner.fail(first.id, 'model-refused');
  return (await runner.lease()) as CurvesJob;
}

const curve = (attack: 'apgd-ce' | 'pgd-10') => ({ attack, points: [{ at: 1, correct: 128, accuracy: 0.5 }] });

/** What a runner makes of the job: clean accuracy and the curves. */
function curvesReport(job: Job): Report {
  const report = wholeReport({ board, sha256: glyphs.sha256, seed: job.seed, samples: job.samples, trainSamples: 0, holds: 128 });
  Object.assign(report.model, { params: glyphs.graph.params, macs: glyphs.macs });
  delete report.robust;
  delete report.data.train;
  Object.assign(report, { collapse: null, collapseReason: 'no training images were asked for', simplex: {} });
  report.attacks = {};
  report.evidence = { clean: report.evidence.clean };
  report.curves = { samples: job.samples, radius: curve('apgd-ce'), steps: curve('apgd-ce'), restarts: curve('pgd-10') };
  return report;
}

it('are asked for by anybody with an account, measured by an approved runner, and shown with its run; no standing rests on them', async () => {
  const visitor = await site.account('Eve');
  const { jobId, added } = await asked(visitor.token);
  expect(added).toBe(true);
  expect(await asked(visitor.token), 'while it waits, that one is meant').toEqual({ jobId, added: false });
  const runner = await aRunner(site, local(), 'the corner');
  const job = await nextCurves(runner);
  expect(job).toMatchObject({ id: jobId, kind: 'curves', curves: true, level: 'pgd', attacks: [], samples: 256, trainSamples: 0 });
  const { curves, ...without } = curvesReport(job);
  expect(await refusal(runner.send(job.id, without))).toMatchObject({ code: 'other-job', message: 'curves: they are missing' });
  const answer = await runner.send(job.id, { ...without, curves });
  expect(answer.status, await answer.clone().text()).toBe(201);
  const { runId, state } = (await answer.json()) as { runId: string; state: string | null };
  expect(state).toBeNull();
  expect(await curvesOf(site.db, { versionId, board })).toEqual({ curves, runId, runner: 'the corner' });
  expect(await site.db.select({ kind: runs.kind }).from(runs)).toEqual([{ kind: 'curves' }]);
  expect(await site.db.select().from(standings)).toEqual([]);
  await site.db.update(runs).set({ revokedAt: new Date(), revokedReason: 'r' });
  expect(await curvesOf(site.db, { versionId, board })).toBeUndefined();
});

it('have a seed of their own, so that a verification’s stays unknown', async () => {
  const runner = await aRunner(site, local());
  const verification = (await runner.lease()) as Job;
  await runner.fail(verification.id, 'model-refused');
  await asked(owner.token);
  const curves = await runner.lease();
  expect(curves?.kind).toBe('curves');
  expect(curves?.seed).not.toBe(verification.seed);
});

it('are given to no runner without approval', async () => {
  await asked(owner.token);
  const account = await site.account('Bob');
  await site.db.update(users).set({ role: 'runner' }).where(eq(users.id, account.id));
  const runner = await aRunner(site, account, 'a box');
  expect(runner.approved).toBe(false);
  expect(await runner.lease()).toBeNull();
});

it('of others’ models come five times a day, of one’s own as often as wanted', async () => {
  const visitor = await site.account('Eve');
  for (let n = 0; n < 5; n++) await asked(visitor.token);
  expect(await refusal(ask(visitor.token))).toMatchObject({ status: 429, code: 'too-many-requests' });
  for (let n = 0; n < 6; n++) await asked(owner.token);
});

it('are refused to visitors, on boards where the version is not, and of versions that are not there', async () => {
  expect(await refusal(ask())).toMatchObject({ status: 401, code: 'sign-in-needed' });
  expect(await refusal(ask(owner.token, { board: 'cifar-10/linf' }))).toMatchObject({ status: 400, code: 'bad-request' });
  expect(await refusal(ask(owner.token, { board }, 2))).toMatchObject({ status: 404, code: 'not-found' });
});
