/** The lab: a network is trained in the page, goes on where a closed tab left it, and is taken away. */
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page, test } from '@playwright/test';
import { unzipSync } from 'fflate';
import { expectFit, violations } from './accessibility';
import { pick } from './pick';

test.setTimeout(300_000);

/** The zip that a button saves, and how many epochs the model in it says that it was trained for. */
async function takenBy(page: Page, button: Locator) {
  const downloading = page.waitForEvent('download');
  await button.click();
  const download = await downloading;
  const zip = await readFile(await download.path());
  const model = JSON.parse(Buffer.from(unzipSync(zip)['model.json']).toString('utf8'));
  return { name: download.suggestedFilename(), zip, epochs: model.userDefinedMetadata.history.length as number };
}

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
  // The other model of free features comes to the same.
  await pick(ideal.getByRole('radio', { name: 'Decayed' }));
  expect(Number(await nc1.textContent())).toBeGreaterThan(0.1);
  await ideal.getByRole('button', { name: 'Let it collapse' }).click();
  await expect(ideal.getByText('4,000 steps, and the end.')).toBeVisible({ timeout: 60_000 });
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
  await page.getByLabel('Epochs', { exact: true }).selectOption('5');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByText(/step \d+ of 160, loss [\d.]+, (a few|about) .* left/)).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('heading', { name: /ST on 1,000 images, epoch [1-5] of 5/ })).toBeVisible({ timeout: 120_000 });

  await page.reload();
  const goOn = page.getByRole('button', { name: /Continue after epoch [1-4] of 5/ });
  await expect(goOn).toBeVisible();
  // It is not given up for another without a question.
  await page.getByRole('button', { name: 'Train anew' }).click();
  const question = page.getByRole('alertdialog');
  await expect(question).toContainText(/at epoch [1-4] of 5/);
  expect(await violations(page)).toEqual([]);
  await question.getByRole('button', { name: 'Keep it' }).click();
  await expect(question).toHaveCount(0);
  await goOn.click();
  await expect(page.getByRole('heading', { name: 'ST on 1,000 images, epoch 5 of 5' })).toBeVisible({ timeout: 180_000 });
  await expect(page.getByRole('status').filter({ hasText: 'Done.' })).toBeVisible();
  await expect(page.getByText(/^About .* on this device$|^A few seconds on this device$/)).toBeVisible();
  // The epochs that this page has seen can be looked back at, and played.
  const drawn = (epoch: string) => page.getByRole('heading', { name: new RegExp(`^The simplex after epoch ${epoch}$`) });
  await expect(drawn('5')).toBeVisible();
  await page.getByRole('slider', { name: 'Epoch' }).press('Home');
  await expect(drawn('[1-4]')).toBeVisible();
  // Each is a checkpoint of its own, to be taken away.
  const past = await takenBy(page, page.getByRole('button', { name: /^Save epoch [1-4]$/ }));
  await page.getByRole('button', { name: 'Play the training' }).click();
  await expect(drawn('5')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Play the training' })).toBeVisible();
  await expectFit(page);

  const { name, zip, epochs } = await takenBy(page, page.getByRole('button', { name: 'Save as zip' }));
  expect(name).toBe('glyphs-st-epoch-5.zip');
  expect(epochs).toBe(5);
  expect(past.name).toBe(`glyphs-st-epoch-${past.epochs}.zip`);
  expect(past.epochs).toBeLessThan(5);

  // It can be measured like every other.
  await page.goto('/evaluate?board=glyphs/linf');
  await page.getByLabel('Your own').setInputFiles({ name, mimeType: 'application/zip', buffer: zip });
  await expect(page.getByText(/[\d,]+ parameters/)).toBeVisible({ timeout: 60_000 });
});

