/** A runner that measures in Chromium, on WebGPU's software adapter; the page is the site's code under the site's headers. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { mayHaveGpu } from '../../lib/engine/node-host';
import { agreement } from '../../lib/protocol/agreement';
import { timeless } from '../../lib/testing/small-evaluation';
import { chromiumsOf, environmentOf, smallModel } from '../testing/chromium';
import { serveMeasurePage } from '../testing/measure-page';
import { type PlayedJob, TOKEN, until } from '../testing/played-site';
import { Runners } from '../testing/runners';
import { findBrowser, openChromium } from './chromium';
import { RunnerSite } from './site';

// A software GPU, and several browsers one after the other.
vi.setConfig({ testTimeout: 300_000 });

const browser = await findBrowser(process.env.CHROMIUM_PATH);
const isRoot = process.getuid?.() === 0;
/** The GPU's compiler shares the processor with everybody else. */
const PATIENCE_MS = 120_000;
const GPU = ['--backend', 'webgpu', '--software-gpu', '--allow-root'];

let runners: Runners;
beforeEach(async () => {
  runners = await Runners.open();
  await serveMeasurePage(runners.site);
});
afterEach(() => runners.close());

/** The browser itself, not its children. */
const mainOf = (folder: string) => chromiumsOf(folder).find(({ command }) => !command.includes('--type='));
const nothingIsLeft = () => until('no Chromium is left', () => chromiumsOf(runners.folder).length === 0);
const outcome = ({ result }: PlayedJob) => timeless({ ...(result as NonNullable<typeof result>).report, startedAt: '' });
const reportOf = ({ result }: PlayedJob) => (result as NonNullable<typeof result>).report;

