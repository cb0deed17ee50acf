/** Runners as their owners run them, processes of their own, against a site that is played over HTTP. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { timeless } from '../../lib/testing/small-evaluation';
import { type Started, startCommand } from '../testing/command';
import { PlayedSite, TOKEN } from '../testing/played-site';

let site: PlayedSite;
let folder: string;
let started: Started[];
beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-runner-'));
  site = new PlayedSite();
  started = [];
  await site.listen();
});
afterEach(async () => {
  for (const { child } of started) child.kill('SIGKILL');
  await Promise.all(started.map(({ ended }) => ended));
  await site.close();
  rmSync(folder, { recursive: true, force: true });
});

function startRunner(args: string[] = ['--once'], dataDir = folder): Started {
  const all = ['--server', site.address, '--backend', 'wasm', '--workers', '1', '--name', 'a test', ...args];
  const runner = startCommand('main', all, dataDir, { room: 'runner', env: { SIMPLEXITY_TOKEN: TOKEN } });
  started.push(runner);
  return runner;
}
const kept = (...parts: string[]) => path.join(folder, 'runner', ...parts);
const filesOf = (name: string) => (existsSync(kept(name)) ? readdirSync(kept(name)) : []);

it('leases a job, measures it with the job’s seed, signs the report and keeps nothing but its key', async () => {
  const job = await site.addJob();
  const { code, stderr } = await startRunner().ended;
  expect(code, stderr).toBe(0);
  expect(job.state).toBe('done');
  expect(job.result?.report).toMatchObject({
    ...{
      board: 'glyphs/linf',
      seed: 424242,
      counts: { samples: 40, trainSamples: 60 },
      model: { sha256: (job.body.model as { sha256: string }).sha256 },
    },
    environment: { backend: 'wasm', workers: 1 },
  });
  expect(job.log.join('\n')).toContain('test pgd-10');
  expect([filesOf('outbox'), filesOf('jobs')]).toEqual([[], []]);
  expect(statSync(kept('key.json')).mode & 0o777).toBe(0o600);
  expect([...site.runners.values()][0].body).toMatchObject({ name: 'a test', backend: 'wasm', architecture: null });
  expect(readFileSync(kept('key.json'), 'utf8')).not.toContain(TOKEN);
  expect(stderr).not.toContain(TOKEN);
});

it('is the same runner at every start', async () => {
  await site.addJob({ samples: 10, trainSamples: 0, attacks: [] });
  await startRunner().ended;
  await site.addJob({ samples: 10, trainSamples: 0, attacks: [] });
  await startRunner().ended;
  expect(site.jobs.map((j) => j.state)).toEqual(['done', 'done']);
  expect(site.runners.size).toBe(1);
});

it('killed in the middle, it goes on from there to the same report, and sends one', async () => {
  const wanted = await site.addJob({ samples: 80, trainSamples: 120 });
  await startRunner().ended;
  const job = await site.addJob({ samples: 80, trainSamples: 120 });
  const killed = startRunner();
  await killed.said('test targeted');
  killed.child.kill('SIGKILL');
  await killed.ended;
  const part = kept('jobs', `${job.id}.part`);
  expect(statSync(part).size).toBeGreaterThan(1000);
  const { code, stderr } = await startRunner().ended;
  expect(code, stderr).toBe(0);
  expect(stderr).toMatch(/\d+ units of this run are known/);
  const outcome = (j: typeof job) => timeless({ ...(j.result as NonNullable<typeof j.result>).report, startedAt: '' });
  expect(outcome(job)).toEqual(outcome(wanted));
  expect(job.attempt).toBe(1);
  expect(site.asked.filter((a) => a.endsWith(`${job.id}/result`))).toHaveLength(1);
  expect(filesOf('jobs')).toEqual([]);
});
