/** An account takes its data along, and leaves. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Db } from '@/db/client';
import { findAccounts, setRole } from '@/db/queries/accounts';
import { boardRows } from '@/db/queries/board';
import { recomputeStanding } from '@/db/queries/standings';
import { accounts, apikeys, files, runners, sessions, users, versions } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local, reportFor } from './testing-runner';
import { refusal, request, submitted } from './testing-submission';

let site: TestSite;
let owner: { id: string; token: string };
let slug: string;
let versionId: string;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  owner = await site.account('Ada Lovelace');
  ({ slug, versionId } = await submitted(site, owner.token, 'public'));
});
afterAll(() => site.close());

const PASSWORD = 'correct horse battery';
const leave = (body: object, token = owner.token) => site.ask('POST', '/account/delete', { token, body });
const file = () => site.ask('GET', `/models/${slug}/versions/1/files/model.json`);
const row = async () => (await boardRows(site.db, { board: request.board, protocol: '1', sort: 'pgd', limit: 10 })).rows[0];
const measured = async () => {
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  expect((await runner.send(job.id, reportFor(job))).status).toBe(201);
  return runner;
};

describe('the export', () => {
  it('holds what is stored about the account, without its password and the secrets of its tokens', async () => {
    await measured();
    const text = await (await site.ask('GET', '/account/export', { token: owner.token })).text();
    const data = JSON.parse(text) as Record<string, object[]> & { profile: object };
    expect(data.profile).toMatchObject({ id: owner.id, name: 'Ada Lovelace' });
    expect(data).toMatchObject({ models: [{ slug }], versions: [{ id: versionId }], tokens: [{ name: 'test' }], signInWith: [{}] });
    expect(data.events.map((e) => (e as { kind: string }).kind)).toEqual(expect.arrayContaining(['submitted', 'published', 'run-added']));
    const [{ password }] = await site.db.select().from(accounts).where(eq(accounts.userId, owner.id));
    const [{ key }] = await site.db.select().from(apikeys).where(eq(apikeys.referenceId, owner.id));
    for (const secret of [password as string, key, owner.token]) expect(text).not.toContain(secret);
    expect(await refusal(site.ask('GET', '/account/export'))).toMatchObject({ status: 401, code: 'sign-in-needed' });
  });
});

describe('deletion', () => {
  it('asks for the password, and a few times only', async () => {
    expect(await refusal(leave({}))).toMatchObject({ status: 400, message: expect.stringContaining('password') });
    for (let n = 0; n < 9; n++) await leave({ password: 'a guess' });
    expect(await refusal(leave({ password: PASSWORD }))).toMatchObject({ status: 429 });
    expect((await site.db.select().from(users).where(eq(users.id, owner.id)))[0].deletedAt).toBeNull();
  });

  it('asks for the name where there is no password', async () => {
    await site.db.update(accounts).set({ providerId: 'github', password: null }).where(eq(accounts.userId, owner.id));
    expect(await refusal(leave({ name: 'Ada' }))).toMatchObject({ status: 400, message: expect.stringContaining('name') });
    expect((await leave({ name: 'Ada Lovelace' })).status).toBe(200);
  });

  it('ends every session and token, frees the address, and removes drafts; what is public stays, of “deleted user”', async () => {
    await measured();
    const draft = await submitted(site, owner.token, 'begun', { sha256: 'a'.repeat(64), name: 'A draft' });
    const [{ email }] = await site.db.select().from(users).where(eq(users.id, owner.id));
    const before = await row();
    expect((await leave({ password: PASSWORD })).status).toBe(200);
    expect(await refusal(site.ask('GET', '/account/export', { token: owner.token }))).toMatchObject({ status: 401, code: 'bad-token' });
    expect(await site.db.select().from(sessions).where(eq(sessions.userId, owner.id))).toEqual([]);
    expect(await site.db.select().from(versions).where(eq(versions.id, draft.versionId))).toEqual([]);
    expect((await site.ask('GET', `/models/${draft.slug}`)).status).toBe(404);
    const after = await row();
    expect(after).toEqual({ ...before, submitter: 'deleted user' });
    expect((await file()).status).toBe(200);
    expect(JSON.stringify(await site.db.select().from(users))).not.toMatch(new RegExp(`Ada Lovelace|${email}`));
    expect(await findAccounts(site.db, 'deleted')).toEqual([]);
    expect(await setRole(site.db, owner.id, 'admin')).toBe('no-account');
  });

  it('removes the files of public models on request: 410 with a sentence, the row says so, and nothing is measured any more', async () => {
    await measured();
    const before = await row();
    expect(before.weightsRemoved).toBe(false);
    expect((await leave({ password: PASSWORD, removeWeights: true })).status).toBe(200);
    expect(await refusal(file())).toMatchObject({ status: 410, code: 'gone', message: expect.stringContaining('submitter’s wish') });
    expect(await site.db.select().from(files).where(eq(files.versionId, versionId))).toEqual([]);
    expect([...site.blobs.contents.keys()]).toEqual([]);
    expect(await row()).toMatchObject({ weightsRemoved: true, state: before.state, pgd: before.pgd });
    const { events } = (await (await site.ask('GET', `/events?model=${slug}`)).json()) as { events: { kind: string }[] };
    expect(events[0].kind).toBe('weights-removed');
    const admin = await site.account('Grace');
    await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
    await site.ask('POST', `/versions/${versionId}/measure`, { token: admin.token, body: { board: request.board } });
    expect(await (await aRunner(site, local())).lease()).toBeNull();
  });

  it('leaves what the account’s runner has signed as it was, also when the standing is found anew', async () => {
    const tester = await site.account('Grace');
    await measured();
    await site.db.update(runners).set({ local: false, ownerId: tester.id, approvedAt: new Date() });
    const again = () =>
      site.db.transaction((tx) => recomputeStanding(tx as unknown as Db, { versionId, board: request.board, protocol: '1' }));
    expect((await again())?.state).toBe('verified');
    expect((await leave({ password: PASSWORD }, tester.token)).status).toBe(200);
    expect((await again())?.state).toBe('verified');
    // And a submitter who leaves is not somebody else than the owner of his own runner.
    await site.db.update(runners).set({ ownerId: owner.id });
    await leave({ password: PASSWORD });
    expect((await again())?.state).not.toBe('verified');
  });

  it('is refused to the last admin', async () => {
    await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, owner.id));
    expect(await refusal(leave({ password: PASSWORD }))).toMatchObject({ status: 409, message: expect.stringContaining('last admin') });
    const other = await site.account('Grace');
    await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, other.id));
    expect((await leave({ password: PASSWORD })).status).toBe(200);
  });
});
