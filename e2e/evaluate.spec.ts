/** The main journey: a model is chosen, costed, measured in real workers, and the report kept. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { reportSchema } from '../lib/protocol/report';
import { EvaluatePage } from './evaluate-page';

const MODEL = path.join(process.cwd(), 'public/models/fmnist_st');

test('a visitor sees the cost, runs a bundled model on WebAssembly and keeps the report', async ({ page }) => {
  const evaluate = await EvaluatePage.open(page);
  await evaluate.pickBundled('fmnist_st');
  await evaluate.size('Glance');
  await expect(page.getByText(/image-steps a second/)).toBeVisible();
  await expect(page.getByText(/of Fashion-MNIST will be fetched/)).toBeVisible();
  await evaluate.start();
  await expect(page.getByRole('progressbar', { name: 'Evaluation' })).toBeVisible();
  // Numbers fill in before the end.
  await expect(evaluate.accuracyOf('Clean')).toContainText('90.0');
  const report = await evaluate.finishedReport();
  expect(reportSchema.parse(report)).toEqual(report);
  expect(report.environment.backend).toBe('wasm');
  expect(report.clean?.correct).toBe(90);
  expect(report.attacks['pgd-10']?.correct).toBe(0);
  expect(report.robust?.correct).toBe(0);
  expect(report.data.test?.official).toBe(true);
  expect(report.collapse?.clean?.nc1).toBeCloseTo(1.79, 1);
  await expect(page.getByRole('img', { name: /NC1 by condition/ })).toBeVisible();
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
  await page.getByLabel('Board').selectOption('cifar-10/linf');
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