test('numbers out of range are refused by name, and nothing that was typed is lost', async ({ page }) => {
  await page.goto('/lab');
  await pick(page.getByRole('radio', { name: /^AT / }));
  const recipe = page.locator('details').filter({ hasText: 'Recipe' });
  await expect(recipe).not.toHaveAttribute('open');
  await recipe.locator('summary').click();
  await page.getByLabel('Weight decay').fill('0.002');
  await page.getByLabel('Learning rate').fill('11');
  await recipe.locator('summary').click();
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  const refusal = 'learning rate must be a number above 0 and at most 10, got 11.';
  await expect(page.getByRole('alert').filter({ hasText: refusal })).toBeVisible();
  // The block opens by itself, at the field.
  await expect(page.getByLabel('Learning rate')).toBeFocused();
  await expect(page.getByLabel('Weight decay')).toHaveValue('0.002');
  await expect(recipe.getByText('The command stands here once every field is in its range.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.setViewportSize({ width: 360, height: 800 });
  await expectFit(page);
  await page.getByLabel('Learning rate').fill('0.05');
  await expect(page.getByRole('alert').filter({ hasText: refusal })).toHaveCount(0);
  await expect(recipe.locator('pre')).toContainText('--mode at --net small');
  await expect(recipe.locator('pre')).toContainText('--lr 0.05 --schedule cosine');
  await expect(recipe.locator('pre')).toContainText('--weight-decay 0.002 --warmup 5 --seed 20231107');
  await expectFit(page);
});

test('a training that diverges leaves its last good epoch, also in a browser that keeps none', async ({ page, baseURL }) => {
  await page.goto('/lab');
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Storage.overrideQuotaForOrigin', { origin: baseURL as string, quotaSize: 1 });
  await page.getByLabel('Epochs', { exact: true }).selectOption('5');
  await page.locator('summary').filter({ hasText: 'Recipe' }).click();
  await page.getByLabel('Learning rate').fill('2.5');
  await page.getByLabel('Weight decay').fill('1');
  await page.getByLabel('Momentum').fill('0');
  await page.getByLabel('Batch', { exact: true }).fill('100');
  await page.getByLabel('Schedule').selectOption('constant');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('alert').filter({ hasText: 'This browser keeps no epochs: ' })).toBeVisible({ timeout: 120_000 });
  const problem = page.getByRole('alert').filter({ hasText: /not (a )?finite/ });
  await expect(problem).toContainText(/Epoch [1-4], the last good one, is kept.* A learning rate below 2.5 may help\./, {
    timeout: 120_000,
  });
  await expect(page.getByRole('button', { name: /^Continue/ })).toHaveCount(0);
  await expect(page.getByRole('button', { name: 'Save as zip' })).toBeEnabled();
  expect(await violations(page)).toEqual([]);
});

/** Degrees about the middle of the drawing at which the example's way begins, whatever the drawing's scale. */
async function beginning(page: Page): Promise<number> {
  const [, x, y] =
    /^M([\d.]+),([\d.]+)L/.exec((await page.locator('path[stroke-width="1.8"][stroke="var(--fg)"]').getAttribute('d')) ?? '') ?? [];
  return (Math.atan2(Number(y) - 240, Number(x) - 300) * 180) / Math.PI;
}

test('where images bear squares, the attack is followed from those very images', async ({ page }) => {
  await page.goto('/lab');
  await page.getByLabel('What is learnt').selectOption('shortcut');
  await page.getByLabel('Epochs', { exact: true }).selectOption('5');
  await page.getByRole('button', { name: 'Train', exact: true }).click();
  await expect(page.getByRole('heading', { name: /ST on 1,000 images \(with a square.*\), epoch 1 of 5/ })).toBeVisible({
    timeout: 120_000,
  });
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText('Stopped; the last epoch is kept.')).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('heading', { name: 'The square against the glyph' })).toBeVisible();
  const drawn = page.getByRole('region', { name: /^The simplex after epoch/ });
  await expect(drawn.locator('g[opacity="0.2"]')).toHaveCount(0);
  await drawn.getByLabel('Highlight').selectOption({ index: 1 });
  await expect(drawn.locator('g[opacity="0.2"]')).toHaveCount(1);
  await expect(drawn.getByRole('img', { name: /standing out/ })).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('One example').selectOption('0');
  const straight = await beginning(page);
  await pick(page.getByRole('radio', { name: 'step by step' }));
  await page.getByRole('button', { name: 'Follow the attack' }).click();
  await expect(page.locator('path[stroke-width="1.8"][stroke="var(--fg)"]')).toHaveAttribute('d', /(L[^L]+){11}/, { timeout: 120_000 });
  expect(Math.abs((await beginning(page)) - straight)).toBeLessThan(1.5);
});
