/** Every code that the API refuses with, provoked once; and what is sent to do harm. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { StoreUnavailable } from '@/db/blobs/blobs';
import { claimKey } from '@/db/queries/idempotency';
import { MAX_DRAFTS } from '@/db/queries/submissions';
import { apikeys, runs, users, versions } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { dense, modelFiles, plain, sequential } from '@/lib/testing/keras-model';
import { modelOf } from '@/lib/testing/small-evaluation';
import { wholeReport } from '@/lib/testing/whole-report';
import { auth } from '../auth';
import { PROBLEMS, type ProblemCode } from './problem';
import { modelSchema, submissionSchema } from './shapes';
import { type TestSite, testSite } from './testing';
import { contents, model, refusal, request, sha256, submitted } from './testing-submission';

let site: TestSite;
let account: { id: string; token: string };
let token: string;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  account = await site.account('Grace');
  ({ token } = account);
});
afterAll(() => site.close());

const begin = (body: object, headers = {}) => site.ask('POST', '/submissions', { token, body, headers });
const report = () => wholeReport({ sha256: model.sha256, samples: 100, holds: 40, trainSamples: 0 });
const json = { 'content-type': 'application/json' };

/** The bytes of another model, small enough to be sent at once; listed and named as the API wants it. */
async function listed(files: Map<string, Uint8Array>) {
  const list = [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length }));
  return { sha256: sha256(new TextEncoder().encode(list.map((f) => `${f.sha256}  ${f.path}\n`).join(''))), files: list };
}

async function cookie() {
  const { api } = await auth();
  const body = { name: 'Ada', email: `${crypto.randomUUID()}@example.org`, password: 'correct horse battery' };
  const { headers } = await api.signUpEmail({ body, returnHeaders: true });
  return headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');
}

const PROVOKED: Partial<Record<ProblemCode, () => Promise<Response>>> = {
  'bad-request': () => begin({ ...request, name: '' }),
  'bad-cursor': () => site.ask('GET', '/boards/fashion-mnist/linf/rows?cursor=abc'),
  'bad-token': () => site.ask('GET', '/boards', { token: 'sx_made-up' }),
  'sign-in-needed': () => site.ask('POST', '/runs', { body: report() }),
  'foreign-origin': async () => {
    const headers = { cookie: await cookie(), origin: 'https://elsewhere.example' };
    return site.ask('POST', '/submissions', { body: request, headers });
  },
  'not-found': () => site.ask('GET', '/models/nobody'),
  'not-ready': async () => site.ask('POST', `/submissions/${(await submitted(site, token, 'sent')).versionId}/publish`, { token }),
  'under-way': async () => {
    const hash = sha256(new TextEncoder().encode(`POST /submissions\n${JSON.stringify(request)}`));
    await claimKey(site.db, account.id, 'a-key-of-mine', hash);
    return begin(request, { 'idempotency-key': 'a-key-of-mine' });
  },
  'duplicate-model': async () => {
    await submitted(site, token, 'public');
    return begin({ ...request, name: 'Another name' });
  },
  'too-many-drafts': async () => {
    await submitted(site, token, 'begun');
    const [row] = await site.db.select().from(versions);
    const more = Array.from({ length: MAX_DRAFTS }, (_, i) => ({
      ...row,
      id: crypto.randomUUID(),
      number: 2 + i,
      sha256: `${i}`.padStart(64, '0'),
    }));
    await site.db.insert(versions).values(more);
    return begin({ ...request, sha256: 'e'.repeat(64) });
  },
  'files-missing': async () => site.ask('POST', `/submissions/${(await submitted(site, token, 'begun')).versionId}/check`, { token }),
  'too-large': () => site.ask('POST', '/runs', { token, raw: new Uint8Array(4_500_001), headers: json }),
  'wrong-media-type': () =>
    site.ask('POST', '/submissions', { token, raw: JSON.stringify(request), headers: { 'content-type': 'text/plain' } }),
  'model-refused': async () => {
    const files = modelFiles(sequential([20, 20, 1], [plain('Flatten', 'flat'), dense('out', [400, 7])]));
    const { versionId } = await submitted(site, token, 'sent', await listed(files), files as typeof contents);
    return site.ask('POST', `/submissions/${versionId}/check`, { token });
  },
  'wrong-hash': async () => {
    const { versionId, missing } = await submitted(site, token, 'begun');
    return site.ask('PUT', `/submissions/${versionId}/files/${missing[0]}`, { token, raw: 'other bytes' });
  },
  'inconsistent-report': async () => {
    await submitted(site, token, 'public');
    return site.ask('POST', '/runs', { token, body: { ...report(), clean: { accuracy: 1, correct: 100, loss: 0 } } });
  },
  'other-data': async () => {
    await submitted(site, token, 'public');
    const { data } = report();
    return site.ask('POST', '/runs', { token, body: { ...report(), data: { ...data, test: { ...data.test, sha256: 'e'.repeat(64) } } } });
  },
  'other-request': async () => {
    await begin(request, { 'idempotency-key': 'a-key-of-mine' });
    return begin({ ...request, name: 'Another' }, { 'idempotency-key': 'a-key-of-mine' });
  },
  'too-many-requests': async () => {
    const headers = { 'x-forwarded-for': '192.0.2.9' };
    // A minute may end on the way, and its count with it.
    for (let i = 0; ; i++) {
      const answer = await site.ask('POST', '/runs', { body: {}, headers });
      if (answer.status === 429 || i === 700) return answer;
    }
  },
  'store-unavailable': async () => {
    const { slug } = await submitted(site, token, 'public');
    site.blobs.contents.clear();
    return site.ask('GET', `/models/${slug}/versions/1/files/model.json`);
  },
};
/** `database-unavailable`, `internal`: outage.test.ts; `not-yours`: queue.test.ts; `witness-refused`: witnesses.test.ts; the others: running.test.ts. */
const ELSEWHERE: ProblemCode[] = [
  ...(['database-unavailable', 'internal'] as const),
  ...(['not-a-runner', 'not-an-admin', 'lease-lost', 'wrong-signature', 'other-job'] as const),
  ...(['not-yours', 'witness-refused', 'too-many-runners', 'locked', 'gone'] as const),
];

