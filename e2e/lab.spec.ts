/** The lab: a network is trained in the page, goes on where a closed tab left it, and is taken away. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectFit } from './accessibility';

test.setTimeout(300_000);

test('a network learns glyphs before one’s eyes, survives a reload, and leaves as a model', async ({ page }) => {
  await page.goto('/lab');
  await page.getByLabel('Training images').selectOption('1000');
  await page.getByLabel('Epochs').selectOption('5');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('heading', { name: /ST on 1,000 images, epoch [1-5] of 5/ })).toBeVisible({ timeout: 120_000 });

  await page.reload();
  const goOn = page.getByRole('button', { name: /Continue after epoch [1-4] of 5/ });
  await expect(goOn).toBeVisible();
  await goOn.click();
  await expect(page.getByRole('heading', { name: 'ST on 1,000 images, epoch 5 of 5' })).toBeVisible({ timeout: 180_000 });
  await expect(page.getByRole('status').filter({ hasText: 'Done.' })).toBeVisible();
  await expectFit(page);

  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save as zip' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('glyphs-st-epoch-5.zip');
  const zip = await readFile(await download.path());
  const files = unzipSync(zip);
  expect(Object.keys(files)).toContain('model.json');

  // It can be measured like every other.
  await page.goto('/evaluate?board=glyphs/linf');
  await page.getByLabel('Your own').setInputFiles({ name: download.suggestedFilename(), mimeType: 'application/zip', buffer: zip });
  await expect(page.getByText(/[\d,]+ parameters/)).toBeVisible({ timeout: 60_000 });
});
