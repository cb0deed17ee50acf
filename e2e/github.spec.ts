/** Sign-in with GitHub, which is played: the browser is sent there and comes back with its answer. */
import { expect, type Page, test } from '@playwright/test';
import { violations } from './accessibility';
import { newPerson } from './account-pages';
import { APP, codeOf } from './played-github.mjs';

/** GitHub's page, on which somebody says yes or no. */
async function githubAnswers(page: Page, answer: (asked: URLSearchParams) => Record<string, string>) {
  await page.route('https://github.com/login/oauth/authorize?*', async (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const back = new URL(asked.get('redirect_uri') as string);
    for (const [key, value] of Object.entries({ state: asked.get('state') as string, ...answer(asked) })) back.searchParams.set(key, value);
    await route.fulfill({ status: 302, headers: { location: back.href } });
  });
}

test('an account of GitHub signs in where it was going, under its name there, and again later', async ({ page }) => {
  await newPerson(page);
  const id = Date.now() % 1e9;
  const email = `octocat-${id}@example.org`;
  await githubAnswers(page, (asked) => {
    expect(asked.get('client_id')).toBe(APP.clientId);
    return { code: codeOf({ id, login: `octocat-${id}`, name: null, email: null, emails: [{ email, primary: true, verified: true }] }) };
  });
  for (const _ of ['first', 'second']) {
    await page.goto('/account');
    await expect(page).toHaveURL(/\/signin\?next=\/account$/);
    await page.getByRole('button', { name: 'Continue with GitHub' }).click();
    await expect(page).toHaveURL(/\/account$/);
    await expect(page.getByText(`Signed in as octocat-${id} (${email})`)).toBeVisible();
    await page.getByRole('button', { name: 'Sign out' }).click();
    await expect(page).toHaveURL(/\/$/);
  }
});

test('a no at GitHub is said on the sign-in page, which still knows where one was going', async ({ page }) => {
  await newPerson(page);
  await githubAnswers(page, () => ({ error: 'access_denied' }));
  await page.goto('/signin?next=/submit');
  await page.getByRole('button', { name: 'Continue with GitHub' }).click();
  await expect(page.locator('main').getByRole('alert')).toHaveText(
    'You did not let GitHub tell this site who you are. Try again, or use an email and a password.',
  );
  expect(new URL(page.url()).searchParams.get('next')).toBe('/submit');
  expect(await violations(page)).toEqual([]);
});
