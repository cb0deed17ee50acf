/** The board from the first second: found, sorted, filtered, opened, downloaded, measured again. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { violations } from './accessibility';

const names = (page: import('@playwright/test').Page) => page.locator('[data-row-link]').allTextContents();

test('the first page is a board with ranked baselines, and says how each number was come by', async ({ page }) => {
  await page.goto('/');
  expect(await names(page)).toEqual(['fmnist_at', 'fmnist_trades', 'fmnist_st']);
  const row = page.getByRole('row', { name: /fmnist_at/ });
  await expect(row).toContainText('verified');
  await expect(row).toContainText('baseline');
  await expect(row).toContainText('61.2 ± 1.0');
  await expect(row.getByRole('cell').first()).toHaveText('1');
  await row
    .getByTitle(/^Run .*10,000 test and 10,000 training images/)
    .first()
    .click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Run /);
  await expect(page.getByText('A baseline: measured by this installation’s own code.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('sorting, searching and filtering stand in the address', async ({ page }) => {
  await page.goto('/boards/fashion-mnist/linf');
  await page.getByRole('link', { name: /^NC1/ }).first().click();
  await expect(page).toHaveURL(/sort=nc1/);
  expect(await names(page)).toEqual(['fmnist_st', 'fmnist_trades', 'fmnist_at']);
  await page.getByRole('link', { name: 'collapse', exact: true }).click();
  await expect(page).toHaveURL(/rank=collapse/);
  expect(await names(page)).toEqual(['fmnist_st', 'fmnist_trades', 'fmnist_at']);
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('_at');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/rank=collapse.*q=_at/);
  expect(await names(page)).toEqual(['fmnist_at']);
  await page.reload();
  expect(await names(page)).toEqual(['fmnist_at']);
  await page.getByRole('searchbox').fill('nothing like it');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No row fits.')).toBeVisible();
});

test('columns can be chosen, and any two drawn against each other', async ({ page }) => {
  await page.goto('/boards/fashion-mnist/l2');
  await page.getByText('Filters and columns').click();
  await page.getByRole('checkbox', { name: 'MACs' }).check();
  await page.getByRole('checkbox', { name: 'NC2' }).uncheck();
  await page.getByRole('button', { name: 'Apply' }).click();
  await expect(page.getByRole('columnheader', { name: /^MACs/ })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: /^NC2/ })).toHaveCount(0);
  await page.getByLabel('Up').selectOption('NC1');
  await page.getByRole('button', { name: 'Draw' }).click();
  await expect(page).toHaveURL(/columns=.*macs.*y=nc1/);
  await expect(page.getByRole('group', { name: /NC1 against Robust of 3 models/ })).toBeVisible();
});

test('arrow keys go from row to row', async ({ page }) => {
  await page.goto('/');
  await page.getByRole('link', { name: 'fmnist_at' }).first().focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('link', { name: 'fmnist_trades' }).first()).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('fmnist_trades');
});

test('the view is there as CSV', async ({ page }) => {
  await page.goto('/?sort=nc1');
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'CSV' }).click();
  const [head, first] = (await readFile(await (await downloading).path(), 'utf8')).split('\r\n');
  expect(first.split(',')[head.split(',').indexOf('name')]).toBe('fmnist_st');
  expect(head).toContain('nc1,nc2,nc3,nc4');
  expect(head).not.toContain('macs'); // no column of this view
});

test('a plot is saved as it looks, with nothing that only the page knows', async ({ page }) => {
  await page.goto('/');
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save “Collapse against Robust” as SVG' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('collapse-against-robust.svg');
  const svg = await readFile(await download.path(), 'utf8');
  expect(svg).toMatch(/^<svg[^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).toContain('fmnist_at');
  expect(svg).not.toContain('var(');
  expect(svg).not.toContain('class=');
});

test('a model’s page shows what it holds and gives its files', async ({ page }) => {
  await page.goto('/models/fmnist-at');
  for (const panel of [
    'Attack by attack',
    'Neural collapse',
    'Angles between class means',
    'Layer by layer',
    'Class by class',
    'Runs',
    'Download',
    'History',
  ])
    await expect(page.getByRole('heading', { name: panel, exact: true })).toBeVisible();
  await page.getByRole('link', { name: 'Fashion-MNIST L2 1.5' }).click();
  await expect(page).toHaveURL(/board=fashion-mnist%2Fl2/);
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'group1-shard1of1.bin' }).click();
  const bytes = await readFile(await (await downloading).path());
  expect(bytes.equals(await readFile('public/models/fmnist_at/group1-shard1of1.bin'))).toBe(true);
  await expect(page.getByText(createHash('sha256').update(bytes).digest('hex'))).toBeVisible();
  await page.getByText('Cite as BibTeX').click();
  await expect(page.getByText('@misc{simplexity-fmnist-at-v1')).toBeVisible();
});

test('a row can be measured again in the browser, and agrees', async ({ page }) => {
  await page.goto('/models/fmnist-at');
  await page.getByRole('link', { name: 'Reproduce in my browser' }).click();
  await expect(page).toHaveURL(/site=fmnist-at/);
  await expect(page.getByRole('radio', { name: /fmnist-at/ })).toBeChecked();
  await page.getByLabel('Test images').fill('200');
  await page.getByLabel('Training images').fill('0');
  await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 60_000 });
  await page.getByRole('button', { name: 'Start' }).click();
  await expect(page.getByText(/Agrees with run .* on 200 shared test images/)).toBeVisible({ timeout: 120_000 });
  // A visitor without an account is told so, and loses nothing.
  await page.getByRole('button', { name: 'Send as a run' }).click();
  await expect(page.getByText('You are not signed in.')).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Report', exact: true })).toBeVisible();
});

test('what is not there is said to be not there', async ({ page }) => {
  for (const path of ['/models/nothing', '/runs/nothing', '/boards/mnist/linf']) {
    const response = await page.goto(path);
    expect(response?.status()).toBe(404);
  }
});

test('a model’s adversarial images are made in the visitor’s browser', async ({ page }) => {
  await page.goto('/models/fmnist-st');
  await page.getByRole('button', { name: 'Attack 24 images' }).click();
  await expect(page.getByText('0 of 24 hold.')).toBeVisible({ timeout: 90_000 });
  await expect(page.getByRole('img', { name: /The same attacked: taken for/ })).toHaveCount(24);
  expect(await violations(page)).toEqual([]);
});
