/** A runner with a Chromium of its own measures in the worker of the production build. */
import { get } from 'node:http';
import { expect, test } from '@playwright/test';
import { agreement } from '../lib/protocol/agreement';
import { smallModel } from '../workers/testing/chromium';
import { Runners } from '../workers/testing/runners';

test('a runner opens the page for runners, and its report agrees with one from WebAssembly', async ({ page, baseURL }) => {
  test.setTimeout(300_000);
  await page.goto('/measure');
  await expect(page.getByRole('heading', { name: 'For runners' })).toBeVisible();
  const runners = await Runners.open();
  try {
    // Jobs of the real queue are too long for a software GPU: the API is played, the pages are the site's.
    runners.site.serve = (request, response) => {
      if (request.url?.startsWith('/api/')) return false;
      const relayed = get(`${baseURL}${request.url}`, { agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      relayed.on('error', () => response.destroy());
      return true;
    };
    const wanted = { samples: 8, trainSamples: 0, attacks: ['pgd-10'] };
    const jobs = [await runners.site.addJob(wanted, smallModel(), 60), await runners.site.addJob(wanted, smallModel(), 60)];
    const browser = process.env.CHROMIUM_PATH || '/usr/bin/chromium';
    const there = await runners.start(['--backend', 'webgpu', '--software-gpu', '--allow-root', '--browser', browser, '--once']).ended;
    expect(there.code, there.stderr).toBe(0);
    const here = await runners.start().ended;
    expect(here.code, here.stderr).toBe(0);
    const [gpu, wasm] = jobs.map(({ result }) => (result as NonNullable<typeof result>).report);
    expect([gpu.environment.backend, wasm.environment.backend]).toEqual(['webgpu', 'wasm']);
    expect(gpu.evidence).toEqual(wasm.evidence);
    expect(agreement(gpu, wasm)).toMatchObject({ comparable: true, agrees: true });
  } finally {
    await runners.close();
  }
});
