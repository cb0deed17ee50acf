/** What admins decide, what people bring to them, and what all of that leaves to see. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { boardRows } from '@/db/queries/board';
import { users } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local, reportFor } from './testing-runner';
import { model, refusal, request, submitted } from './testing-submission';

let site: TestSite;
let owner: { id: string; token: string };
let admin: { id: string; token: string };
let slug: string;
let versionId: string;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  [owner, admin] = [await site.account('Ada'), await site.account('Grace')];
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
  ({ slug, versionId } = await submitted(site, owner.token, 'public'));
});
afterAll(() => site.close());

const post = (path: string, token: string, body: object) => site.ask('POST', path, { token, body });
const decide = (decision: string, reason = 'it was trained on test images', token = admin.token) =>
  post(`/versions/${versionId}/decision`, token, { decision, reason });
const kinds = async () => {
  const { events } = (await (await site.ask('GET', '/events?limit=100')).json()) as {
    events: { kind: string; data: { reason?: string } }[];
  };
  return events.map(({ kind }) => kind);
};
const rows = () => boardRows(site.db, { board: request.board, protocol: '1', sort: 'pgd', limit: 10 });

async function verified(): Promise<void> {
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  expect((await runner.send(job.id, reportFor(job))).status).toBe(201);
}

const APPEAL = 'It was trained on the training split; the logs are at the address in the description.';

describe('a disqualified version', () => {
  it('stays on the board with its numbers and the reason, ranked no more; reinstated it is where it was', async () => {
    await verified();
    const before = (await rows()).rows[0];
    expect(before).toMatchObject({ state: 'verified', rankings: ['pgd'] });
    expect((await decide('disqualify')).status).toBe(200);
    expect((await rows()).rows[0]).toMatchObject({
      ...{ state: 'disqualified', reason: 'it was trained on test images', rankings: [] },
      ...{ pgd: before.pgd, runId: before.runId },
    });
    expect(await refusal(decide('disqualify'))).toMatchObject({ status: 409, code: 'not-ready' });
    expect((await decide('reinstate', 'the logs show that it was not')).status).toBe(200);
    expect((await rows()).rows[0]).toEqual(before);
    expect(await kinds()).toEqual(expect.arrayContaining(['disqualified', 'reinstated']));
  });

  it('has one appeal, of its submitter alone, answered in public; upheld it takes the decision back', async () => {
    await verified();
    const appeal = (token: string) => post(`/versions/${versionId}/appeal`, token, { text: APPEAL });
    expect(await refusal(appeal(owner.token))).toMatchObject({ status: 409, message: expect.stringContaining('neither disqualified') });
    await decide('disqualify');
    expect(await refusal(appeal(admin.token))).toMatchObject({ status: 404 });
    expect((await appeal(owner.token)).status).toBe(201);
    expect(await refusal(appeal(owner.token))).toMatchObject({ status: 409, message: expect.stringContaining('has one') });
    const waiting = (await (await site.ask('GET', '/complaints', { token: admin.token })).json()) as { appeals: object[] };
    expect(waiting.appeals).toMatchObject([{ slug, text: APPEAL, disqualified: 'it was trained on test images' }]);
    const answer = (token: string) => post(`/versions/${versionId}/appeal/answer`, token, { upheld: true, answer: 'the logs show it' });
    expect(await refusal(answer(owner.token))).toMatchObject({ status: 403, code: 'not-an-admin' });
    expect((await answer(admin.token)).status).toBe(200);
    expect(await refusal(answer(admin.token))).toMatchObject({ status: 409 });
    expect((await rows()).rows[0]).toMatchObject({ state: 'verified' });
    // Disqualified anew there is no second appeal.
    await decide('disqualify', 'another reason');
    expect(await refusal(appeal(owner.token))).toMatchObject({ status: 409 });
  });

  it('stays so where the appeal is rejected', async () => {
    await verified();
    await decide('disqualify');
    await post(`/versions/${versionId}/appeal`, owner.token, { text: APPEAL });
    await post(`/versions/${versionId}/appeal/answer`, admin.token, { upheld: false, answer: 'the logs are of another model' });
    expect((await rows()).rows[0]).toMatchObject({ state: 'disqualified' });
    expect(await kinds()).toEqual(expect.arrayContaining(['appealed', 'appeal-answered']));
  });
});

describe('a hidden version', () => {
  it('is there for its submitter and the admins; everybody else is told that it was hidden and why', async () => {
    await verified();
    expect((await decide('hide', 'its name insults somebody')).status).toBe(200);
    expect((await rows()).rows).toEqual([]);
    expect(await refusal(site.ask('GET', `/models/${slug}`))).toMatchObject({
      ...{ status: 404, message: expect.stringContaining('hidden by the admins of this site: its name insults somebody') },
    });
    for (const { token } of [owner, admin]) expect((await site.ask('GET', `/models/${slug}`, { token })).status).toBe(200);
    // It can't be thrown away and sent anew.
    expect(await refusal(site.ask('DELETE', `/submissions/${versionId}`, { token: owner.token }))).toMatchObject({ status: 409 });
    expect((await decide('show', 'it was renamed')).status).toBe(200);
    expect((await rows()).rows).toMatchObject([{ slug, state: 'verified' }]);
  });
});

describe('a locked version', () => {
  it('takes no runs and witnesses from accounts, and runners go on', async () => {
    await decide('lock', 'it is being looked into');
    const report = wholeReport({ sha256: model.sha256, samples: 100, holds: 40, trainSamples: 0 });
    expect(await refusal(post('/runs', owner.token, report))).toMatchObject({
      ...{ status: 409, code: 'locked', message: 'the version takes no runs just now: it is being looked into' },
    });
    await verified();
    await decide('unlock', 'it was looked into');
    expect((await post('/runs', owner.token, report)).status).toBe(201);
  });
});

describe('a complaint', () => {
  const complain = (token: string, more: object = {}) =>
    post(`/models/${slug}/complaints`, token, { version: 1, kind: 'licence', text: 'The weights are somebody else’s.', ...more });

  it('waits for the admins, and is answered once', async () => {
    const { id } = (await (await complain(owner.token)).json()) as { id: string };
    const list = async () =>
      ((await (await site.ask('GET', '/complaints', { token: admin.token })).json()) as { complaints: object[] }).complaints;
    expect(await list()).toMatchObject([{ id, slug, kind: 'licence', by: 'Ada', state: 'public' }]);
    expect(await refusal(site.ask('GET', '/complaints', { token: owner.token }))).toMatchObject({ status: 403 });
    const answer = () => post(`/complaints/${id}/answer`, admin.token, { answer: 'The licence was corrected.' });
    expect((await answer()).status).toBe(200);
    expect(await refusal(answer())).toMatchObject({ status: 404 });
    expect(await list()).toEqual([]);
  });

  it('needs an account, a version and a sentence; ten a day are enough', async () => {
    const body = { version: 1, kind: 'other', text: 'Something is wrong with it.' };
    expect(await refusal(site.ask('POST', `/models/${slug}/complaints`, { body }))).toMatchObject({ status: 401 });
    expect(await refusal(complain(owner.token, { version: 7 }))).toMatchObject({ status: 404 });
    expect(await refusal(complain(owner.token, { text: 'bad' }))).toMatchObject({ status: 400 });
    expect(await refusal(complain(owner.token, { kind: 'envy' }))).toMatchObject({ status: 400 });
    for (let n = 0; n < 10; n++) expect((await complain(owner.token)).status).toBe(201);
    expect(await refusal(complain(owner.token))).toMatchObject({ status: 429 });
  });
});

it('admins alone decide, and have a version measured again where it stands', async () => {
  expect(await refusal(decide('hide', 'because', owner.token))).toMatchObject({ status: 403, code: 'not-an-admin' });
  expect(await refusal(decide('burn'))).toMatchObject({ status: 400 });
  expect(
    await refusal(post(`/versions/${crypto.randomUUID()}/decision`, admin.token, { decision: 'hide', reason: 'because' })),
  ).toMatchObject({ status: 404 });
  await verified();
  const measure = (body: object, token = admin.token) => post(`/versions/${versionId}/measure`, token, body);
  expect(await (await measure({ board: request.board })).json()).toMatchObject({ added: true });
  expect(await (await measure({ board: request.board })).json()).toMatchObject({ added: false });
  expect(await refusal(measure({ board: 'cifar-10/l2' }))).toMatchObject({ status: 400 });
  expect(await refusal(measure({ board: request.board }, owner.token))).toMatchObject({ status: 403 });
});

it('a row says how many versions its submitter has sent to the board, drafts among them', async () => {
  await verified();
  expect((await rows()).rows).toMatchObject([{ variants: 1 }]);
});
