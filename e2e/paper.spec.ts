/** The reproduction: every claim with its verdict, curves of each section, and the commands that make a run again. */
import { expect, test } from '@playwright/test';
import { CLAIMS } from '../lib/paper/claims';
import { paperRunsSchema } from '../lib/paper/run';

test('every claim has a verdict of its own board, and the numbers and commands are there', async ({ page, request }) => {
  const { runs } = paperRunsSchema.parse(await (await request.get('/paper/runs.json')).json());
  await page.goto('/paper');
  const table = page.getByRole('table', { name: 'Reproduction' });
  const verdicts = table.getByText(/^(Holds for|Does not hold|Can’t be told|Not run)/);
  await expect(verdicts).toHaveCount(CLAIMS.length);
  const before = await table.textContent();
  await page.getByRole('navigation', { name: 'Board' }).getByRole('link', { name: 'Fashion-MNIST L∞' }).click();
  await expect(page).toHaveURL(/board=fashion-mnist/);
  await expect.poll(() => table.textContent()).not.toBe(before);
  await expect(verdicts).toHaveCount(CLAIMS.length);
  const adversarial = page.getByRole('region', { name: 'Adversarial training collapses twice: Adversarial training' });
  await expect(
    adversarial.getByRole('img', { name: /^NC1: scatter within classes\. By epoch: clean from / }).filter({ visible: true }),
  ).toHaveCount(1);
  await adversarial.getByText(/^The commands? that make/).click();
  await expect(adversarial.getByText(`npm run -s train -- --board fashion-mnist/linf --mode at`).first()).toBeVisible();
  await table.getByRole('link', { name: /Early layers stay reliable/ }).click();
  await expect(page.locator('#early-layers')).toBeInViewport();
  expect(runs.some(({ recipe }) => recipe.board === 'fashion-mnist/linf')).toBe(true);
});

test('what few images can’t tell, runs on more of them do, and each set says what the other holds', async ({ page }) => {
  await page.goto('/paper?board=cifar-10/linf&images=200');
  const row = page.getByRole('row', { name: /nearest-centre rule is a robust classifier/ });
  await expect(row.getByText('Can’t be told', { exact: true })).toBeVisible();
  await row.getByRole('link', { name: /^On 5,000 images: (Holds|Does not hold)/ }).click();
  await expect(page).toHaveURL(/images=5000#at-centres-robust$/);
  await expect(
    page
      .locator('#at-centres-robust')
      .getByText(/^(Holds for|Does not hold)/)
      .first(),
  ).toBeVisible();
  const leaping = page.getByRole('row', { name: /^Leaping: / });
  await expect(leaping.getByText('Not run', { exact: true })).toBeVisible();
  await expect(leaping.getByRole('link', { name: /^On 200 images: / })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Leaping', exact: true }), 'a section without runs is not drawn').toHaveCount(0);
});

test('the perturbed simplex beside the clean one, class by class', async ({ page }) => {
  await page.goto('/paper?board=cifar-10/linf&images=200');
  const standard = page.getByRole('region', { name: 'Does the perturbed simplex lie on the clean one?: Standard training' });
  for (const title of [
    'Angle to the clean class means, radians',
    'Distance to the clean class means',
    'Turn of each class mean, in radians',
  ])
    await expect(standard.getByRole('img', { name: new RegExp(`^${title}\\. `) }).filter({ visible: true })).toHaveCount(1);
  await standard.getByText('Angles and distances as a table').click();
  await expect(standard.getByRole('row', { name: /^airplane \d\.\d\d rad, \d/ })).toBeVisible();
});
