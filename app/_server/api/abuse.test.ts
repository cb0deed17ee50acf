import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { standings } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import type { Report } from '@/lib/protocol/report';
import { wholeReport } from '@/lib/testing/whole-report';
import { auth } from '../auth';
import { type TestSite, testSite } from './testing';
import { model, request, submitted } from './testing-submission';

const { files } = request;
const report = () => wholeReport({ sha256: model.sha256, samples: 100, holds: 40, trainSamples: 0 });

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
});
afterAll(() => site.close());

it('a submission that misstates the length of somebody’s public file takes nothing away from it', async () => {
  const [owner, thief] = [await site.account(), await site.account()];
  const { slug } = await submitted(site, owner.token, 'public');
  const lie = files.map((f) => ({ ...f, bytes: f.path === 'model.json' ? f.bytes : 1 }));
  const begun = await site.ask('POST', '/submissions', { token: thief.token, body: { ...request, sha256: '1'.repeat(64), files: lie } });
  const { versionId, missing } = (await begun.json()) as { versionId: string; missing: string[] };
  expect(missing).toHaveLength(1);
  await site.ask('POST', `/submissions/${versionId}/check`, { token: thief.token });
  for (const { path } of files) expect((await site.ask('GET', `/models/${slug}/versions/1/files/${path}`)).status).toBe(200);
});

it('a stranger’s run alone makes no row in the submitter’s name', async () => {
  const [owner, stranger] = [await site.account(), await site.account()];
  await submitted(site, owner.token, 'public');
  const sent = await site.ask('POST', '/runs', { token: stranger.token, body: report() });
  expect(await sent.json()).toMatchObject({ kind: 'reproduction', state: null });
  expect(await site.db.select().from(standings)).toEqual([]);
});

it.each<[string, (r: Report) => object]>([
  ['fewer records than the data have', (r) => ({ data: { ...r.data, test: { ...r.data.test, records: 100 } } })],
  ['more records than the data have', (r) => ({ data: { ...r.data, test: { ...r.data.test, records: 8_000_000 } } })],
  ['another number of classes', (r) => ({ model: { ...r.model, classes: 2 } })],
  ['other parameters', (r) => ({ model: { ...r.model, params: 1 } })],
  ['a date in the future', () => ({ startedAt: '9999-01-01T00:00:00.000Z' })],
])('a report with %s is refused', async (_, change) => {
  const { token } = await site.account();
  await submitted(site, token, 'public');
  const whole = report();
  const refused = await site.ask('POST', '/runs', { token, body: { ...whole, ...change(whole) } });
  expect(refused.status).toBe(422);
  expect(await refused.json()).toMatchObject({ error: { code: 'inconsistent-report' } });
});

it.each<[string, (r: Report) => object]>([
  ['a negative metric', (r) => ({ collapse: { ...r.collapse, clean: { ...r.collapse?.clean, nc1: -1e300 } } })],
  ['a sentence for a flag', () => ({ flags: [{ id: 'visit evil.example', value: 1, threshold: 0 }] })],
  ['numbers beyond any database', (r) => ({ counts: { ...r.counts, trainSamples: 3e9 } })],
])('a report with %s is not a report', async (_, change) => {
  const { token } = await site.account();
  await submitted(site, token, 'public');
  const whole = wholeReport({ sha256: model.sha256, samples: 100, holds: 40 });
  const refused = await site.ask('POST', '/runs', { token, body: { ...whole, ...change(whole) } });
  expect(await refused.json()).toMatchObject({ error: { code: 'bad-request' } });
});

it('a name that would deceive or fill a page is refused at sign-up', async () => {
  const { api } = await auth();
  for (const name of ['a\u202eb', 'x'.repeat(81), ' '])
    await expect(
      api.signUpEmail({ body: { name, email: `${crypto.randomUUID()}@example.org`, password: 'correct horse battery' } }),
    ).rejects.toMatchObject({ message: expect.stringContaining('80 characters') });
});

it('what a signed-in visitor reads is for nobody’s cache', async () => {
  const { token } = await site.account();
  const { versionId } = await submitted(site, token, 'begun');
  const answer = await site.ask('GET', `/submissions/${versionId}`, { token });
  expect(answer.headers.get('cache-control')).toBe('private, no-store');
  expect(answer.headers.get('vary')).toMatch(/Cookie, Authorization/);
});