describe.skipIf(!browser)('in Chromium', () => {
  it('a job gives what wasm in Node gives, and says what it was measured on', async () => {
    const { site } = runners;
    const wanted = { samples: 120, trainSamples: 110, layers: true };
    const [there, here] = [await site.addJob(wanted, smallModel(), 60), await site.addJob(wanted, smallModel(), 60)];
    const gpu = await runners.start([...GPU, '--once']).ended;
    expect(gpu.code, gpu.stderr).toBe(0);
    expect((await runners.start().ended).code).toBe(0);
    const [one, other] = [reportOf(there), reportOf(here)];
    expect(one.environment).toMatchObject({ backend: 'webgpu', device: expect.stringContaining('swiftshader') });
    expect(one.environment.engine).toMatch(/^Chromium \d+\.\d+\.\d+\.\d+, node v\d+/);
    expect(other.environment).toMatchObject({ backend: 'wasm', engine: `node ${process.version}` });
    expect(one.evidence).toEqual(other.evidence);
    const { checks, ...compared } = agreement(one, other) as Extract<ReturnType<typeof agreement>, { comparable: true }>;
    expect({ ...compared, not: checks.filter((c) => !c.ok) }).toEqual({ comparable: true, agrees: true, samples: 120, not: [] });
    for (const id of ['pgd-10', 'pgd-margin', 'sign'] as const)
      expect(one.attacks[id]?.loss).toBeCloseTo(Number(other.attacks[id]?.loss), 5);
    expect(one.layers?.map((l) => l.name)).toEqual(other.layers?.map((l) => l.name));
    expect([...site.runners.values()][0].body).toMatchObject({ name: 'a test' });
    await nothingIsLeft();
    expect(runners.files('chromium')).toEqual([]);
  });

  it('checks climb on the surrogate there as they do here', async () => {
    const { site } = runners;
    const wanted = { samples: 4, trainSamples: 0, attacks: ['pgd-10'], checks: true };
    const [there, here] = [await site.addJob(wanted, smallModel(), 60), await site.addJob(wanted, smallModel(), 60)];
    const gpu = await runners.start([...GPU, '--once']).ended;
    expect(gpu.code, gpu.stderr).toBe(0);
    expect((await runners.start().ended).code).toBe(0);
    const graded = (job: PlayedJob) => reportOf(job).confidence?.checks.filter(({ id }) => id !== 'randomised-output');
    expect(graded(there)?.find(({ id }) => id === 'transfer-wins')?.value).toEqual(expect.any(Number));
    expect(graded(there)).toEqual(graded(here));
  });

  const long = { samples: 150, trainSamples: 0, attacks: ['pgd-10', 'targeted', 'gaussian'] };

  it('the end of the browser, of its page or of its GPU process costs nothing that was measured', async () => {
    const { site } = runners;
    const whole = await site.addJob(long, smallModel(), 60);
    await runners.start([...GPU, '--once']).ended;
    const job = await site.addJob(long, smallModel(), 60);
    const run = runners.start([...GPU, '--once']);
    const kill = async (when: string, which: (command: string) => boolean) => {
      await run.said(when, PATIENCE_MS);
      const found = chromiumsOf(runners.folder).filter(({ command }) => which(command));
      expect(found, when).not.toEqual([]);
      for (const { pid } of found) process.kill(pid, 'SIGKILL');
    };
    await kill('test clean', (command) => !command.includes('--type='));
    await kill('test pgd-10', (command) => command.includes('--type=renderer'));
    await kill('test targeted', (command) => command.includes('--type=gpu-process'));
    const { code, stderr } = await run.ended;
    expect(code, stderr).toBe(0);
    const notices = [...stderr.matchAll(/The GPU was lost: (.*)\. It was opened again and the run goes on/g)].map(([, reason]) => reason);
    expect(notices).toEqual(['Chromium ended', 'the page in Chromium crashed', expect.any(String)]);
    expect(outcome(job)).toEqual(outcome(whole));
    await nothingIsLeft();
  });

  it('killed with its browser, it goes on at the next start from where it was', async () => {
    const { site } = runners;
    const job = await site.addJob(long, smallModel(), 60);
    const killed = runners.start([...GPU, '--once']);
    await killed.said('test targeted', PATIENCE_MS);
    killed.child.kill('SIGKILL');
    await killed.ended;
    await nothingIsLeft();
    const { code, stderr } = await runners.start([...GPU, '--once']).ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toMatch(/\d+ units of this run are known/);
    expect(job).toMatchObject({ state: 'done', attempt: 1 });
    expect(runners.files('chromium')).toEqual([]);
  });

  it('on SIGTERM it hands the job back and leaves no browser behind', async () => {
    const { site } = runners;
    const job = await site.addJob(long, smallModel(), 60);
    const stopped = runners.start(GPU);
    await stopped.said('test pgd-10', PATIENCE_MS);
    stopped.child.kill('SIGTERM');
    const { code, stderr } = await stopped.ended;
    expect(code, stderr).toBe(0);
    expect([job.state, job.attempt, job.lease]).toEqual(['queued', 0, undefined]);
    // Children of a browser that has ended take a moment to see it.
    await nothingIsLeft();
  });

  it('begins nothing with a page of another version, or where the site has none', async () => {
    const { site } = runners;
    const job = await site.addJob(long, smallModel(), 60);
    await serveMeasurePage(site, { simplexity: '9.9.9' });
    const other = await runners.start([...GPU, '--once']).ended;
    expect(other).toMatchObject({ code: 4, stderr: expect.stringContaining('measures with simplexity 9.9.9, this runner has') });
    site.serve = (_, response) => {
      response.writeHead(404).end();
      return true;
    };
    const none = await runners.start([...GPU, '--once']).ended;
    expect(none).toMatchObject({ code: 4, stderr: expect.stringContaining('/measure: the site answered 404') });
    expect([job.attempt, job.failures]).toEqual([0, []]);
    await nothingIsLeft();
  });

  it('neither names nor addresses besides the site’s can be reached, and the token is nowhere in it', async () => {
    let heard = 0;
    const other = createServer((_, response) => {
      heard++;
      response.writeHead(200, { 'access-control-allow-origin': '*' }).end('secret');
    });
    await new Promise<void>((resolve) => other.listen(0, resolve));
    const { port } = other.address() as AddressInfo;
    // Without the site's own rules for its pages: what remains is how the browser was started.
    await serveMeasurePage(runners.site, { headers: false });
    process.env.SIMPLEXITY_TOKEN = TOKEN;
    const place = {
      ...{ site: new RunnerSite(runners.site.address, TOKEN, () => undefined), executable: browser as string },
      ...{ profiles: path.join(runners.folder, 'profiles'), softwareGpu: true, sandbox: !isRoot },
    };
    const chromium = await openChromium(place, new AbortController().signal);
    try {
      const reached = (address: string) =>
        chromium.page.evaluate(
          (url) =>
            fetch(url).then(
              (r) => r.status,
              () => 'no',
            ),
          address,
        );
      expect(await reached(`${runners.site.address}/measure`)).toBe(200);
      for (const host of ['localhost', '127.0.0.2', '[::1]', 'example.org'])
        expect([host, await reached(`http://${host}:${port}/`)]).toEqual([host, 'no']);
      expect(await chromium.page.goto(`http://localhost:${port}/`).catch(() => 'no')).toBe('no');
      expect(heard).toBe(0);
      expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
      const { pid } = mainOf(runners.folder) as { pid: number };
      expect(environmentOf(pid)).not.toContain(TOKEN);
    } finally {
      delete process.env.SIMPLEXITY_TOKEN;
      await chromium.end();
      other.close();
    }
  });
});

describe('what is not there is said in one sentence', () => {
  it('a browser that does not start, and one that is no file', async () => {
    const broken = await runners.start([...GPU, '--browser', '/bin/false', '--once']).ended;
    expect(broken).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/^--backend webgpu: \/bin\/false did not start: .*; choose --backend wasm$/m),
    });
    const absent = await runners.start([...GPU, '--browser', '/no/such/file', '--once']).ended;
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('--browser: there is no file /no/such/file') });
  });

  it.skipIf(!isRoot)('root has no sandbox, so it has to say that it does without; wasm needs none', async () => {
    const refused = await runners.start(['--backend', 'webgpu', '--software-gpu', '--once']).ended;
    if (browser) expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('Chromium has no sandbox for root') });
    await runners.site.addJob({ samples: 10, trainSamples: 0, attacks: [] }, smallModel());
    expect((await runners.start(['--backend', 'wasm', '--once']).ended).code).toBe(0);
  });

  it.skipIf(mayHaveGpu())('without a GPU it measures on wasm', async () => {
    const job = await runners.site.addJob({ samples: 10, trainSamples: 0, attacks: [] }, smallModel());
    const { code, stderr } = await runners.start(['--backend', 'auto', '--once']).ended;
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('this machine has no GPU that a browser could use, so wasm is used');
    expect(reportOf(job).environment.backend).toBe('wasm');
  });
});
