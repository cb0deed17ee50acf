/** What every page owes: no accessibility violations in both themes, no sideways scrolling on a phone, keyboard use. */

import { expect, test } from '@playwright/test';
import { violations } from './accessibility';

const PAGES = [
  ...['/', '/evaluate', '/lab', '/boards/cifar-10/linf', '/models/fmnist-at', '/docs/api', '/signin', '/submit', '/queue', '/runners'],
  ...['/docs', '/docs/protocol', '/docs/glossary', '/dumps', '/paper', '/paper?board=fashion-mnist/linf'],
  ...['/compare', '/compare?a=fmnist-at&b=fmnist-st', '/boards/fashion-mnist/linf/images', '/boards/cifar-10/linf/images'],
];

for (const colorScheme of ['light', 'dark'] as const) {
  for (const path of PAGES) {
    test(`${path} has no accessibility violations in ${colorScheme} colours`, async ({ page }) => {
      await page.emulateMedia({ colorScheme });
      await page.goto(path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      expect(await violations(page)).toEqual([]);
    });
  }
}

for (const path of PAGES) {
  test(`${path} fits a phone of 360 px without scrolling sideways`, async ({ page }) => {
    await page.setViewportSize({ width: 360, height: 780 });
    await page.goto(path);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  });
}

test('the first page leads to the evaluation, by keyboard alone', async ({ page }) => {
  await page.goto('/');
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the content' })).toBeFocused();
  await page.getByRole('link', { name: 'evaluate a model' }).focus();
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/evaluate/);
  await page.getByRole('radio', { name: /fmnist_st/ }).focus();
  await page.keyboard.press('Space');
  await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 60_000 });
});

test('the theme can be switched and is remembered', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto('/');
  await page.getByRole('button', { name: 'Switch to dark colours' }).click();
  await expect(page.locator('html')).toHaveClass(/dark/);
  await page.reload();
  await expect(page.locator('html')).toHaveClass(/dark/);
});

test('no page asks another host for anything', async ({ page, baseURL }) => {
  const hosts = new Set<string>();
  page.on('request', (request) => hosts.add(new URL(request.url()).host));
  for (const path of PAGES) await page.goto(path, { waitUntil: 'load' });
  expect([...hosts]).toEqual([new URL(baseURL ?? '').host]);
});
