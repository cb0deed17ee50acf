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
  const boards = [...new Set(runs.map(({ recipe }) => recipe.board))];
  expect(boards.length).toBeGreaterThan(1);
  await page.getByRole('navigation', { name: 'Board' }).getByRole('link').nth(1).click();
  await expect(page).toHaveURL(new RegExp(`board=${boards[1]}`));
  await expect.poll(() => table.textContent()).not.toBe(before);
  const adversarial = page.getByRole('region', { name: 'Adversarial training collapses twice: Adversarial training' });
  await expect(
    adversarial.getByRole('img', { name: /^NC1: scatter within classes\. By epoch: clean from / }).filter({ visible: true }),
  ).toHaveCount(1);
  await adversarial.getByText(/^The commands? that make/).click();
  await expect(adversarial.getByText(`npm run -s train -- --board ${boards[1]} --mode at`).first()).toBeVisible();
  await table.getByRole('link', { name: /Early layers stay reliable/ }).click();
  await expect(page.locator('#early-layers')).toBeInViewport();
});