describe('a refusal', () => {
  it.each(Object.entries(PROVOKED) as [ProblemCode, () => Promise<Response>][])('%s', async (code, provoke) => {
    const answer = await provoke();
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(answer.headers.get('content-type')).toContain('application/json');
    const refused = await refusal(answer);
    expect(refused, refused.message).toMatchObject({ code, status: PROBLEMS[code] });
    expect(refused.message.length).toBeGreaterThan(10);
  });

  it('of every code there is, was provoked', () => {
    expect([...Object.keys(PROVOKED), ...ELSEWHERE].sort()).toEqual(Object.keys(PROBLEMS).sort());
  });
});

describe('a token', () => {
  const asked = () => site.ask('GET', '/boards', { token });
  const refused = { status: 401, code: 'bad-token', message: 'the token is unknown, has expired or was revoked' };

  it('that has expired is refused', async () => {
    expect((await asked()).status).toBe(200);
    await site.db.update(apikeys).set({ expiresAt: new Date(Date.now() - 1000) });
    expect(await refusal(asked())).toEqual(refused);
  });

  it('that was switched off, or deleted, is refused', async () => {
    await site.db.update(apikeys).set({ enabled: false });
    expect(await refusal(asked())).toEqual(refused);
    await site.db.delete(apikeys);
    expect(await refusal(asked())).toEqual(refused);
  });

  it('of an account that is no more is refused', async () => {
    await site.db.delete(users).where(eq(users.id, account.id));
    expect(await refusal(asked())).toEqual(refused);
  });

  it('is stored as a hash only', async () => {
    expect(JSON.stringify(await site.db.select().from(apikeys))).not.toContain(token);
  });

  it.each(['', ' ', 'a b', 'x'.repeat(10_000), '’'])('like %j is refused, too, or is none', async (odd) => {
    const answer = site.ask('POST', '/runs', { body: {}, headers: { authorization: `Bearer ${encodeURIComponent(odd)}` } });
    expect((await answer).status).toBe(401);
  });
});

