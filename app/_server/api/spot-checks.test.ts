/** Spot checks, request by request: from the claim that is sent to what everybody may read of its check. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { revokeRun } from '@/db/queries/runs';
import { jobs } from '@/db/queue/boss';
import { type Role, spotChecks, spotResults, standings, users, witnessFiles } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { drawnBy } from '@/lib/protocol/spot-check';
import { type TestSite, testSite } from './testing';
import { aRunner, local } from './testing-runner';
import { claimOfNothing, resultOf, type SpotJob, standardClaim } from './testing-spot';
import { refusal } from './testing-submission';
import { board, draftOfGlyphs, publicGlyphs, verdictOn, witnessFile } from './testing-witnesses';

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

/** Sends a claim; resolves to its run. */
async function claimed(report = standardClaim(), token = owner.token): Promise<string> {
  const answer = await site.ask('POST', '/runs', { token, body: report });
  expect(answer.status, await answer.clone().text()).toBe(201);
  return ((await answer.json()) as { runId: string }).runId;
}
const checkOf = async (runId: string) => (await site.db.select().from(spotChecks).where(eq(spotChecks.runId, runId)))[0];
const shown = async (runId: string) => ((await (await site.ask('GET', `/runs/${runId}`)).json()) as { spotCheck: object | null }).spotCheck;
const waiting = async () =>
  (await site.db.select({ data: jobs.data, state: jobs.state }).from(jobs)).filter((j) => j.state === 'created').map((j) => j.data);
const spotted = async (runner: { lease(): Promise<unknown> }) => (await runner.lease()) as SpotJob;

async function withRole(role: Role) {
  const account = await site.account();
  await site.db.update(users).set({ role }).where(eq(users.id, account.id));
  return account;
}
async function decide(runnerId: string, what: 'approve' | 'revoke', body: object = {}): Promise<void> {
  const { token } = await withRole('admin');
  expect((await site.ask('POST', `/runners/${runnerId}/${what}`, { token, body })).status).toBe(200);
}

