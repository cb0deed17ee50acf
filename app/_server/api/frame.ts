/** What every route of the API shares: who asks, limits, refusals as JSON, repeated requests answered once. */
import { createHash } from 'node:crypto';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { etag } from 'hono/etag';
import { HTTPException } from 'hono/http-exception';
import { claimKey, forgetKey, rememberAnswer } from '@/db/queries/idempotency';
import type { Reader } from '@/db/queries/models';
import { countUse, giveBackUse, type Limit } from '@/db/queries/uses';
import { addressIn } from '../address';
import { stores } from '../database';
import { siteUrl } from '../environment';
import { type Principal, principalOf } from '../principal';
import { Problem, problemOf, problemResponse } from './problem';
import { MAX_BODY } from './shapes';

export interface Variables {
  principal: Principal | null;
}
export type Api = OpenAPIHono<{ Variables: Variables }>;

const PER_ADDRESS: Omit<Limit, 'key'> = { most: 300, windowSeconds: 60 };

export function newApi(): Api {
  const api: Api = new OpenAPIHono<{ Variables: Variables }>({
    defaultHook: (result) => {
      if (result.success) return;
      const sentences = result.error.issues.map((i) => `${i.path.join('.') || 'body'}: ${i.message}`);
      throw new Problem('bad-request', sentences.join('; '));
    },
  });
  api.onError((error) => {
    // Hono's own refusals: unreadable JSON, a wrong media type.
    const status = error instanceof HTTPException ? error.status : undefined;
    if (status === 400) return problemResponse(new Problem('bad-request', 'the body is not JSON'));
    if (status === 415) return problemResponse(new Problem('wrong-media-type', 'expected Content-Type: application/json'));
    return problemResponse(problemOf(error));
  });
  api.notFound((c) => problemResponse(new Problem('not-found', `there is no ${c.req.method} ${c.req.path}`)));
  api.use('*', cors({ origin: '*', allowMethods: ['GET', 'HEAD', 'OPTIONS'], exposeHeaders: ['ETag', 'Link', 'Retry-After'] }));
  api.use('*', identify);
  api.use(
    '*',
    bodyLimit({
      maxSize: MAX_BODY,
      onError: () => problemResponse(new Problem('too-large', `a request may hold ${MAX_BODY} bytes at most`)),
    }),
  );
  api.use('*', etag());
  return api;
}

/** Reading is free and open to every origin; writing is limited by address, and a browser's only from our own pages. */
const identify: MiddlewareHandler<{ Variables: Variables }> = async (c, next) => {
  const principal = await principalOf(c.req.raw.headers);
  if (principal === 'bad-token') throw new Problem('bad-token', 'the token is unknown, has expired or was revoked');
  c.set('principal', principal);
  if (principal) {
    c.header('Cache-Control', 'private, no-store');
    c.header('Vary', 'Cookie, Authorization', { append: true });
  }
  if (c.req.method === 'GET' || c.req.method === 'HEAD' || c.req.method === 'OPTIONS') return next();
  const origin = c.req.header('origin');
  if (principal?.by === 'session' && origin !== undefined && !isOwnOrigin(origin, c.req.header('host')))
    throw new Problem('foreign-origin', `requests from ${origin} may not use a visitor’s session; use an API token`);
  await within({ key: `address:${addressIn(c.req.raw.headers)}`, ...PER_ADDRESS });
  return next();
};

function isOwnOrigin(origin: string, host: string | undefined): boolean {
  try {
    return origin === new URL(siteUrl()).origin || new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** Counts one use, or refuses with the time after which the next is free. */
export async function within(limit: Limit, amount = 1): Promise<void> {
  const { db } = await stores();
  const counted = await countUse(db, limit, amount);
  if (counted.ok) return;
  throw new Problem('too-many-requests', `too many requests; the next is free in ${counted.retryAfterSeconds} s`, {
    'Retry-After': String(counted.retryAfterSeconds),
  });
}

/** Does it within a limit; a failure of ours gives the use back. */
export async function counted<T>(limit: Limit, work: () => Promise<T>, amount = 1): Promise<T> {
  await within(limit, amount);
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500) {
      const { db } = await stores();
      await giveBackUse(db, limit, amount).catch(() => undefined);
    }
    throw error;
  }
}

export function signedIn(c: Context<{ Variables: Variables }>): Principal {
  const principal = c.get('principal');
  if (!principal) throw new Problem('sign-in-needed', 'sign in, or send an API token: Authorization: Bearer sx_…');
  return principal;
}

export const readerOf = (c: Context<{ Variables: Variables }>): Reader => c.get('principal');

/** `Idempotency-Key` on a write: sent twice it is done once. */
export const idempotent: MiddlewareHandler<{ Variables: Variables }> = async (c, next) => {
  const key = c.req.header('idempotency-key');
  const principal = c.get('principal');
  if (!key || !principal) return next();
  if (!/^[\x21-\x7e]{8,100}$/.test(key)) throw new Problem('bad-request', 'Idempotency-Key: expected 8 to 100 visible characters');
  const { db } = await stores();
  const body = Buffer.from(await c.req.raw.clone().arrayBuffer());
  const request = createHash('sha256').update(`${c.req.method} ${c.req.path}\n`).update(body).digest('hex');
  const replay = await claimKey(db, principal.accountId, key, request);
  if (replay.kind === 'other-request') throw new Problem('other-request', 'Idempotency-Key: it was used for another request');
  if (replay.kind === 'under-way')
    throw new Problem('under-way', 'the first request with this key is still under way', { 'Retry-After': '5' });
  if (replay.kind === 'answered')
    return new Response(replay.body, {
      status: replay.status,
      headers: { 'Content-Type': 'application/json', 'Idempotency-Replayed': 'true' },
    });
  await next();
  // What failed on our side, or by haste, may be tried again under the same key.
  if (c.res.status >= 500 || c.res.status === 429) await forgetKey(db, principal.accountId, key);
  else await rememberAnswer(db, principal.accountId, key, c.res.status, await c.res.clone().text());
};
