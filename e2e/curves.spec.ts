/** Accuracy curves that a runner is asked for, on a model's page. */
import { expect, test } from '@playwright/test';
import { expectFit } from './accessibility';
import { newAccount } from './account-pages';

test('a visitor signs in, queues curves of a model, and sees them wait', async ({ page }) => {
  await page.goto('/models/fmnist-st');
  await page.getByRole('link', { name: 'Sign in to queue curves for a runner' }).click();
  await expect(page).toHaveURL(/\/signin\?next=\/models\/fmnist-st$/);
  await newAccount(page, 'Katherine Johnson');
  await page.goto('/models/fmnist-st');
  const button = page.getByRole('button', { name: 'Queue curves for a runner' });
  await button.click();
  await expect(page.getByText(/^Accuracy curves by a runner: waits/)).toBeVisible();
  await expect(button).toHaveCount(0);
  await expectFit(page);
  await page.getByRole('link', { name: 'Accuracy curves by a runner' }).click();
  await expect(page.getByText('somebody asked for accuracy curves')).toBeVisible();
});
