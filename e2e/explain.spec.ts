/** The simplex of a model, measured in the visitor's browser, turned by keyboard and taken home as a file. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { violations } from './accessibility';

test('the simplex is drawn, turns by keyboard, and perturbed images leap', async ({ page }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/models/fmnist-st');
  await page.getByLabel('Training images').selectOption('100');
  await page.getByRole('button', { name: 'Draw the simplex' }).click();
  const drawing = page.getByRole('img', { name: /10 class means of clean features, 100 images/ });
  await expect(drawing).toBeVisible({ timeout: 90_000 });
  // Standard training: what PGD moves leaves its class’s mean; what is targeted lands on the next class’s.
  await expect(page.getByText(/^Under PGD-10, 0\.0 % of 100 images stay nearest/)).toBeVisible();
  const targeted = page
    .getByRole('table', { name: 'Where images land among the clean class means' })
    .getByRole('row', { name: /Targeted/ });
  await expect(targeted.getByRole('cell').nth(2)).toHaveText(/y \+ 1(9\d|100)\.\d %$/);
  const circles = () =>
    drawing.locator('circle').evaluateAll((list) => list.map((c) => `${c.getAttribute('cx')},${c.getAttribute('cy')}`).join(' '));
  const before = await circles();
  await page.getByRole('slider', { name: /^Turn/ }).focus();
  for (let i = 0; i < 5; i++) await page.keyboard.press('ArrowRight');
  expect(await circles()).not.toBe(before);
  await page.getByRole('button', { name: 'Take them back' }).click();
  await expect(page.getByRole('slider', { name: /^Way/ })).toHaveValue('0');
  await page.getByRole('button', { name: 'First three' }).click();
  await expect(page.getByText('An exact triangle: all of the scatter between the means.')).toBeVisible();
  await page.getByRole('button', { name: 'Let them leap' }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save “Simplex, PGD-10” as SVG' }).click();
  const download = await downloading;
  expect(download.suggestedFilename()).toBe('simplex-pgd-10.svg');
  const svg = await readFile(await download.path(), 'utf8');
  expect(svg.match(/<circle/g)).toHaveLength(3);
  expect(svg).not.toContain('var(');
  const picture = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save “Simplex, PGD-10” as PNG' }).click();
  const png = await readFile(await (await picture).path());
  expect(png.subarray(1, 4).toString()).toBe('PNG');
  expect(png.readUInt32BE(16)).toBe(3 * 600);
  expect(await violations(page)).toEqual([]);
});

test('PGD is followed step by step and by radius, and one example’s way stands out', async ({ page }) => {
  test.setTimeout(240_000);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.goto('/models/fmnist-st');
  await page.getByLabel('Training images').selectOption('100');
  await page.getByRole('button', { name: 'Draw the simplex' }).click();
  await page.getByRole('radio', { name: 'step by step' }).check({ timeout: 90_000 });
  await page.getByRole('button', { name: 'Follow the attack' }).click();
  const drawing = page.getByRole('img', { name: /10 class means of clean features, 60 images/ });
  await expect(drawing).toBeVisible({ timeout: 180_000 });
  const way = page.getByRole('slider', { name: 'Way' });
  await way.focus();
  await page.keyboard.press('Home');
  await expect(way).toHaveAttribute('aria-valuetext', 'the image');
  await page.keyboard.press('ArrowRight');
  await expect(way).toHaveAttribute('aria-valuetext', 'start');
  await page.keyboard.press('End');
  await expect(way).toHaveAttribute('aria-valuetext', 'step 10');
  await page.getByLabel('One example').selectOption('3');
  // From the image through the start and ten steps.
  const lines = await drawing.locator('path[stroke="var(--fg)"][stroke-width="1.8"]').getAttribute('d');
  expect(lines?.match(/[ML]/g)).toHaveLength(12);
  await page.getByRole('radio', { name: 'by radius ε' }).check();
  const radius = page.getByRole('slider', { name: 'ε' });
  await radius.focus();
  await page.keyboard.press('End');
  await expect(radius).toHaveAttribute('aria-valuetext', '0.200');
  expect(await violations(page)).toEqual([]);
});

test('drawing can be stopped, and the heat map of attacks leads to its run', async ({ page }) => {
  await page.goto('/models/fmnist-at');
  await page.getByLabel('Training images').selectOption('1000');
  await page.getByRole('button', { name: 'Draw the simplex' }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  await expect(page.getByRole('button', { name: 'Draw the simplex' })).toBeVisible();
  const heat = page.getByRole('region', { name: 'Overlap of attacks' });
  await expect(
    heat
      .getByRole('row', { name: /^PGD margin/ })
      .getByRole('cell')
      .nth(2),
  ).toHaveText('100.0');
  await page.getByRole('region', { name: 'Do attacks break the same images?' }).getByRole('link', { name: /^run / }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/^Run /);
});