describe('a file’s path', () => {
  const names = [
    '../evil',
    'a/../../evil',
    '%2e%2e/evil',
    '%2E%2E/evil',
    '/etc/passwd',
    'C:\\evil',
    'a\\b',
    'a\0b',
    'a//b',
    './a',
    'a/',
    '.',
    'https://a.example/b',
  ];

  it.each(names)('%j is refused before anything is kept', async (path) => {
    const [json_, shard] = request.files;
    const refused = await refusal(begin({ ...request, files: [json_, { ...shard, path }] }));
    expect(refused).toMatchObject({ status: 400, code: 'bad-request' });
    expect(refused.message).toMatch(/^files\.1\.path: /);
    expect(await site.db.select().from(versions)).toEqual([]);
  });

  it('that model.json names and that leads out is refused by the check', async () => {
    const files = new Map(contents);
    const text = new TextDecoder().decode(contents.get('model.json')).replace('group1-shard1of1.bin', '../shard.bin');
    files.set('model.json', new TextEncoder().encode(text));
    const { versionId } = await submitted(site, token, 'sent', await listed(files), files);
    expect(await refusal(site.ask('POST', `/submissions/${versionId}/check`, { token }))).toMatchObject({
      code: 'model-refused',
      message: expect.stringContaining('must be a relative path inside the model'),
    });
  });

  it('that model.json does not name is refused by the check: a site is no place for other files', async () => {
    const files = new Map(contents).set('holiday.mp4', new Uint8Array(1000));
    const { versionId } = await submitted(site, token, 'sent', { files: (await listed(files)).files }, files);
    expect(await refusal(site.ask('POST', `/submissions/${versionId}/check`, { token }))).toMatchObject({
      code: 'model-refused',
      message: 'file holiday.mp4 is not named by model.json; leave it out',
    });
  });

  it('is looked up as it is written, never on the disk', async () => {
    const { slug } = await submitted(site, token, 'public');
    for (const path of ['../../../etc/passwd', '..%2f..%2fpackage.json', '%2e%2e/model.json', 'model.json%00', '', 'MODEL.JSON'])
      expect(await refusal(site.ask('GET', `/models/${slug}/versions/1/files/${path}`)), path).toMatchObject({ status: 404 });
  });
});

describe('text that is sent', () => {
  const html = '<script>alert("x")</script> & <img src=x onerror=alert(1)>';

  it('comes back as it was, as JSON: HTML is nobody’s business here', async () => {
    const { slug } = await submitted(site, token, 'public', { name: html.slice(0, 80), description: `${html}\n${html}`, extraData: html });
    expect(slug).toMatch(/^[a-z0-9-]+$/);
    const answer = await site.ask('GET', `/models/${slug}`);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(modelSchema.parse(await answer.json())).toMatchObject({
      name: html.slice(0, 80),
      versions: [{ description: `${html}\n${html}`, extraData: html }],
    });
  });

  it('with a NUL or half a character is refused by field, not by the database', async () => {
    for (const odd of ['a\0b', 'a\ud800b'])
      for (const field of ['name', 'description', 'extraData', 'model'] as const) {
        const refused = await refusal(begin({ ...request, [field]: odd }));
        expect(refused, field).toMatchObject({ status: 400, code: 'bad-request' });
        expect(refused.message).toMatch(new RegExp(`^${field}: `));
      }
  });

  it('that is longer than a request may be is refused before it is sent', async () => {
    const files = [...request.files, { path: 'long.bin', sha256: 'a'.repeat(64), bytes: 4_500_001 }];
    const refused = await refusal(begin({ ...request, files }));
    expect(refused).toMatchObject({ status: 400, code: 'bad-request' });
    expect(refused.message).toMatch(/^files\.2\.bytes: .*4500000 bytes at most/);
  });

  it('in an address or a query finds nothing, or is refused; it is never an error of ours', async () => {
    for (const path of [
      '/models/a%00b',
      '/models/%ff',
      '/boards/fashion-mnist/linf/rows?search=%00',
      '/boards/fashion-mnist/linf/rows?search=%25_%5C',
      '/events?model=%00',
      '/events?board=%00',
    ])
      expect((await site.ask('GET', path)).status, path).toBeLessThan(500);
  });

  it('in a report is kept to the byte, whatever it holds', async () => {
    await submitted(site, token, 'public');
    const { environment } = report();
    const whole = (device: string) => JSON.stringify({ ...report(), environment: { ...environment, device } });
    const kept = whole(`${html} \u202e ünï 漢字 🙂`);
    expect((await site.ask('POST', '/runs', { token, raw: kept, headers: json })).status).toBe(201);
    expect((await site.db.select({ report: runs.report }).from(runs)).map((r) => r.report)).toEqual([kept]);
    for (const odd of ['a\0b', 'a\ud800b']) {
      const refused = await refusal(site.ask('POST', '/runs', { token, raw: whole(odd), headers: json }));
      expect(refused).toMatchObject({ status: 400, code: 'bad-request' });
    }
  });
});

