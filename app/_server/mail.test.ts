/** Letters through nodemailer to a mail server of the test's own. */
import { eq } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { sessions, users, verifications } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { type TestSite, testSite } from './api/testing';
import { refusal } from './api/testing-submission';
import { auth } from './auth';
import { mailServerAnswers, sendLetter } from './mail';
import { type SmtpServer, smtpServer } from './testing-smtp';

let site: TestSite;
let mail: SmtpServer;
beforeAll(async () => {
  [site, mail] = [await testSite(), await smtpServer()];
});
beforeEach(async () => {
  await truncateAll(site.db);
  vi.stubEnv('SMTP_URL', mail.url);
  forgetAuth();
});
afterEach(() => {
  vi.unstubAllEnvs();
  forgetAuth();
});
afterAll(() => Promise.all([site.close(), mail.close()]));

/** Its options are read once. */
const forgetAuth = () => {
  (globalThis as { __auth?: unknown }).__auth = undefined;
};
const person = { name: 'Ada', email: 'ada@example.org', password: 'correct horse battery' };
const signUp = async () => (await (await auth()).api.signUpEmail({ body: person })).user.id;
const tokenIn = (raw: string) => decodeURIComponent(/token=([^\s&]+)/.exec(raw)?.[1] as string);
const setPassword = async (token: string, newPassword: string) => (await auth()).api.resetPassword({ body: { token, newPassword } });
const signIn = async (password: string) => (await auth()).api.signInEmail({ body: { email: person.email, password } });

describe('a letter', () => {
  it('has the sentence, one link, and the sender that was set', async () => {
    vi.stubEnv('MAIL_FROM', 'The site <site@example.org>');
    vi.stubEnv('SITE_URL', 'https://site.example');
    await sendLetter({ to: 'bob@example.org', subject: 'S', sentence: 'It happened.', path: '/a?b=c' });
    const { to, raw } = await mail.next();
    expect(to).toBe('bob@example.org');
    expect(raw).toContain('From: The site <site@example.org>');
    expect(raw).toContain('It happened.\r\n\r\nhttps://site.example/a?b=c');
  });

  it('that is refused, or has no server to go to, is an error', async () => {
    const strict = await smtpServer({ refuses: true });
    vi.stubEnv('SMTP_URL', strict.url);
    const letter = { to: 'b@example.org', subject: 'S', sentence: 's', path: '/' };
    await expect(sendLetter(letter)).rejects.toThrow(/550/);
    expect(await mailServerAnswers()).toBe(true);
    await strict.close();
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    expect(await mailServerAnswers()).toBe(false);
    expect(logged).toHaveBeenCalledOnce();
    logged.mockRestore();
    await expect(sendLetter(letter)).rejects.toThrow(/ECONNREFUSED/);
    vi.stubEnv('SMTP_URL', '');
    await expect(sendLetter(letter)).rejects.toThrow('SMTP_URL is not set');
  });
});

describe('signing up', () => {
  it('sends a link that confirms the address; signing in needs no confirmation', async () => {
    const id = await signUp();
    const { to, raw } = await mail.next();
    expect(to).toBe(person.email);
    await signIn(person.password);
    const confirmed = async () => (await site.db.select().from(users).where(eq(users.id, id)))[0].emailVerified;
    expect(await confirmed()).toBe(false);
    await (await auth()).api.verifyEmail({ query: { token: tokenIn(raw) } });
    expect(await confirmed()).toBe(true);
  });

  it('works while the mail server is away, and says so in the log without the address', async () => {
    vi.stubEnv('SMTP_URL', 'smtp://127.0.0.1:1');
    forgetAuth();
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    await signUp();
    await vi.waitFor(() => expect(logged).toHaveBeenCalled());
    expect(logged.mock.calls.flat().join()).toMatch(/was not sent/);
    expect(logged.mock.calls.flat().join()).not.toContain(person.email);
    logged.mockRestore();
    await signIn(person.password);
  });
});

describe('a new password', () => {
  it('is set by the letter’s link, once, and ends every session', async () => {
    const id = await signUp();
    await mail.next();
    await (await auth()).api.requestPasswordReset({ body: { email: person.email } });
    const { raw } = await mail.next();
    expect(raw).toContain('/signin/new-password?token=');
    const token = tokenIn(raw);
    expect(JSON.stringify(await site.db.select().from(verifications)), 'the token itself is kept nowhere').not.toContain(token);
    await setPassword(token, 'another horse battery');
    expect(await site.db.select().from(sessions).where(eq(sessions.userId, id))).toEqual([]);
    await expect(setPassword(token, 'a third horse battery')).rejects.toMatchObject({ body: { code: 'INVALID_TOKEN' } });
    await expect(signIn(person.password)).rejects.toMatchObject({ status: 'UNAUTHORIZED' });
    await signIn('another horse battery');
  });

  it('is asked for a few times in an hour, and an address that nobody has gets no letter', async () => {
    const before = mail.letters.length;
    const ask = async () => (await auth()).api.requestPasswordReset({ body: { email: 'nobody@example.org' } });
    for (let n = 0; n < 5; n++) expect((await ask()).status).toBe(true);
    await expect(ask()).rejects.toMatchObject({ status: 'TOO_MANY_REQUESTS' });
    expect(mail.letters.length).toBe(before);
  });

  it('comes by an admin’s link where no mail is sent, once and within a day; nobody else makes one', async () => {
    vi.stubEnv('SMTP_URL', '');
    forgetAuth();
    const [id, admin, other] = [await signUp(), await site.account('Grace'), await site.account('Eve')];
    await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
    const ask = (token: string, of = id) => site.ask('POST', `/accounts/${of}/reset-link`, { token });
    expect(await refusal(ask(other.token))).toMatchObject({ status: 403, code: 'not-an-admin' });
    expect(await refusal(ask(admin.token, 'nobody'))).toMatchObject({ status: 404 });
    const { link } = (await (await ask(admin.token)).json()) as { link: string };
    await setPassword(tokenIn(link), 'another horse battery');
    await signIn('another horse battery');
    await expect(setPassword(tokenIn(link), 'a third horse battery')).rejects.toMatchObject({ body: { code: 'INVALID_TOKEN' } });
    const late = tokenIn(((await (await ask(admin.token)).json()) as { link: string }).link);
    const [{ expiresAt }] = await site.db.select().from(verifications);
    expect(Math.round((expiresAt.getTime() - Date.now()) / 3_600_000)).toBe(24);
    await site.db.update(verifications).set({ expiresAt: new Date(Date.now() - 1000) });
    await expect(setPassword(late, 'a third horse battery')).rejects.toMatchObject({ body: { code: 'INVALID_TOKEN' } });
    vi.stubEnv('SMTP_URL', mail.url);
    expect(await refusal(ask(admin.token))).toMatchObject({ status: 409, message: expect.stringContaining('sends mail') });
  });
});
