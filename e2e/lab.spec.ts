/** The lab: a network is trained in the page, goes on where a closed tab left it, and is taken away. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectFit, violations } from './accessibility';
import { pick } from './pick';

test.setTimeout(300_000);

test('free features collapse to the simplex, and outnumbered classes fall together', async ({ page }) => {
  await page.goto('/lab');
  const ideal = page.getByRole('region', { name: 'The ideal' });
  const nc1 = ideal.getByText('NC1', { exact: true }).locator('xpath=following-sibling::dd');
  const before = Number(await nc1.textContent());
  expect(before).toBeGreaterThan(0.1);
  await ideal.getByRole('button', { name: 'Let it collapse' }).click();
  await expect(ideal.getByText('4,000 steps, and the end.')).toBeVisible({ timeout: 60_000 });
  await expect(ideal.getByText('4000', { exact: true })).toBeVisible();
  expect((await nc1.textContent()) ?? '').toMatch(/10\^-|^0(\.00\d+)?$/);
  await pick(ideal.getByRole('radio', { name: 'Outnumbered 20 to 1' }));
  await expect(ideal.getByRole('button', { name: 'Let it collapse' })).toBeEnabled();
  await expect(ideal.getByRole('img', { name: /^44 free features of 3 classes after 0 steps/ })).toBeVisible();
  await ideal.getByRole('button', { name: 'Let it collapse' }).click();
  await expect(ideal.getByText('4000', { exact: true })).toBeVisible({ timeout: 60_000 });
  const angles = ideal.getByText('NC2 angles', { exact: true }).locator('xpath=following-sibling::dd');
  expect(Number(await angles.textContent())).toBeGreaterThan(0.1);
  expect(await violations(page)).toEqual([]);
});

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
