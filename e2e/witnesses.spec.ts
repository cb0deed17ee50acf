/** A visitor attacks a model on its page, signs in, and sends what broke as witnesses. */
import { readFile } from 'node:fs/promises';
import { expect, type Page, test } from '@playwright/test';
import { readWitnesses } from '../lib/protocol/witness-file';
import { violations } from './accessibility';
import { newAccount } from './account-pages';

const MODEL = '/models/fmnist-at?board=fashion-mnist/linf';

/** Attacks with a seed until the panel says how many it broke; returns that number. */
async function attack(page: Page, seed: number): Promise<number> {
  const panel = page.getByRole('region', { name: 'Attack this model' });
  await panel.getByLabel('Images').selectOption('100');
  await panel.getByLabel('Restarts').selectOption('2');
  await panel.getByLabel('Seed').fill(String(seed));
  await panel.getByRole('button', { name: 'Attack', exact: true }).click();
  await expect(panel.getByRole('progressbar', { name: 'Attack' })).toBeVisible({ timeout: 60_000 });
  const outcome = panel.getByText(/^Broke \d+ of 100 images/);
  await expect(outcome).toBeVisible({ timeout: 240_000 });
  return Number(/Broke (\d+)/.exec((await outcome.textContent()) ?? '')?.[1]);
}

test('what a visitor breaks is saved without an account, and sent with one', async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto(MODEL);
  await page.getByRole('link', { name: 'Attack this model' }).click();
  let broken = 0;
  for (let seed = 1; seed < 4 && broken === 0; seed++) broken = await attack(page, 1000 * seed);
  expect(broken, 'forty steps break what ten have not').toBeGreaterThan(0);
  await expect(page.getByText('Attacking needs no account.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save the file' }).click();
  const path = await (await saving).path();
  const read = readWitnesses(new Uint8Array(await readFile(path)));
  expect(read).toMatchObject({ ok: true, value: { header: { board: 'fashion-mnist/linf' } } });

  await newAccount(page, 'Grace Hopper');
  await page.goto(MODEL);
  const file = { name: 'found.witness.gz', mimeType: 'application/gzip', buffer: await readFile(path) };
  await page.getByLabel(/send a witness file of your own/).setInputFiles(file);
  const sent = page.getByRole('list', { name: 'Witnesses that you sent' }).getByRole('listitem');
  await expect(sent).toHaveText(new RegExp(`^(${broken} images?: (waiting for a runner|a runner is looking)|Accepted: ${broken} broken)`));
});

test('a file that is no witness file is refused in a sentence', async ({ page }) => {
  await newAccount(page);
  await page.goto(MODEL);
  const file = { name: 'x.gz', mimeType: 'application/gzip', buffer: Buffer.from('hello') };
  await page.getByLabel(/send a witness file of your own/).setInputFiles(file);
  await expect(page.getByRole('alert').filter({ hasText: 'the file is not gzip' })).toBeVisible();
});
