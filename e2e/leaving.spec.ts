/** An account's own data: what happened, what is stored, a forgotten password, the end. */
import { readFile } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { violations } from './accessibility';
import { newAccount, signIn } from './account-pages';

test('an account takes its data along, is deleted, and nobody signs in to it any more', async ({ page }) => {
  const person = await newAccount(page, 'Leaving Lovelace');
  await expect(page.getByText('Nothing has happened yet.')).toBeVisible();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('link', { name: 'Download all that is stored' }).click(),
  ]);
  expect(JSON.parse(await readFile(await download.path(), 'utf8'))).toMatchObject({ profile: { name: person.name, email: person.email } });

  await page.getByRole('button', { name: 'Delete the account' }).click();
  expect(await violations(page)).toEqual([]);
  await page.getByLabel('Your password').fill('not the password');
  await page.getByRole('button', { name: 'Delete the account for good' }).click();
  await expect(page.getByText('it is not the password of this account')).toBeVisible();
  await page.getByLabel('Your password').fill(person.password);
  await page.getByRole('button', { name: 'Delete the account for good' }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/signin/);
  await signIn(page, person);
  await expect(page.locator('main').getByRole('alert')).toHaveText('There is no account with this email and password.');
});

test('a site without mail says who helps with a forgotten password, and a link without a token is said to be cut', async ({ page }) => {
  await page.goto('/signin');
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await expect(page.getByText('This site sends no mail.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.goto('/signin/new-password');
  await expect(page.getByText('The address holds no token.')).toBeVisible();
  await page.goto('/signin/new-password?token=made-up');
  await page.getByLabel('New password').fill('another horse battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('This link has been used or has expired.')).toBeVisible();
  expect(await violations(page)).toEqual([]);
});

test('dumps have a page of their own', async ({ page }) => {
  await page.goto('/dumps');
  await expect(page.getByRole('heading', { name: 'Dumps' })).toBeVisible();
  expect(await violations(page)).toEqual([]);
});