describe('a claim of AutoAttack’s level', () => {
  it('is attacked again on 7 % of what it calls robust, with its own seed; where none breaks it has passed, and does not rank', async () => {
    const runId = await claimed(standardClaim(4000, 77));
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    expect(job).toMatchObject({ kind: 'spot', board, seed: 77, restarts: 1 });
    expect(job.attacks).toEqual(['pgd-10', 'pgd-margin', 'apgd-ce', 'apgd-t', 'fab-t', 'square']);
    expect(job.indices).toHaveLength(280);
    expect(new Set(job.indices).size).toBe(280);
    for (const index of job.indices) expect(index).toBeLessThan(4000);
    expect((await runner.file(job.id, job.model.files[0].sha256)).status).toBe(200);
    const answer = await runner.send(job.id, resultOf(job));
    expect([answer.status, await answer.json()]).toEqual([201, { state: 'passed' }]);
    expect(await shown(runId)).toMatchObject({ verdict: 'passed', stage: 1, robust: 4000, attacked: 280, broken: 0 });
    const [standing] = await site.db.select().from(standings).where(eq(standings.versionId, versionId));
    expect([standing.state, standing.rankings]).toEqual(['self-reported', []]);
    const again = await runner.send(job.id, resultOf(job));
    expect([again.status, await again.json()], 'the first answer was lost').toEqual([201, { state: 'passed' }]);
    const history = (await (await site.ask('GET', `/events?model=${slug}`)).json()) as { events: object[] };
    expect(history.events[0]).toMatchObject({
      kind: 'spot-checked',
      runId,
      data: { verdict: 'passed', attacked: 280, broken: 0, robust: 4000 },
    });
  });

  it('goes on to 15.5 % where one to three break, which lower the score as witnesses whatever becomes of the claim', async () => {
    const runId = await claimed();
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    const broken = job.indices.slice(5, 7);
    expect(await (await runner.send(job.id, resultOf(job, broken))).json()).toEqual({ state: 'draw-more' });
    expect(await shown(runId)).toMatchObject({ verdict: null, stage: 2, attacked: 280, broken: 2 });

    const judging = await spotted(runner);
    expect(judging, 'what broke is judged first').toMatchObject({ kind: 'witness', witnesses: { images: 2 } });
    expect((await runner.send(judging.id, verdictOn(judging, witnessFile(broken), [0.2, 0.3]))).status).toBe(201);
    const [{ robust }] = await site.db.select().from(standings).where(eq(standings.versionId, versionId));
    expect(robust).toBe(0.3998);
    const found = (await (await site.ask('GET', `/models/${slug}/witnesses`)).json()) as { witnesses: object[] };
    expect(found.witnesses).toEqual([expect.objectContaining({ broken: 2, first: 2, by: null })]);

    const second = await spotted(runner);
    expect(second.kind).toBe('spot');
    expect(second.indices).toHaveLength(drawnBy(4000, 2) - 280);
    expect(second.indices.filter((index) => job.indices.includes(index))).toEqual([]);
    expect(await (await runner.send(second.id, resultOf(second, second.indices.slice(0, 1)))).json()).toEqual({ state: 'passed' });
    expect(await shown(runId)).toMatchObject({ verdict: 'passed', stage: 2, attacked: 620, broken: 3 });
  });

  it('is measured in full, with a seed that nobody could foresee, where more break; the work that waited before stays', async () => {
    const runId = await claimed();
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    const broken = job.indices.slice(0, 4);
    expect(await (await runner.send(job.id, resultOf(job, broken))).json()).toEqual({ state: 'measure-in-full' });
    expect(await shown(runId)).toMatchObject({ verdict: 'measure-in-full', stage: 1, attacked: 280, broken: 4 });
    const left = await waiting();
    expect(
      left
        .filter((j) => j.kind === 'verification')
        .map((j) => j.kind === 'verification' && j.level)
        .sort(),
    ).toEqual(['pgd', 'standard']);
    expect(left.find((j) => j.kind === 'verification' && j.level === 'standard')?.reason, 'it waited already').toMatch(/AutoAttack/);
    expect(left.filter((j) => j.kind === 'spot')).toEqual([]);
  });

  it('has no check where it calls nothing robust; nor has one of level pgd', async () => {
    for (const report of [claimOfNothing(), { ...standardClaim(), level: 'pgd' as const }])
      expect(await shown(await claimed(report))).toBeNull();
    expect((await waiting()).filter((j) => j.kind === 'spot')).toEqual([]);
  });
});

