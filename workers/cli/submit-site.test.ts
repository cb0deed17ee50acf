import { describe, expect, it } from 'vitest';
import { type Request, SiteRefusal } from '../site-api';
import { Site } from './submit-site';

const TOKEN = 'sx_secret';
type Answer = Response | Error;

/** A site that gives these answers in turn, the last one for ever; what was sent and waited for. */
function siteWith(...answers: Answer[]) {
  const requests: { url: string; init: RequestInit }[] = [];
  const waits: number[] = [];
  const said: string[] = [];
  const stop = new AbortController();
  const site = new Site('https://example.org', TOKEN, {
    fetch: async (url, init) => {
      const answer = answers[Math.min(requests.length, answers.length - 1)];
      requests.push({ url: String(url), init: init as RequestInit });
      if (answer instanceof Error) throw answer;
      return answer.clone();
    },
    wait: async (ms, signal) => {
      waits.push(ms);
      signal.throwIfAborted();
    },
    signal: stop.signal,
    log: (line) => said.push(line),
  });
  return { site, requests, waits, said, stop };
}
const post: Request = { method: 'POST', path: '/runs', type: 'application/json', body: '{}', idempotencyKey: 'k-12345678' };
const problem = (status: number, code: string, message = 'no', headers = {}) =>
  Response.json({ error: { code, message } }, { status, headers });
const refusalOf = (asked: Promise<unknown>) =>
  asked.then(
    () => expect.fail('expected a refusal'),
    (error) => error as SiteRefusal,
  );

it('sends the token, the type and the key, below /api/v1, and follows no redirect', async () => {
  const { site, requests } = siteWith(Response.json({ ok: 1 }));
  expect(await site.ask(post)).toEqual({ ok: 1 });
  expect(requests).toMatchObject([
    {
      url: 'https://example.org/api/v1/runs',
      init: {
        method: 'POST',
        body: '{}',
        redirect: 'manual',
        headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'idempotency-key': 'k-12345678' },
      },
    },
  ]);
});

describe('what passes is waited out', () => {
  const lost = Object.assign(new TypeError('fetch failed'), { cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' } });

  it.each<[string, Answer]>([
    ['a lost connection', lost],
    ['a proxy’s page', new Response('<html>', { status: 502 })],
    ['an outage', problem(503, 'database-unavailable')],
    ['a limit', problem(429, 'too-many-requests')],
    ['a first attempt that is still under way', problem(409, 'under-way')],
  ])('%s', async (_, trouble) => {
    const { site, requests, waits, said } = siteWith(trouble, trouble, Response.json({ ok: 1 }));
    expect(await site.ask(post)).toEqual({ ok: 1 });
    expect(waits).toEqual([1000, 2000]);
    expect(said).toHaveLength(2);
    expect(new Set(requests.map((r) => JSON.stringify(r.init.headers))).size, 'the same key every time').toBe(1);
  });

  it('as long as the site says, in seconds or as a date', async () => {
    const at = new Date(Date.now() + 30_000).toUTCString();
    const { site, waits } = siteWith(
      problem(429, 'too-many-requests', '', { 'Retry-After': '7' }),
      problem(503, 'store-unavailable', '', { 'Retry-After': at }),
      Response.json({}),
    );
    await site.ask(post);
    expect(waits[0]).toBe(7000);
    expect(waits[1]).toBeGreaterThan(20_000);
    expect(waits[1]).toBeLessThanOrEqual(31_000);
  });

  it('but not for ever: after six attempts the last answer counts', async () => {
    const { site, requests, waits } = siteWith(lost);
    const refusal = await refusalOf(site.ask(post));
    expect(refusal).toMatchObject({
      code: 'unreachable',
      message: 'https://example.org could not be reached: ECONNREFUSED connect ECONNREFUSED',
    });
    expect(requests).toHaveLength(6);
    expect(waits.reduce((a, b) => a + b)).toBeLessThan(60_000);
  });

  it('a limit that ends tomorrow is said at once', async () => {
    const { site, requests } = siteWith(problem(429, 'too-many-requests', 'the next is free in 80000 s', { 'Retry-After': '80000' }));
    expect(await refusalOf(site.ask(post))).toMatchObject({ code: 'too-many-requests', message: 'the next is free in 80000 s' });
    expect(requests).toHaveLength(1);
  });
});

describe('what does not pass is a refusal at once', () => {
  it('with the site’s own code and sentence', async () => {
    const { site, requests } = siteWith(problem(409, 'duplicate-model', 'these weights are on the site already, as a'));
    expect(await refusalOf(site.ask(post))).toMatchObject({
      code: 'duplicate-model',
      message: 'these weights are on the site already, as a',
    });
    expect(requests).toHaveLength(1);
  });

  it('a redirect is named, since the token must not follow it', async () => {
    const { site } = siteWith(new Response(null, { status: 301, headers: { Location: 'https://www.example.org/api/v1/runs' } }));
    expect((await refusalOf(site.ask(post))).message).toBe(
      'https://example.org leads on to https://www.example.org/api/v1/runs; give the address where it ends as --server',
    );
  });

  it.each([
    new Response('<html>hello', { status: 200 }),
    new Response('not here', { status: 404 }),
    Response.json({ oops: 1 }, { status: 404 }),
  ])('another server’s answer %#', async (answer) => {
    const { site } = siteWith(answer);
    const refusal = await refusalOf(site.ask(post));
    expect(refusal).toBeInstanceOf(SiteRefusal);
    expect(refusal).toMatchObject({ code: 'not-the-api', message: expect.stringContaining('is this the address of the site?') });
  });

  it('whatever it writes, the terminal stays whole and the token unsaid', async () => {
    const { site } = siteWith(problem(400, 'bad-request', `\x1b[2Jyour token is ${TOKEN}\nindeed`));
    expect((await refusalOf(site.ask(post))).message).toBe('\\u001b[2Jyour token is [token]\nindeed');
  });
});

it('stops at once when it is told to, also while it waits', async () => {
  const { site, stop, requests } = siteWith(problem(503, 'store-unavailable'));
  stop.abort();
  await expect(site.ask(post)).rejects.toMatchObject({ name: 'AbortError' });
  expect(requests).toHaveLength(1);
});
