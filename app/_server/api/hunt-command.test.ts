/** From a hunter's machine to the board: the hunt and a runner as processes, the real API over HTTP between them. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { standings, witnessFiles } from '@/db/schema';
import { provenRunners } from '@/db/testing/proven-runners';
import { aRun } from '@/db/testing/rows';
import { wholeReport } from '@/lib/testing/whole-report';
import { startCommand } from '@/workers/testing/command';
import { type TestSite, testSite } from './testing';
import { local } from './testing-runner';
import { type ServedSite, serveSite } from './testing-server';
import { board, glyphs, publicGlyphs } from './testing-witnesses';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 120_000 });

let site: TestSite;
let served: ServedSite;
let root: string;
beforeAll(async () => {
  site = await testSite();
  await provenRunners(site.db);
  served = await serveSite();
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-hunt-'));
});
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await served.close();
  await site.close();
});

const robust = async () => (await site.db.select({ robust: standings.robust }).from(standings))[0].robust;

it('a hunter without any role breaks images, a runner looks at them, and the board changes', async () => {
  const [owner, hunter] = [await site.account('Ada'), await site.account('Grace')];
  const { slug, versionId } = await publicGlyphs(site, owner.token);
  await aRun(site.db, versionId, wholeReport({ board, sha256: glyphs.sha256 }), 'baseline');
  const hunt = ['--server', served.url, '--model', slug, '--board', board, '--backend', 'wasm', '--workers', '1'];
  const size = ['--images', '8', '--rounds', '2', '--steps', '10', '--seed', '3'];
  const env = { SIMPLEXITY_TOKEN: hunter.token };
  const hunted = await startCommand('hunt', [...hunt, ...size], root, { env }).ended;
  expect(hunted.code, hunted.stderr).toBe(0);
  const broken = Number(/^broke (\d) of 8 images/.exec(hunted.stdout)?.[1]);
  expect(broken, 'a model of standard training falls').toBeGreaterThan(4);
  expect(hunted.stdout + hunted.stderr).not.toContain(hunter.token);
  expect(await robust()).toBe(0.4);

  const runner = ['--server', served.url, '--backend', 'wasm', '--workers', '1', '--once'];
  const judged = await startCommand('main', runner, root, { room: 'runner', env: { SIMPLEXITY_TOKEN: local().token } }).ended;
  expect(judged.code, judged.stderr).toBe(0);
  expect(judged.stderr).toContain(`the verdict was accepted: ${broken} broken (${broken} of them new)`);
  expect(await robust()).toBe((4000 - broken) / 10_000);
  const id = hunted.stdout.trim().split('/').at(-1);
  expect(await (await site.ask('GET', `/witnesses/${id}`)).json()).toMatchObject({ by: 'Grace', first: broken, held: 0 });
  const history = (await (await site.ask('GET', `/events?model=${slug}`)).json()) as { events: { kind: string }[] };
  expect(history.events[0]).toMatchObject({ kind: 'witnesses-accepted', data: { images: broken, from: 0.4 } });
});

it('a volunteer goes through the rows by itself, sends what breaks, and ends when it is told to', async () => {
  const before = await site.db.$count(witnessFiles);
  const volunteer = await site.account('Emmy');
  const all = ['--server', served.url, '--all', '--backend', 'wasm', '--workers', '1', '--images', '6', '--rounds', '2', '--steps', '10'];
  const hunting = startCommand('hunt', all, root, { env: { SIMPLEXITY_TOKEN: volunteer.token } });
  while ((await site.db.$count(witnessFiles)) < before + 2 && hunting.child.exitCode === null) await new Promise((r) => setTimeout(r, 100));
  hunting.child.kill('SIGTERM');
  const { code, stdout, stderr } = await hunting.ended;
  expect(code, stderr).toBe(0);
  // A second round begins from another seed: at other images.
  expect(stdout.match(/on glyphs\/linf: broke \d of 6 images/g)?.length).toBeGreaterThanOrEqual(2);
  expect(stderr).not.toContain('fashion-mnist');
});