describe('a body', () => {
  it.each<[string, string]>([
    ['nested a million times', `${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}`],
    ['with a prototype', `{"__proto__":{"admin":true},${JSON.stringify(request).slice(1)}`],
    ['that is null', 'null'],
    ['that is empty', ''],
    ['that is a string', '"x"'],
  ])('%s is refused', async (_, raw) => {
    for (const path of ['/submissions', '/runs'])
      expect(await refusal(site.ask('POST', path, { token, raw, headers: json })), path).toMatchObject({
        status: 400,
        code: 'bad-request',
      });
  });
});

describe('a request that is sent again after it succeeded', () => {
  it('gets the same answer, byte by byte, at every step', async () => {
    const twice = async (path: string, options: object) => {
      const [first, second] = [await site.ask('POST', path, { token, ...options }), await site.ask('POST', path, { token, ...options })];
      expect(second.status, path).toBe(first.status);
      const text = await first.text();
      expect(await second.text(), path).toBe(text);
      return { text, replayed: second.headers.get('idempotency-replayed') };
    };
    const key = (n: number) => ({ headers: { 'idempotency-key': `key-number-${n}` } });
    const begun = await twice('/submissions', { body: request, ...key(1) });
    expect(begun.replayed).toBe('true');
    const { versionId, missing } = submissionSchema.parse(JSON.parse(begun.text));
    for (const bytes of contents.values())
      for (const _ of [1, 2])
        expect((await site.ask('PUT', `/submissions/${versionId}/files/${sha256(bytes)}`, { token, raw: bytes })).status).toBe(200);
    expect(missing).toHaveLength(2);
    await twice(`/submissions/${versionId}/check`, {});
    expect((await twice('/runs', { body: report(), ...key(2) })).replayed).toBe('true');
    expect((await twice(`/submissions/${versionId}/publish`, key(3))).replayed).toBe('true');
    await twice(`/submissions/${versionId}/publish`, {});
    expect(await site.db.select().from(runs)).toHaveLength(1);
    expect(await site.db.select().from(versions)).toHaveLength(1);
  });
});

describe('a store that is full', () => {
  it('is said with 503 and Retry-After, costs the submitter nothing, and takes the file when there is room', async () => {
    const logged = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { versionId, missing } = await submitted(site, token, 'begun');
    const put = vi.spyOn(site.blobs, 'put').mockRejectedValue(new StoreUnavailable('the site has no space left for files'));
    const send = () => {
      const bytes = [...contents.values()].find((b) => sha256(b) === missing[0]) as Uint8Array<ArrayBuffer>;
      return site.ask('PUT', `/submissions/${versionId}/files/${missing[0]}`, { token, raw: bytes });
    };
    const full = await send();
    expect(full.headers.get('retry-after')).toBe('30');
    expect(await refusal(full)).toMatchObject({ status: 503, code: 'store-unavailable', message: 'the site has no space left for files' });
    put.mockRestore();
    logged.mockRestore();
    const taken = await send();
    expect(submissionSchema.parse(await taken.json()).missing).toEqual([missing[1]]);
    expect((await modelOf(contents)).sha256).toBe(model.sha256);
  });
});
