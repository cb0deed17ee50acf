/** A runner's good days: a job, the next start, a crash, a signal. */
import { chmodSync, readFileSync, statSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Report } from '../../lib/protocol/report';
import { timeless } from '../../lib/testing/small-evaluation';
import { smallModel } from '../testing/chromium';
import { type PlayedJob, TOKEN, until } from '../testing/played-site';
import { Runners } from '../testing/runners';

// Several processes one after the other, each with its engine.
vi.setConfig({ testTimeout: 180_000 });

let runners: Runners;
beforeEach(async () => {
  runners = await Runners.open();
});
afterEach(() => runners.close());

const long = { samples: 80, trainSamples: 60, attacks: ['pgd-10', 'targeted', 'gaussian'] };
const small = { samples: 10, trainSamples: 0, attacks: [] };
const outcome = ({ result }: PlayedJob) => timeless({ ...(result as NonNullable<typeof result>).report, startedAt: '' });

it('leases a job, measures it with the job’s seed, signs the report and keeps nothing but its key', async () => {
  const { site } = runners;
  const job = await site.addJob();
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  expect(job.state).toBe('done');
  expect(job.result?.report).toMatchObject({
    ...{ board: 'glyphs/linf', seed: 424242, counts: { samples: 40, trainSamples: 60 } },
    model: { sha256: (job.body.model as { sha256: string }).sha256 },
    environment: { backend: 'wasm', workers: 1 },
  });
  expect(job.log.join('\n')).toContain('test pgd-10');
  expect([runners.files('outbox'), runners.files('jobs')]).toEqual([[], []]);
  expect(statSync(runners.kept('key.json')).mode & 0o777).toBe(0o600);
  expect([...site.runners.values()][0].body).toMatchObject({ name: 'a test', backend: 'wasm', architecture: null });
  expect(readFileSync(runners.kept('key.json'), 'utf8')).not.toContain(TOKEN);
  expect(stderr).not.toContain(TOKEN);
});

it('measures accuracy curves on request, and nothing besides', async () => {
  const { site } = runners;
  const job = await site.addJob({ kind: 'curves', curves: true, samples: 16, trainSamples: 0, attacks: [] }, 'glyphs_st', 60);
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  const { report } = job.result as NonNullable<typeof job.result>;
  expect(report).toMatchObject({ counts: { samples: 16, trainSamples: 0 }, attacks: {}, collapse: null });
  const { curves, clean } = report as unknown as Report;
  expect(curves?.samples).toBe(16);
  // At radius 0 it is the image itself; more steps and restarts never help the network.
  expect(curves?.radius.points[0]).toMatchObject({ at: 0, correct: clean?.correct });
  for (const { points } of [curves?.radius, curves?.steps, curves?.restarts].flatMap((c) => c ?? []))
    for (const [i, { correct }] of points.slice(1).entries()) expect(correct).toBeLessThanOrEqual(points[i].correct);
});

it('runs the confidence checks that a job asks for, the surrogate’s among them', async () => {
  const { site } = runners;
  const wanted = { samples: 6, trainSamples: 0, checks: true };
  const [surrogate, other] = [await site.addJob(wanted, 'glyphs_at'), await site.addJob(wanted, smallModel())];
  expect((await runners.start().ended).code).toBe(0);
  expect((await runners.start().ended).code).toBe(0);
  const check = ({ result }: PlayedJob, id: string) => result?.report.confidence?.checks.find((c) => c.id === id);
  // For the surrogate itself there is a second one.
  for (const job of [surrogate, other])
    for (const id of ['randomised-output', 'no-convergence', 'huge-radius', 'smooth-replacement', 'transfer-wins'])
      expect(check(job, id)?.value, id).not.toBeNull();
  expect(check(other, 'transfer-wins')).toMatchObject({ value: expect.any(Number), samples: 6 });
});

it('is the same runner at every start, and none where others can read its key', async () => {
  const { site } = runners;
  await site.addJob(small);
  await runners.start().ended;
  await site.addJob(small);
  await runners.start().ended;
  expect(site.jobs.map((j) => j.state)).toEqual(['done', 'done']);
  expect(site.runners.size).toBe(1);
  chmodSync(runners.kept('key.json'), 0o644);
  expect(await runners.start().ended).toMatchObject({ code: 2, stderr: expect.stringContaining('chmod 600') });
});

