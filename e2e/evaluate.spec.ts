/** The main journey: a model is chosen, costed, measured in real workers, and the report kept. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { zipSync } from 'fflate';
import { reportSchema } from '../lib/protocol/report';
import { violations } from './accessibility';
import { EvaluatePage } from './evaluate-page';

const MODEL = path.join(process.cwd(), 'lib/testing/models/fmnist_st');

test('a visitor sees the cost, runs a bundled model on WebAssembly and keeps the report', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_st');
  await evaluate.size('Glance');
  await expect(page.getByText(/image-steps a second/)).toBeVisible();
  await expect(page.getByText(/of Fashion-MNIST will be fetched/)).toBeVisible();
  await evaluate.start();
  await expect(page.getByRole('progressbar', { name: 'Evaluation' })).toBeVisible();
  // Numbers fill in before the end.
  await expect(evaluate.accuracyOf('Clean')).toContainText('86.0');
  const report = await evaluate.finishedReport();
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report.environment.backend).toBe('wasm');
  expect(report.clean?.correct).toBe(86);
  expect(report.attacks['pgd-10']?.correct).toBe(0);
  expect(report.robust?.correct).toBe(0);
  expect(report.data.test?.official).toBe(true);
  expect(report.collapse?.clean?.nc1).toBeCloseTo(3.36, 1);
  await expect(page.getByRole('img', { name: /NC1 by condition/ })).toBeVisible();
  // The report is a page like any other: both themes, and a phone.
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: /Switch to/ }).click();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

test('AutoAttack on the first of the images: the choice, the journey through a reload, and the report', async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto('/evaluate?board=glyphs%2Flinf&level=standard&autoattack=3');
  const evaluate = new EvaluatePage(page);
  await page.getByLabel('Compute with').selectOption('wasm');
  await evaluate.images(20, 0);
  await evaluate.pickBundled('glyphs_st');
  await expect(page.getByLabel('Attacks')).toHaveValue('standard');
  await expect(page.getByLabel('AutoAttack on')).toHaveValue('3');
  await expect(page.getByText(/AutoAttack runs on the first 3 of the test images/)).toBeVisible();
  await expect(page.getByText(/^Up to/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/On WebAssembly a robust model takes hours/)).toBeVisible();
  await expect(page).toHaveURL(/level=standard&autoattack=3/);
  await evaluate.start();
  await expect(evaluate.accuracyOf('PGD margin')).toContainText(/\d/, { timeout: 60_000 });
  await page.reload();
  const kept = page.getByRole('region', { name: 'A run that is kept' });
  await expect(kept).toContainText('20 test and 0 training images, AutoAttack on 3');
  await kept.getByRole('button', { name: /^(Continue|Show the report)$/ }).click();
  const report = await evaluate.finishedReport();
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report).toMatchObject({ level: 'standard', counts: { samples: 20, autoattackSamples: 3 } });
  expect(report.attacks.square?.attacked).toBe(report.attacks['fab-t']?.correct);
  expect((report.robust?.accuracy ?? Number.NaN) * 3).toBeCloseTo(report.robust?.correct ?? Number.NaN, 9);
  const panel = page.getByRole('region', { name: 'AutoAttack', exact: true });
  for (const attack of ['APGD-CE', 'APGD-T', 'FAB-T', 'Square']) await expect(panel.getByRole('row', { name: attack })).toBeVisible();
  await expect(page.getByText(/Of the first 3 test images, which all of these ran on/)).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('WebGPU, on a software adapter, gives the outcomes of WebAssembly', async ({ page }) => {
  test.setTimeout(300_000);
  const outcomes = [];
  for (const backend of ['webgpu', 'wasm']) {
    const evaluate = await EvaluatePage.open(page);
    await page.getByLabel('Compute with').selectOption(backend);
    await evaluate.images(4, 0);
    await evaluate.pickBundled('fmnist_at');
    await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 120_000 });
    await evaluate.start();
    const report = await evaluate.finishedReport();
    expect(report.environment.backend).toBe(backend);
    expect(report.counts.samples).toBe(4);
    expect(report.collapse).toBeNull();
    outcomes.push(report);
  }
  const [gpu, wasm] = outcomes;
  expect(gpu.evidence).toEqual(wasm.evidence);
  expect(gpu.attacks['pgd-10']?.loss).toBeCloseTo(wasm.attacks['pgd-10']?.loss ?? Number.NaN, 3);
  expect(gpu.clean?.loss).toBeCloseTo(wasm.clean?.loss ?? Number.NaN, 4);
});

test('a dropped model is read, a broken one is refused with every reason', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.chooseFiles([path.join(MODEL, 'model.json'), path.join(MODEL, 'group1-shard1of1.bin')]);
  await expect(page.getByText(/98,684 parameters/)).toBeVisible();

  await evaluate.chooseFiles([path.join(MODEL, 'model.json')]);
  await expect(page.getByRole('alert').first()).toContainText('weight file group1-shard1of1.bin is missing');

  const shard = await readFile(path.join(MODEL, 'group1-shard1of1.bin'));
  await evaluate.chooseFiles([
    { name: 'model.json', mimeType: 'application/json', buffer: await readFile(path.join(MODEL, 'model.json')) },
    { name: 'group1-shard1of1.bin', mimeType: 'application/octet-stream', buffer: shard.subarray(0, 1000) },
  ]);
  await expect(page.getByRole('alert').first()).toContainText('1000 bytes found');
  await expect(page.getByRole('button', { name: 'Start' })).toBeDisabled();
});

test('a model for other images is refused by the board that is chosen', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_st');
  await expect(page.getByText(/image-steps a second/)).toBeVisible();
  await page.getByRole('combobox', { name: /^Board/ }).selectOption('cifar-10/linf');
  await expect(page.getByRole('alert').first()).toContainText('the input has shape [28,28,1]');
});

test('stop really stops, keeps what was measured, and the run can be started again', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_at');
  await evaluate.size('Full');
  await evaluate.start();
  await expect(evaluate.accuracyOf('Clean')).toContainText(/\d/);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(/^Stopped after/)).toBeVisible({ timeout: 5000 });
  await expect(evaluate.accuracyOf('Clean')).toContainText(/\d/);
  // No thread goes on computing: the page's workers are ended.
  await expect.poll(() => page.workers().length, { timeout: 5000 }).toBeLessThanOrEqual(1);
  await expect(page.getByRole('button', { name: 'Start again' })).toBeEnabled();
});

test('the address holds what was chosen, and a link brings it back', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.images(30, 0);
  await evaluate.pickBundled('fmnist_at');
  await expect(page).toHaveURL(/\?model=fmnist_at&board=fashion-mnist%2Flinf&samples=30&train=0$/);
  await page.reload();
  await expect(page.getByRole('radio', { name: /fmnist_at/ })).toBeChecked();
  await expect(page.getByLabel('Test images')).toHaveValue('30');
  await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 60_000 });
});

test('a zip is read like loose files, one that climbs out of its folder is refused', async ({ page }) => {
  const files = {
    'my model/model.json': new Uint8Array(await readFile(path.join(MODEL, 'model.json'))),
    'my model/group1-shard1of1.bin': new Uint8Array(await readFile(path.join(MODEL, 'group1-shard1of1.bin'))),
  };
  const zip = (content: Record<string, Uint8Array>) => [
    { name: 'model.zip', mimeType: 'application/zip', buffer: Buffer.from(zipSync(content)) },
  ];
  const evaluate = await EvaluatePage.open(page);
  await evaluate.chooseFiles(zip(files));
  await expect(page.getByText(/98,684 parameters/)).toBeVisible();
  await evaluate.chooseFiles(zip({ ...files, '../outside.bin': new Uint8Array(4) }));
  await expect(page.getByRole('alert').first()).toContainText('is not a relative path inside the archive');
  await evaluate.chooseFiles([{ name: 'model.zip', mimeType: 'application/zip', buffer: Buffer.from('PK not a zip') }]);
  await expect(page.getByRole('alert').first()).toContainText('model.zip is not a readable zip file');
});

test('a lost GPU is said, and the run goes on to the same outcome', async ({ page }) => {
  test.setTimeout(300_000);
  // Every script of the site notes the devices that it opens, so that the test can take one away.
  await page.route('**/_next/static/**/*.js', async (route) => {
    const answer = await route.fetch();
    const note = `if (self.GPUAdapter && !self.devices) { self.devices = []; const open = GPUAdapter.prototype.requestDevice;
      GPUAdapter.prototype.requestDevice = async function (...a) { const d = await open.apply(this, a); self.devices.push(d); return d; }; }\n`;
    await route.fulfill({ response: answer, body: note + (await answer.text()) });
  });
  const evaluate = await EvaluatePage.open(page);
  await page.getByLabel('Compute with').selectOption('webgpu');
  await evaluate.images(4, 0);
  await evaluate.pickBundled('fmnist_at');
  await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 120_000 });
  await evaluate.start();
  await expect(evaluate.accuracyOf('Clean')).toContainText(/\d/, { timeout: 60_000 });
  const lost = await Promise.all(
    page.workers().map((worker) =>
      worker.evaluate(() => {
        const { devices = [] } = globalThis as unknown as { devices?: GPUDevice[] };
        for (const device of devices) device.destroy();
        return devices.length;
      }),
    ),
  );
  expect(lost.reduce((a, b) => a + b, 0)).toBe(1);
  await expect(page.getByText(/The GPU was lost/)).toBeVisible({ timeout: 60_000 });
  const report = await evaluate.finishedReport();
  expect(report.environment.backend).toBe('webgpu');
  expect(report.counts.samples).toBe(4);
  // The first four test images: this model holds what WebAssembly holds (see the journey above).
  expect(Object.keys(report.evidence).sort()).toEqual(['clean', 'gaussian', 'pgd-10', 'pgd-margin', 'sign', 'targeted']);
});

test('a hidden tab is said, and the run goes on', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_st');
  await evaluate.images(50, 0);
  await evaluate.start();
  // Headless browsers keep every tab visible; the page is told what a browser would tell it.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { value: true, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  await expect(page.getByText(/The tab was hidden; the run goes on/)).toBeVisible();
  expect((await evaluate.finishedReport()).counts.samples).toBe(50);
});

test('data that arrive damaged are refused, and nothing is reported', async ({ page }) => {
  await page.route('**/data/fashion-mnist/test.bin', async (route) => {
    const answer = await route.fetch();
    const body = await answer.body();
    body[5] ^= 1;
    await route.fulfill({ response: answer, body });
  });
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_st');
  await evaluate.images(10, 0);
  await evaluate.start();
  await expect(page.getByRole('alert').first()).toContainText(/block \d+ did not match the published digest, twice/, { timeout: 60_000 });
  await expect(page.getByRole('button', { name: 'Start again' })).toBeEnabled();
});
