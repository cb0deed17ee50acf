/** Neighbouring questions, asked of a model in the visitor's browser. */
import { expect, test } from '@playwright/test';
import { PROBES } from '../lib/probes/catalogue';
import { violations } from './accessibility';

test('a model answers every probe, by keyboard, in both themes and on a phone', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/models/glyphs-st');
  const panel = page.getByRole('region', { name: 'Neighbouring questions' });
  await panel.getByLabel('Training and test images').selectOption('100 and 10');
  await panel.getByRole('button', { name: 'Ask the model' }).focus();
  await page.keyboard.press('Enter');
  await expect(panel.getByRole('progressbar')).toBeVisible({ timeout: 60_000 });
  await expect(panel.getByText('Measured on the first 100 training and 10 test images.')).toBeVisible({ timeout: 100_000 });
  for (const { title, arxiv } of Object.values(PROBES)) {
    const answer = panel.getByRole('region', { name: title });
    await expect(answer.getByRole('link', { name: `arXiv ${arxiv}` })).toHaveAttribute('href', `https://arxiv.org/abs/${arxiv}`);
    await expect(answer.getByRole('definition').first()).toHaveText(/\d/);
  }
  await expect(panel.getByRole('img', { name: /^Spectrum of gradients.*from \d+\.\d % of their sum/ })).toBeVisible();
  await expect(panel.getByRole('table', { name: 'Weights as a graph, layer by layer' }).getByRole('row')).not.toHaveCount(1);
  expect(await violations(page)).toEqual([]);
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.setViewportSize({ width: 360, height: 780 });
  expect(await violations(page)).toEqual([]);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
});

test('asking can be stopped, and what fails is said', async ({ page }) => {
  await page.goto('/models/glyphs-st');
  const panel = page.getByRole('region', { name: 'Neighbouring questions' });
  await panel.getByLabel('Training and test images').selectOption('1,000 and 100');
  const ask = panel.getByRole('button', { name: 'Ask the model' });
  await ask.click();
  await panel.getByRole('button', { name: 'Stop' }).click();
  await expect(ask).toBeVisible();
  await page.route('**/model.json', (route) => route.abort());
  await ask.click();
  await expect(panel.getByRole('alert')).toHaveText(/\w/, { timeout: 60_000 });
  await expect(ask).toBeEnabled();
});
