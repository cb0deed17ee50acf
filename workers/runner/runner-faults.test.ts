/** A runner's bad days: the site away, the lease gone, bytes damaged, models refused. */
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BLOCK_BYTES } from '../../lib/data/blocks';
import { FASHION, randomRecords, recordsDigest } from '../../lib/testing/data-files';
import { blockListOf } from '../testing/block-list';
import { until } from '../testing/played-site';
import { Runners } from '../testing/runners';

// Several processes one after the other, each with its engine.
vi.setConfig({ testTimeout: 180_000 });

let runners: Runners;
beforeEach(async () => {
  runners = await Runners.open();
});
afterEach(() => runners.close());

const small = { samples: 10, trainSamples: 0, attacks: [] };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const refuse = (response: ServerResponse, status: number, code: string, headers = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify({ error: { code, message: 'no' } }));

describe('while the site is away', () => {
  it('the job goes on, and its report arrives when the site is back', async () => {
    const { site } = runners;
    const job = await site.addJob({ samples: 100, trainSamples: 0 }, 'glyphs_st', 60);
    const runner = runners.start();
    await runner.said('test pgd-10');
    await site.close();
    await pause(2000);
    await site.listen();
    const { code, stderr } = await runner.ended;
    expect(code, stderr).toBe(0);
    expect(job).toMatchObject({ state: 'done', attempt: 1, failures: [] });
    expect(job.log.join('\n')).toContain('test sign'); // said while nobody listened
  });

  it('the report waits for it, outages and limits alike, and is counted once when an answer is lost', async () => {
    const { site } = runners;
    const job = await site.addJob(small, 'glyphs_st', 60);
    let results = 0;
    site.intercept = (request, response) => {
      if (!request.url?.endsWith('/result')) return false;
      results++;
      if (results === 1) response.writeHead(502, { 'content-type': 'text/html' }).end('<html>');
      else if (results === 2) refuse(response, 503, 'database-unavailable', { 'retry-after': '1' });
      else if (results === 3) refuse(response, 429, 'too-many-requests');
      else if (results === 4) response.writeHead(404, { 'content-type': 'text/html' }).end('<html>'); // a proxy before the site
      if (results <= 4) return true;
      if (results === 5) response.writeHead = () => response.destroy(); // taken, but nobody hears it
      return false;
    };
    const { code, stderr } = await runners.start().ended;
    expect(code, stderr).toBe(0);
    expect(results).toBe(6);
    expect(job).toMatchObject({ state: 'done', attempt: 1 });
    expect(runners.files('outbox')).toEqual([]);
  });
});

describe('a job that is no longer its own', () => {
  it.each<[string, (job: Awaited<ReturnType<Runners['site']['addJob']>>) => void]>([
    [
      'cancelled',
      (job) => {
        job.state = 'cancelled';
      },
    ],
    [
      'leased to somebody else',
      (job) => {
        job.lease = { runner: 'another', until: Date.now() + 600_000 };
      },
    ],
  ])('%s: is stopped at once and forgotten, the next one begun', async (_, change) => {
    const { site } = runners;
    const job = await site.addJob({ samples: 500 });
    const next = await site.addJob(small);
    const runner = runners.start([]);
    await runner.said('test pgd-10');
    change(job);
    await until('the next one is done', () => next.state === 'done');
    runner.child.kill('SIGTERM');
    expect((await runner.ended).code).toBe(0);
    expect(job.result).toBeUndefined();
    expect(job.failures).toEqual([]);
    expect(site.asked.filter((a) => a.includes(job.id) && /result|failure|release/.test(a))).toEqual([]);
    expect(runners.files('jobs')).toEqual([]);
  });

  it('its report is not taken, and not sent for ever', async () => {
    const { site } = runners;
    const job = await site.addJob(small);
    site.intercept = (request) => {
      if (request.url?.endsWith('/result')) job.lease = { runner: 'another', until: Date.now() + 600_000 };
      return false;
    };
    expect(await runners.start().ended).toMatchObject({ code: 5, stderr: expect.stringContaining('its lease was lost before') });
    expect(runners.files('outbox')).toEqual([]);
  });
});

