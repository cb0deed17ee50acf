import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { type TestSite, testSite } from '@/app/_server/api/testing';
import { refusal } from '@/app/_server/api/testing-submission';
import { enqueue } from '@/db/queue/jobs';
import { lease } from '@/db/queue/leases';
import { appendLog, readLog } from '@/db/queue/logs';
import { GET } from './route';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
afterEach(() => vi.unstubAllEnvs());
afterAll(() => site.close());

const ask = (authorization?: string) =>
  GET(new Request('http://localhost/api/cron/upkeep', { headers: authorization === undefined ? {} : { authorization } }));

it('takes back leases that ran out, and drops logs of long ago', async () => {
  vi.stubEnv('CRON_SECRET', 'a secret of the clock');
  const { jobId } = await enqueue(site.db, {
    kind: 'verification',
    versionId: randomUUID(),
    board: 'glyphs/linf',
    protocol: '1',
    level: 'pgd',
    reason: 'r',
  });
  await lease(site.db, randomUUID(), 0);
  await appendLog(site.db, jobId, 'long ago\n');
  await site.db.execute(sql`update queue_logs set at = now() - interval '91 days'`);
  const answer = await ask('Bearer a secret of the clock');
  expect([answer.status, await answer.json()]).toEqual([200, { expired: 1, dump: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) }]);
  expect(await readLog(site.db, jobId)).toEqual([]);
});

it('answers nobody else, and nobody at all without a secret', async () => {
  expect(await refusal(ask('Bearer '))).toMatchObject({ status: 404, code: 'not-found' });
  vi.stubEnv('CRON_SECRET', 'a secret of the clock');
  expect(await refusal(ask())).toMatchObject({ status: 401, code: 'bad-token' });
  expect(await refusal(ask('Bearer another'))).toMatchObject({ status: 401, code: 'bad-token' });
});
