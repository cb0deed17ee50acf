/** The API against a database of its own, without a server: for tests. */

import type { Db } from '@/db/client';
import { memoryBlobs } from '@/db/testing/blobs';
import { freshPglite } from '@/db/testing/databases';
import { auth } from '../auth';
import { publicApi } from './api';

export interface TestSite {
  db: Db;
  blobs: ReturnType<typeof memoryBlobs>;
  /** An account, and a token of it. */
  account(name?: string): Promise<{ id: string; token: string }>;
  ask(
    method: string,
    path: string,
    options?: { token?: string; body?: unknown; raw?: BodyInit; headers?: Record<string, string> },
  ): Promise<Response>;
  close(): Promise<void>;
}

let addresses = 0;

/** `open`: another database than a fresh PGlite. */
export async function testSite(open: () => Promise<{ db: Db; close(): Promise<void> }> = freshPglite): Promise<TestSite> {
  process.env.SIMPLEXITY_SECRET ??= 'a secret of the tests, long enough to be one';
  const { db, close } = await open();
  const blobs = memoryBlobs();
  const globals = globalThis as unknown as { __stores?: unknown; __auth?: unknown };
  globals.__stores = Promise.resolve({ db, blobs });
  globals.__auth = undefined;
  const api = publicApi();
  return {
    db,
    blobs,
    close,
    async account(name = 'Ada') {
      const { api: accounts } = await auth();
      const email = `${crypto.randomUUID()}@example.org`;
      const { user } = await accounts.signUpEmail({ body: { name, email, password: 'correct horse battery' } });
      const { key } = await accounts.createApiKey({ body: { userId: user.id, name: 'test' } });
      return { id: user.id, token: key };
    },
    async ask(method, path, { token, body, raw, headers } = {}) {
      return api.request(`/api/v1${path}`.replace('/api/v1', ''), {
        method,
        headers: {
          'x-forwarded-for': `10.0.0.${addresses++ % 250}`,
          ...(token ? { authorization: `Bearer ${token}` } : {}),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(raw === undefined ? (body === undefined ? {} : { body: JSON.stringify(body) }) : { body: raw }),
      });
    },
  };
}
