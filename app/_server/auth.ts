/** Accounts: email and password, GitHub where configured, API tokens. Sessions are cookies of better-auth. */
import 'server-only';
import { apiKey } from '@better-auth/api-key';
import { type BetterAuthOptions, betterAuth } from 'better-auth';
import { drizzleAdapter } from 'better-auth/adapters/drizzle';
import { APIError, createAuthMiddleware } from 'better-auth/api';
import { nextCookies } from 'better-auth/next-js';
import type { Db } from '@/db/client';
import { countUse, giveBackUse, type Limit } from '@/db/queries/uses';
import * as schema from '@/db/schema';
import { confirmationLetter, RESET_HOURS, resetLetter } from './account-letters';
import { addressIn } from './address';
import { line } from './api/shapes';
import { stores } from './database';
import { github, secret, siteUrl } from './environment';
import { mailIsSent, postLetter } from './mail';

/** Names stand beside models for everybody to read. */
function checkName(name: string | undefined): void {
  if (name !== undefined && !line(80).safeParse(name).success)
    throw new APIError('BAD_REQUEST', { message: 'A name has 1 to 80 characters, without control characters.' });
}

/** A name from GitHub, as one of ours; the login where nothing is left of it. */
const nameOf = (name: string | null, login: string) => {
  const clean = [...(name ?? '').replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '').trim()].slice(0, 80).join('');
  return line(80).safeParse(clean).success ? clean : login;
};

/** Where an attempt ends that cannot be led back to where it began. */
const SIGN_IN = '/signin';

const ownOrigins = (host: string | null | undefined) => (host ? [`http://${host}`, `https://${host}`] : []);

const HOUR = 3600;
/** Most visitors of a university come from one address; sign-ups from many made-up ones stop at the site's own limit. */
const SIGN_UPS = (address: string): Limit[] => [
  { key: `sign-up:${address}`, most: 30, windowSeconds: HOUR },
  { key: 'sign-up', most: 500, windowSeconds: HOUR },
];
/** Wrong passwords from one address close the account to that address; only very many close it to everybody. */
const WRONG_PASSWORDS = (email: string, address: string): Limit[] => [
  { key: `sign-in:${email}:${address}`, most: 30, windowSeconds: HOUR },
  { key: `sign-in:${email}`, most: 300, windowSeconds: HOUR },
];
/** Letters to one address, and those that one address asks for. */
const RESETS = (email: string, address: string): Limit[] => [
  { key: `reset:${email}`, most: 5, windowSeconds: HOUR },
  { key: `reset:${address}`, most: 30, windowSeconds: HOUR },
];

function limitsOf(path: string, body: { email?: unknown } | undefined, headers: Headers | undefined): Limit[] {
  const address = addressIn(headers);
  if (path === '/sign-up/email') return SIGN_UPS(address);
  const email = typeof body?.email === 'string' ? body.email.toLowerCase() : undefined;
  if (email === undefined) return [];
  if (path === '/request-password-reset' || path === '/send-verification-email') return RESETS(email, address);
  return path === '/sign-in/email' ? WRONG_PASSWORDS(email, address) : [];
}

const limitAttempts = createAuthMiddleware(async ({ path, body, headers }) => {
  for (const limit of limitsOf(path, body, headers)) {
    const counted = await countUse((await stores()).db, limit);
    if (counted.ok) continue;
    const what = path === '/sign-up/email' ? 'sign-ups' : 'attempts for this account';
    throw new APIError('TOO_MANY_REQUESTS', { message: `Too many ${what}; the next is free in ${counted.retryAfterSeconds} s.` });
  }
});

/** A right password was no attempt. */
const forgiveSuccess = createAuthMiddleware(async ({ path, body, headers, context }) => {
  if (path !== '/sign-in/email' || !context.newSession) return;
  for (const limit of limitsOf(path, body, headers)) await giveBackUse((await stores()).db, limit);
});

function socialProviders(): BetterAuthOptions['socialProviders'] & object {
  const app = github();
  if (!app) return {};
  return { github: { ...app, mapProfileToUser: ({ name, login }) => ({ name: nameOf(name, login) }) } };
}

/** Only where mail is sent. */
const resets = (): Pick<NonNullable<BetterAuthOptions['emailAndPassword']>, 'sendResetPassword'> =>
  mailIsSent() ? { sendResetPassword: async ({ user, token }) => postLetter(resetLetter(user.email, token)) } : {};

/** Signing in works without; the account's page says that the address is not confirmed. */
const confirmations = (): Pick<BetterAuthOptions, 'emailVerification'> =>
  mailIsSent()
    ? { emailVerification: { sendOnSignUp: true, sendVerificationEmail: async ({ user }) => postLetter(await confirmationLetter(user)) } }
    : {};

/** Options apart from the database, so that a test can compare their tables with ours. */
export const authOptions = () =>
  ({
    appName: 'Simplexity',
    secret: secret(),
    baseURL: siteUrl(),
    // The site under another of its names, 127.0.0.1 for instance: a browser sets both headers itself.
    trustedOrigins: (request?: Request) => ownOrigins(request?.headers.get('host')),
    telemetry: { enabled: false },
    logger: {
      level: 'error',
      // A wrong token is the sender's affair, and is answered.
      log: (level, message, ...rest) =>
        /Failed to validate API key/.test(message) || console[level === 'error' ? 'error' : 'warn'](message, ...rest),
    },
    emailAndPassword: {
      ...{ enabled: true, minPasswordLength: 10, maxPasswordLength: 128 },
      ...{ resetPasswordTokenExpiresIn: RESET_HOURS * 3600, revokeSessionsOnPasswordReset: true },
      ...resets(),
    },
    ...confirmations(),
    verification: { storeIdentifier: 'hashed' },
    socialProviders: socialProviders(),
    onAPIError: { errorURL: `${siteUrl()}${SIGN_IN}` },
    user: { additionalFields: { role: { type: 'string', input: false, defaultValue: 'submitter' } } },
    hooks: { before: limitAttempts, after: forgiveSuccess },
    databaseHooks: {
      user: { create: { before: async (user) => checkName(user.name) }, update: { before: async (user) => checkName(user.name) } },
    },
    session: { expiresIn: 30 * 86400, updateAge: 86400 },
    // Off by default outside production; counted in the database, since serverless instances share nothing else.
    rateLimit: { enabled: true, storage: 'database', window: 60, max: 100 },
    advanced: { database: { generateId: () => crypto.randomUUID() } },
    plugins: [
      apiKey({
        defaultPrefix: 'sx_',
        enableMetadata: true,
        // Our own limits count by account and by purpose.
        rateLimit: { enabled: false },
        keyExpiration: { defaultExpiresIn: null, maxExpiresIn: 365 },
      }),
      nextCookies(),
    ],
  }) satisfies BetterAuthOptions;

const make = (db: Db) => betterAuth({ ...authOptions(), database: drizzleAdapter(db, { provider: 'pg', schema, usePlural: true }) });
type Auth = ReturnType<typeof make>;

const globals = globalThis as unknown as { __auth?: Promise<Auth> };

export function auth(): Promise<Auth> {
  globals.__auth ??= stores().then(
    ({ db }) => make(db),
    (error) => {
      globals.__auth = undefined;
      throw error;
    },
  );
  return globals.__auth;
}