describe('what fails is told by its code', () => {
  it('a model of another shape is refused, which is the model’s fault', async () => {
    const job = await runners.site.addJob({ board: 'cifar-10/linf' });
    expect((await runners.start().ended).code).toBe(5);
    expect(job.failures).toEqual([
      { code: 'model-refused', message: 'model.json: the input has shape [28,28,1]; CIFAR-10 has images of [32,32,3]' },
    ]);
    expect(job.state).toBe('failed');
  });

  it('a model that is too large is refused before a byte of it is fetched', async () => {
    const { site } = runners;
    const job = await site.addJob();
    const { files } = job.body.model as { files: { path: string; bytes: number }[] };
    files[1].bytes = 400_000_001;
    await runners.start().ended;
    expect(job.failures).toMatchObject([{ code: 'model-refused', message: expect.stringContaining('400000001 bytes long; at most') }]);
    expect(site.asked.filter((a) => a.includes('/files/'))).toEqual([]);
  });

  it.each([
    ['once, is fetched again', 1, 'done', []],
    ['every time, is our fault', 100, 'queued', ['data-damaged']],
  ])('a model file that is damaged %s', async (_, times, state, codes) => {
    const { site } = runners;
    const job = await site.addJob(small);
    let damaged = 0;
    site.intercept = (request, response) => {
      const bytes = site.fileOf(request.url?.split('/files/')[1] ?? '');
      if (!bytes || damaged++ >= times) return false;
      const turned = Uint8Array.from(bytes);
      turned[5] ^= 1;
      response.writeHead(200).end(turned);
      return true;
    };
    const { code } = await runners.start().ended;
    expect(code).toBe(state === 'done' ? 0 : 5);
    expect([job.state, job.failures.map((f) => f.code)]).toEqual([state, codes]);
  });

  it('a job that this version does not know is given back with the reason, and others are done', async () => {
    const { site } = runners;
    const odd = await site.addJob({ kind: 'divination' });
    const later = await site.addJob({ level: 'exhaustive' });
    for (const last of [odd, later]) last.attempt = 2; // not leased a second time
    const good = await site.addJob(small);
    const runner = runners.start([]);
    await until('the good one is done', () => good.state === 'done', 50_000);
    runner.child.kill('SIGTERM');
    await runner.ended;
    expect(odd.failures[0]).toMatchObject({ code: 'arguments', message: expect.stringContaining('no jobs of kind "divination"') });
    expect(later.failures[0]).toMatchObject({ code: 'arguments', message: expect.stringContaining('no level "exhaustive"') });
  });
});

it('a report that the site refuses is kept for a person, and not sent again; the job is given up, for another to have', async () => {
  const { site } = runners;
  const job = await site.addJob(small);
  site.intercept = (request, response) => {
    if (!request.url?.endsWith('/result')) return false;
    refuse(response, 422, 'bad-report');
    return true;
  };
  expect(await runners.start().ended).toMatchObject({ code: 5, stderr: expect.stringContaining('(bad-report); it is kept in') });
  expect(runners.files('outbox')).toEqual([`${job.id}.json.refused`]);
  expect(job.failures).toEqual([{ code: 'report-refused', message: 'the site refused the report: no (bad-report)' }]);
  expect(job.lease).toBeUndefined();
});

it('a site that does not know the token ends it, with the site’s word', async () => {
  runners.site.intercept = (_, response) => {
    refuse(response, 401, 'bad-token');
    return true;
  };
  expect(await runners.start().ended).toMatchObject({ code: 4, stderr: expect.stringContaining('(bad-token)') });
});

it('images come from the site by range, each block checked, damaged ones again, and are kept for the next job', async () => {
  const { site } = runners;
  const records = randomRecords(FASHION, 700, 'test');
  const bytes = new Uint8Array([...records.images, ...records.labels]);
  const list = blockListOf(bytes, records.labels.length, recordsDigest(records));
  const ranges: string[] = [];
  site.intercept = (request, response) => {
    if (request.url === '/data/fashion-mnist/manifest.json') {
      response.writeHead(200).end(JSON.stringify({ dataset: 'fashion-mnist', notes: ['a few images'], splits: { test: list } }));
      return true;
    }
    if (request.url !== '/data/fashion-mnist/test.bin') return false;
    const [start, last] = String(request.headers.range).slice('bytes='.length).split('-').map(Number);
    ranges.push(`${start}`);
    const part = bytes.slice(start, last + 1);
    if (ranges.length === 1) part[7] ^= 1;
    if (ranges.length === 2) response.writeHead(503, { 'retry-after': '1' }).end();
    else response.writeHead(206).end(part);
    return true;
  };
  const job = await site.addJob({ ...small, board: 'fashion-mnist/linf' }, 'fmnist_st', 60);
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  expect(job.result?.report.data.test).toEqual({ sha256: recordsDigest(records), records: 700, official: false });
  const asked = ranges.length;
  expect(new Set(ranges)).toEqual(new Set(['0', String(2 * BLOCK_BYTES)])); // the first images, the labels
  await site.addJob({ ...small, board: 'fashion-mnist/linf' }, 'fmnist_st', 60);
  expect((await runners.start().ended).code).toBe(0);
  expect(ranges.length).toBe(asked);
});
