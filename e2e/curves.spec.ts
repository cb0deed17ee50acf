/** Accuracy curves that a runner is asked for, on a model's page. */
import { expect, test } from '@playwright/test';
import { expectFit } from './accessibility';
import { newPerson, signUp } from './account-pages';

test('a visitor signs in, queues curves of a model, and sees them wait', async ({ page }) => {
  await page.goto('/models/fmnist-st');
  await page.getByRole('link', { name: 'Sign in to queue curves for a runner' }).click();
  await expect(page).toHaveURL(/\/signin\?next=/);
  // Back to the very version and board.
  await signUp(page, await newPerson(page, 'Katherine Johnson'));
  await expect(page).toHaveURL(/\/models\/fmnist-st\?version=1&board=fashion-mnist\/linf$/);
  const button = page.getByRole('button', { name: 'Queue curves for a runner' });
  await button.click();
  await expect(page.getByText(/^Accuracy curves by a runner: waits/)).toBeVisible();
  await expect(button).toHaveCount(0);
  await expectFit(page);
  await page.getByRole('link', { name: 'Accuracy curves by a runner' }).click();
  await expect(page.getByText('somebody asked for accuracy curves')).toBeVisible();
});
