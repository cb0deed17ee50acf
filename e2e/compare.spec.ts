/** From the board to a comparison and to the images that break every model, by keyboard alone where it says so. */
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, type Page, test } from '@playwright/test';
import { percent } from '../app/_ui/format';
import { baselineFile } from '../lib/bundled-models';
import { fromBase64, unpackBitmap } from '../lib/protocol/evidence';
import type { Report } from '../lib/protocol/report';
import { violations } from './accessibility';

/** Goes on with Tab until the element is focused, as somebody without a mouse does. */
async function tabTo(page: Page, name: string | RegExp, role: 'checkbox' | 'button' | 'link') {
  const wanted = page.getByRole(role, { name }).first();
  for (let presses = 0; presses < 80; presses++) {
    if (await wanted.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`Tab never came to ${name}`);
}

const report = (id: string): Report => JSON.parse(readFileSync(`db/baselines/${baselineFile(id, 'fashion-mnist/linf')}`, 'utf8'));
/** Images on which the robust one holds and the other, of standard training, does not hold: all that it holds on. */
const ROBUST = report('fmnist_at').robust?.correct.toLocaleString('en') as string;
/** 1 where a baseline holds under both of level pgd's attacks that count. */
const held = ['fmnist_st', 'fmnist_at', 'fmnist_trades'].map((id) => {
  const { evidence } = report(id);
  const [pgd, margin] = ['pgd-10', 'pgd-margin'].map((attack) => unpackBitmap(fromBase64(evidence[attack]), 10_000));
  return pgd.map((bit, n) => bit & margin[n]);
});
const BREAKS_ALL = held[0].filter((_, n) => held.every((bits) => bits[n] === 0)).length;

// A page comes without the images that the site is still unpacking.
let hasImages = false;
test.beforeAll(async ({ request }) => {
  const status = async () => (await request.get('/data/fashion-mnist/manifest.json')).status();
  for (let tries = 0; tries < 60 && (await status()) !== 200; tries++) await sleep(1000);
  hasImages = (await status()) === 200;
});
test.beforeEach(() => test.skip(!hasImages, 'the site has no images of Fashion-MNIST (DATASETS_DIR)'));

test('rows are ticked and compared by keyboard alone, down to the images', async ({ page }) => {
  await page.goto('/boards/fashion-mnist/linf');
  await tabTo(page, 'Compare fmnist_at', 'checkbox');
  await page.keyboard.press('Space');
  await tabTo(page, 'Compare fmnist_st', 'checkbox');
  await page.keyboard.press('Space');
  // Enter in a ticked box sends its form, as anywhere.
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/compare\?.*m=fmnist-at%401&m=fmnist-st%401/);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('fmnist_at and fmnist_st');
  const pair = page.getByRole('table', { name: 'McNemar’s table of every two models' }).getByRole('row').nth(1);
  await expect(pair).toContainText(ROBUST);
  await expect(pair).toContainText('fmnist_at holds more');
  await tabTo(page, new RegExp(`^Show these ${ROBUST}`), 'link');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/group=10/);
  await expect(page.locator('figure img')).toHaveCount(96);
  // An image is drawn by the site, pixel for pixel.
  const first = page.locator('figure img').first();
  await expect.poll(() => first.evaluate((img: HTMLImageElement) => [img.complete, img.naturalWidth])).toEqual([true, 28]);
  expect(await violations(page)).toEqual([]);
});

test('a comparison has a lasting link, other evidence, and the same as JSON', async ({ page, request }) => {
  await page.goto('/compare?a=fmnist-at&b=fmnist-st');
  const lasting = await page.getByRole('link', { name: 'Lasting link' }).getAttribute('href');
  expect(lasting).toBe('/compare?m=fmnist-at@1&m=fmnist-st@1&board=fashion-mnist/linf');
  await page.getByRole('link', { name: 'no attack', exact: true }).click();
  await expect(page).toHaveURL(/on=clean/);
  await expect(page.getByText(/^Held by both: /)).toBeVisible();
  const href = (await page.getByRole('link', { name: 'as JSON' }).getAttribute('href')) as string;
  const { groups, samples } = await (await request.get(href)).json();
  const both = groups.find((g: { heldBy: string[] }) => g.heldBy.length === 2);
  await expect(page.getByText(`Held by both: ${both.count.toLocaleString('en')} (${percent(both.count / samples)} %)`)).toBeVisible();
});

test('from a model there is a choice of others, and a reason where a name is off', async ({ page }) => {
  await page.goto('/compare?a=fmnist-at&b=nobody');
  await expect(page.getByRole('alert').filter({ hasText: 'there is no public model nobody' })).toBeVisible();
  await page.goto('/models/fmnist-at');
  await page.getByRole('link', { name: 'Compare', exact: true }).first().click();
  await expect(page.getByRole('checkbox', { name: /fmnist_at/ })).toBeChecked();
  await page.getByRole('checkbox', { name: /fmnist_st/ }).check();
  await page.getByRole('button', { name: 'Compare' }).click();
  await expect(page.getByRole('heading', { name: 'Can they be told apart?' })).toBeVisible();
});

test('a board shows which images break every model, by class', async ({ page }) => {
  await page.goto('/boards/fashion-mnist/linf');
  await page.getByRole('link', { name: 'Which images break every model' }).click();
  await expect(
    page.getByText(`${BREAKS_ALL.toLocaleString('en')} of 10,000 test images (${percent(BREAKS_ALL / 10_000)} %)`),
  ).toBeVisible();
  await page.getByRole('link', { name: 'Shirt', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'Hardest first: Shirt' })).toBeVisible();
  const names = await page.locator('figure figcaption').allTextContents();
  expect(names).toHaveLength(60);
  expect(names.every((text) => text.includes('Shirt') && text.includes('0/3 hold'))).toBe(true);
  await page.getByRole('link', { name: 'easiest', exact: true }).click();
  await expect(page.locator('figure figcaption').first()).toContainText('2/3 hold');
});