describe('a runner', () => {
  it('is the only one that is told the samples, until the check has ended', async () => {
    const runId = await claimed();
    const details = async () =>
      (await (await site.ask('GET', `/runs/${runId}/spot-check`)).json()) as { samples: number[]; results: object[] };
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    expect(await details()).toMatchObject({ verdict: null, samples: [], results: [] });
    for (const path of [`/runs/${runId}`, `/models/${slug}`, '/queue', `/queue/${job.id}`, `/events?model=${slug}`]) {
      const text = await (await site.ask('GET', path)).text();
      expect(text, path).not.toContain(job.indices.slice(0, 3).join(','));
    }
    await runner.send(job.id, resultOf(job));
    const after = await details();
    expect(after).toMatchObject({ verdict: 'passed', samples: job.indices });
    expect(after.results).toEqual([expect.objectContaining({ stage: 1, broken: 0, runner: 'box', result: JSON.stringify(resultOf(job)) })]);
  });

  it('of the submitter is not asked', async () => {
    await site.db.update(users).set({ role: 'runner' }).where(eq(users.id, owner.id));
    await claimed();
    const own = await aRunner(site, owner);
    await decide(own.id, 'approve');
    expect(await own.lease()).toBeNull();
    const other = await aRunner(site, await withRole('runner'));
    expect(await other.lease(), 'not approved').toBeNull();
    await decide(other.id, 'approve');
    expect((await other.lease())?.kind).toBe('spot');
  });

  it('that says what cannot be proved is refused', async () => {
    await claimed();
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    const [a, b, c, d, e, f] = job.indices;
    const standing = Array.from({ length: 4000 }, (_, i) => i).find((i) => !job.indices.includes(i)) as number;
    const said = (broken: number[], changes: object = {}) => refusal(runner.send(job.id, resultOf(job, broken, changes)));
    const without = resultOf(job, [a]);
    delete without.witnesses;
    expect(await refusal(runner.send(job.id, without))).toMatchObject({
      code: 'witness-refused',
      message: expect.stringMatching(/missing/),
    });
    const of = (indices: number[], changes = {}) => Buffer.from(witnessFile(indices, changes)).toString('base64');
    expect(await said([a, b, c, d, e, f], { witnesses: of([a, b]) })).toMatchObject({
      message: expect.stringMatching(/2 of them, but 6 samples are said to break/),
    });
    expect(await said([a], { witnesses: of([b]) })).toMatchObject({
      code: 'witness-refused',
      message: expect.stringContaining(`${b} is not among`),
    });
    expect(await said([a], { witnesses: of([a], { delta: 4000 }) })).toMatchObject({
      code: 'witness-refused',
      message: expect.stringMatching(/out of its range|leaves the ball/),
    });
    expect(await said([], { indices: [...job.indices.slice(1), standing].sort((x, y) => x - y) })).toMatchObject({
      code: 'other-job',
      message: expect.stringMatching(/^indices/),
    });
    expect(await said([], { attacks: ['pgd-10'] })).toMatchObject({ code: 'other-job', message: expect.stringMatching(/^attacks/) });
    expect(await said([], { seed: job.seed + 1 })).toMatchObject({ code: 'other-job', message: expect.stringMatching(/^seed/) });
    expect(await said([], { claim: 'a'.repeat(64) })).toMatchObject({ code: 'other-job', message: expect.stringMatching(/^claim/) });
    expect(await said([], { held: 'AAAA' })).toMatchObject({ code: 'witness-refused', message: expect.stringMatching(/^held: 3 bytes/) });
    expect(await refusal(runner.send(job.id, resultOf(job), { signed: 'something else' }))).toMatchObject({ code: 'wrong-signature' });
    expect([await site.db.$count(spotResults), await site.db.$count(witnessFiles)]).toEqual([0, 0]);
    expect((await runner.send(job.id, resultOf(job))).status, 'and may still say it right').toBe(201);
  });

  it('whose key is revoked takes its checks back: they are made again by another, on the same samples', async () => {
    const runId = await claimed();
    const first = await aRunner(site, await withRole('runner'), 'first');
    await decide(first.id, 'approve');
    const job = await spotted(first);
    await first.send(job.id, resultOf(job));
    expect((await checkOf(runId)).verdict).toBe('passed');
    await decide(first.id, 'revoke', { reason: 'it lied' });
    expect(await shown(runId)).toMatchObject({ verdict: null, stage: 1, attacked: 0, endedAt: null });
    const second = await aRunner(site, local(), 'second');
    const again = await spotted(second);
    expect([again.kind, again.id === job.id]).toEqual(['spot', false]);
    expect(again.indices).toEqual(job.indices);
    const broken = again.indices.slice(0, 9);
    expect(await (await second.send(again.id, resultOf(again, broken))).json()).toEqual({ state: 'measure-in-full' });
  });

  it('whose claim was revoked meanwhile keeps nothing', async () => {
    const runId = await claimed();
    const runner = await aRunner(site, local());
    const job = await spotted(runner);
    expect(await revokeRun(site.db, runId, 'a mistake')).toBe(true);
    expect(await refusal(runner.send(job.id, resultOf(job)))).toMatchObject({ code: 'lease-lost' });
    expect(await site.db.$count(spotResults)).toBe(0);
  });
});

it('a claim on a draft is checked once its version is public', async () => {
  await truncateAll(site.db);
  owner = await site.account('Ada');
  const draft = await draftOfGlyphs(site, owner.token);
  const runId = await claimed();
  expect(await checkOf(runId)).toBeUndefined();
  expect((await site.ask('POST', `/submissions/${draft.versionId}/publish`, { token: owner.token })).status).toBe(200);
  expect(await checkOf(runId)).toMatchObject({ robust: 4000, stage: 1, verdict: null });
  expect((await waiting()).filter((j) => j.kind === 'spot')).toMatchObject([{ runId, stage: 1 }]);
});
