/** What others do about an account's models is told on its page, and by letter to who asked for it. */
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { noticesOf, sawNotices, unreadOf } from '@/db/queries/notices';
import { type Letter, users } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { sendLetter } from '../mail';
import { type SmtpServer, smtpServer } from '../testing-smtp';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local, reportFor } from './testing-runner';
import { submitted } from './testing-submission';

let site: TestSite;
let mail: SmtpServer;
let owner: { id: string; token: string };
let admin: { id: string; token: string };
let slug: string;
beforeAll(async () => {
  [site, mail] = [await testSite(), await smtpServer()];
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  [owner, admin] = [await site.account('Ada'), await site.account('Grace')];
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
  ({ slug } = await submitted(site, owner.token, 'public'));
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => Promise.all([site.close(), mail.close()]));

const kinds = async (of: string) => (await noticesOf(site.db, of)).map(({ kind }) => kind);
const unread = async (token?: string) =>
  ((await (await site.ask('GET', '/account/notices/unread', token ? { token } : {})).json()) as { unread: number }).unread;
/** Has letters, to a confirmed address, from now on. */
async function wants(letters: Letter[], confirmed = true): Promise<void> {
  vi.stubEnv('SMTP_URL', mail.url);
  await site.db.update(users).set({ letters, emailVerified: confirmed }).where(eq(users.id, owner.id));
}
const measured = async () => {
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  expect((await runner.send(job.id, reportFor(job))).status).toBe(201);
};
const failing = async () => {
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  const body = { runner: runner.id, code: 'model-refused', message: 'it has no layers' };
  expect((await site.ask('POST', `/jobs/${job.id}/failure`, { token: local().token, body })).status).toBe(200);
};
const complaintAnswered = async () => {
  const body = { version: 1, kind: 'score', text: 'The number can’t be right.' };
  const asked = await site.ask('POST', `/models/${slug}/complaints`, { token: owner.token, body });
  const { id } = (await asked.json()) as { id: string };
  await site.ask('POST', `/complaints/${id}/answer`, { token: admin.token, body: { answer: 'It was looked into.' } });
};

it('own deeds are no news; a measurement is, until the page was seen', async () => {
  expect(await kinds(owner.id)).toEqual([]);
  await measured();
  expect(await kinds(owner.id)).toEqual(expect.arrayContaining(['run-added', 'state-changed']));
  expect([await unread(owner.token), await unread(admin.token), await unread()]).toEqual([2, 0, 0]);
  const [newest] = await noticesOf(site.db, owner.id);
  await sawNotices(site.db, owner.id, newest.id);
  await sawNotices(site.db, owner.id, 1);
  expect(await unreadOf(site.db, owner.id)).toBe(0);
});

it('failures and answers are told to whom they are for, and stand in no feed and no history', async () => {
  await failing();
  await complaintAnswered();
  expect(await kinds(owner.id)).toEqual(['complaint-answered', 'measuring-failed']);
  expect(await kinds(admin.id)).toEqual([]);
  const feed = await (await site.ask('GET', '/events?limit=200')).text();
  expect(feed).not.toMatch(/complaint-answered|measuring-failed|looked into/);
});

it('letters come to a confirmed address, of the kinds that were asked for, and answers in any case', async () => {
  await wants(['failed']);
  await failing();
  const failed = await mail.next();
  expect(failed.raw).toMatch(/could not be measured[\s\S]*it has no layers[\s\S]*\/models\//);
  await complaintAnswered();
  expect((await mail.next()).raw).toContain('It was looked into.');
});

it('none comes to who did not ask, or did not confirm', async () => {
  const before = mail.letters.length;
  await wants([]);
  await measured();
  await wants(['measured'], false);
  await complaintAnswered();
  await sendLetter({ to: 'last@example.org', subject: 'The last', sentence: 's', path: '/' });
  expect((await mail.next()).to).toBe('last@example.org');
  expect(mail.letters.length).toBe(before + 1);
});

it('a mail server that is away costs nothing but the letter', async () => {
  await wants(['measured']);
  vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
  const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  await measured();
  await vi.waitFor(() => expect(logged.mock.calls.flat().join()).toMatch(/a letter was not sent/));
  logged.mockRestore();
});
