/** Sign-in with GitHub as a browser goes through it, against a played GitHub. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { accounts, users } from '@/db/schema';
import { reroute } from '@/db/testing/reroute.mjs';
import { APP, codeOf, type GithubPerson, HOSTS, playGithub } from '../../e2e/played-github.mjs';
import { type TestSite, testSite } from './api/testing';
import { auth } from './auth';

const ORIGIN = 'http://localhost:3000';
let site: TestSite;
const undo: (() => unknown)[] = [];

beforeAll(async () => {
  const { GITHUB_CLIENT_ID, GITHUB_CLIENT_SECRET, SITE_URL } = process.env;
  Object.assign(process.env, { GITHUB_CLIENT_ID: APP.clientId, GITHUB_CLIENT_SECRET: APP.clientSecret, SITE_URL: ORIGIN });
  const played = await playGithub();
  const restore = reroute((host) => (HOSTS.includes(host) ? played.origin : undefined));
  site = await testSite();
  undo.push(
    restore,
    played.close,
    () => site.close(),
    () =>
      Object.assign(process.env, {
        GITHUB_CLIENT_ID: GITHUB_CLIENT_ID ?? '',
        GITHUB_CLIENT_SECRET: GITHUB_CLIENT_SECRET ?? '',
        SITE_URL: SITE_URL ?? '',
      }),
  );
});
afterAll(async () => {
  for (const step of undo) await step();
});

let address = 0;
const cookies = (response: Response) =>
  response.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');

/** Where GitHub is to be asked, and what the browser keeps meanwhile. */
async function begin() {
  const answer = await (await auth()).handler(
    new Request(`${ORIGIN}/api/auth/sign-in/social`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: ORIGIN, 'x-forwarded-for': `10.9.0.${++address}` },
      body: JSON.stringify({ provider: 'github', callbackURL: '/submit', errorCallbackURL: '/signin?next=%2Fsubmit' }),
    }),
  );
  const { url } = (await answer.json()) as { url: string };
  return { asked: new URL(url), cookie: cookies(answer) };
}

/** GitHub sends the browser back. Returns where it is sent on, and who is signed in then. */
async function comeBack({ asked, cookie }: Awaited<ReturnType<typeof begin>>, answer: Record<string, string>) {
  const back = new URL(asked.searchParams.get('redirect_uri') as string);
  for (const [key, value] of Object.entries({ state: asked.searchParams.get('state') as string, ...answer }))
    back.searchParams.set(key, value);
  const { handler, api } = await auth();
  const response = await handler(new Request(back, { headers: { cookie, 'x-forwarded-for': `10.9.1.${++address}` } }));
  const session = await api.getSession({ headers: new Headers({ cookie: cookies(response) }) });
  return { status: response.status, location: response.headers.get('location'), user: session?.user };
}

const person = (given: Partial<GithubPerson> & { id: number }): GithubPerson => ({
  login: `octocat-${given.id}`,
  name: 'Ada Lovelace',
  email: null,
  emails: [{ email: `octocat-${given.id}@example.org`, primary: true, verified: true }],
  ...given,
});
const signIn = async (who: GithubPerson) => comeBack(await begin(), { code: codeOf(who) });

describe('sign-in with GitHub', () => {
  it('asks GitHub for name and address alone, bound to this browser', async () => {
    const { asked } = await begin();
    expect(`${asked.origin}${asked.pathname}`).toBe('https://github.com/login/oauth/authorize');
    const { state, code_challenge: challenge, ...rest } = Object.fromEntries(asked.searchParams);
    expect(rest).toEqual({
      response_type: 'code',
      client_id: APP.clientId,
      scope: 'read:user user:email',
      redirect_uri: `${ORIGIN}/api/auth/callback/github`,
      ...(challenge ? { code_challenge_method: 'S256' } : {}),
    });
    expect(state.length).toBeGreaterThan(20);
  });

  it('makes an account at the first time and finds it at the second', async () => {
    const first = await signIn(person({ id: 1 }));
    expect(first).toMatchObject({
      ...{ status: 302, location: '/submit' },
      user: { name: 'Ada Lovelace', email: 'octocat-1@example.org', emailVerified: true, role: 'submitter' },
    });
    const second = await signIn(person({ id: 1, name: 'Countess Lovelace' }));
    expect(second.user?.id).toBe(first.user?.id);
    const linked = await site.db
      .select()
      .from(accounts)
      .where(eq(accounts.userId, first.user?.id as string));
    expect(linked.map(({ providerId, accountId }) => [providerId, accountId])).toEqual([['github', '1']]);
  });

  it.each([
    ['without a name takes the login', { id: 2, name: null }, 'octocat-2'],
    ['with a name of 200 characters keeps 80', { id: 3, name: 'x'.repeat(200) }, 'x'.repeat(80)],
    ['with control characters in the name drops them', { id: 4, name: 'Ada\u0007\n Lovelace' }, 'Ada Lovelace'],
  ])('%s', async (_, given, name) => {
    expect((await signIn(person(given))).user?.name).toBe(name);
  });

  it.each([
    ['GitHub’s no', { error: 'access_denied' }, /^access_denied$/],
    ['a code that GitHub does not know any more', { code: 'expired' }, /^invalid_code$/],
    ['the state of another browser', { code: codeOf(person({ id: 5 })), state: 'made-up' }, /^state_mismatch$/],
    ['an account without any address', { code: codeOf(person({ id: 6, emails: [] })) }, /^email_not_found$/],
  ])('after %s leads back to the sign-in page, signed out', async (_, answer, reason) => {
    const { location, user } = await comeBack(await begin(), answer);
    expect(location).toMatch(/^(http:\/\/localhost:3000)?\/signin\?/);
    expect(new URL(location as string, ORIGIN).searchParams.get('error')).toMatch(reason);
    expect(user).toBeUndefined();
  });

  it('does not hand somebody’s address to an account that never proved it', async () => {
    // Whoever signed up with a password and a stranger’s address would else share the stranger’s account.
    const { api } = await auth();
    await api.signUpEmail({ body: { name: 'Mallory', email: 'octocat-7@example.org', password: 'correct horse battery' } });
    const { location, user } = await signIn(person({ id: 7 }));
    expect(new URL(location as string, ORIGIN).searchParams.get('error')).toBe('account_not_linked');
    expect(user).toBeUndefined();
    const [mallory] = await site.db.select().from(users).where(eq(users.email, 'octocat-7@example.org'));
    expect(await site.db.select().from(accounts).where(eq(accounts.userId, mallory.id))).toHaveLength(1);
  });
});