it('killed in the middle, it goes on from there to the same report, and sends one', async () => {
  const { site } = runners;
  const whole = await site.addJob(long);
  await runners.start().ended;
  const job = await site.addJob(long, 'glyphs_st', 30);
  const killed = runners.start();
  await killed.said('test targeted');
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(statSync(runners.kept('jobs', `${job.id}.part`)).size).toBeGreaterThan(1000);
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/\d+ units of this run are known/);
  expect(outcome(job)).toEqual(outcome(whole));
  expect(job.attempt).toBe(1);
  expect(site.asked.filter((a) => a.endsWith(`${job.id}/result`))).toHaveLength(1);
  expect(runners.files('jobs')).toEqual([]);
});

it('killed with its report on the way, it sends the same bytes again and measures nothing twice', async () => {
  const { site } = runners;
  const job = await site.addJob(small, 'glyphs_st', 30);
  const sent: string[] = [];
  site.intercept = (request, _, body) => {
    if (!request.url?.endsWith('/result')) return false;
    sent.push(body.toString());
    return sent.length === 1; // never answered
  };
  const killed = runners.start();
  await until('the report is on its way', () => sent.length === 1);
  killed.child.kill('SIGKILL');
  await killed.ended;
  expect(runners.files('outbox')).toEqual([`${job.id}.json`]);
  const again = runners.start([]);
  await until('the report is there', () => job.state === 'done');
  again.child.kill('SIGTERM');
  expect((await again.ended).stderr).not.toContain('fetching the model');
  expect(sent[1]).toBe(sent[0]);
  expect(job.result?.text).toBe(sent[0]);
  expect([runners.files('outbox'), runners.files('jobs')]).toEqual([[], []]);
});

it.each(['SIGTERM', 'SIGINT'] as const)(
  'on %s hands the job back, ends with 0, and what was measured is kept for the next start',
  async (signal) => {
    const { site } = runners;
    const job = await site.addJob(long, 'glyphs_st', 30);
    const stopped = runners.start([]);
    await stopped.said('test targeted');
    stopped.child.kill(signal);
    const { code, stderr } = await stopped.ended;
    expect(code, stderr).toBe(0);
    expect(site.asked.at(-1)).toBe(`POST /api/v1/jobs/${job.id}/release`);
    expect([job.state, job.attempt, job.lease]).toEqual(['queued', 0, undefined]);
    const next = await runners.start().ended;
    expect(next.stderr).toMatch(/\d+ units of this run are known/);
    expect(job.state).toBe('done');
  },
);

it('hands back a lease that is still on its way to it', async () => {
  const { site } = runners;
  const job = await site.addJob(small, 'glyphs_st', 30);
  let asked = false;
  site.intercept = async (request) => {
    if (!request.url?.endsWith('/lease')) return false;
    asked = true;
    await new Promise((resolve) => setTimeout(resolve, 700));
    return false;
  };
  const runner = runners.start([]);
  await until('it has asked', () => asked);
  runner.child.kill('SIGTERM');
  const { code, stderr } = await runner.ended;
  expect(code, stderr).toBe(0);
  expect([job.attempt, job.lease, site.asked.at(-1)]).toEqual([0, undefined, `POST /api/v1/jobs/${job.id}/release`]);
});

it('a second signal ends it at once', async () => {
  const { site } = runners;
  await site.addJob({ samples: 500 }, 'glyphs_st', 30);
  site.intercept = (request) => request.url?.endsWith('/release') === true; // never answered
  const runner = runners.start([]);
  await runner.said('test pgd-10');
  runner.child.kill('SIGINT');
  await new Promise((resolve) => setTimeout(resolve, 1200));
  runner.child.kill('SIGINT');
  expect((await runner.ended).code).toBe(130);
});

it('two at once never have the same job', async () => {
  const { site } = runners;
  const jobs = [await site.addJob(small), await site.addJob(small), await site.addJob(small)];
  const both = [runners.start([], 'one'), runners.start([], 'two')];
  await until('all is done', () => jobs.every((j) => j.state === 'done'));
  for (const { child } of both) child.kill('SIGTERM');
  expect((await Promise.all(both.map((r) => r.ended))).map((e) => e.code)).toEqual([0, 0]);
  expect(jobs.map((j) => j.attempt)).toEqual([1, 1, 1]);
  expect(site.asked.filter((a) => a.endsWith('/result'))).toHaveLength(3);
  expect(site.runners.size).toBe(2);
});

it('takes a folder for itself alone', async () => {
  const first = runners.start([]);
  await first.said('no job is waiting');
  expect(await runners.start([]).ended).toMatchObject({ code: 2, stderr: expect.stringContaining('is in use by process') });
});
