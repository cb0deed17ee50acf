/** Accounts: made, left and entered again; tokens shown once; what is refused, in sentences. */
import { expect, test } from '@playwright/test';
import { violations } from './accessibility';
import { newAccount, newPerson, signIn, signUp } from './account-pages';
import { pick } from './pick';

test('a new account makes a token that is shown once and works, signs out and in again, and takes it back', async ({
  page,
  playwright,
  baseURL,
}) => {
  const person = await newPerson(page);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/signin\?next=\/account$/);
  await signUp(page, person);
  await expect(page.getByText(`Signed in as ${person.name}`)).toBeVisible();
  await expect(page.getByText('You have no tokens.')).toBeVisible();

  await page.getByLabel('Name of the token').fill('laptop');
  await page.getByLabel('Works for').selectOption('30');
  await page.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  expect(token).toMatch(/^sx_\w{20,}/);
  await expect(page.getByText('laptop was made')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  // Without cookies the token is enough.
  const terminal = await playwright.request.newContext({
    ...(baseURL ? { baseURL } : {}),
    extraHTTPHeaders: { Authorization: `Bearer ${token}` },
  });
  const refused = await terminal.post('/api/v1/submissions', { data: {} });
  expect(refused.status()).toBe(400);
  await page.getByRole('button', { name: 'Done' }).click();
  await page.reload();
  await expect(page.getByText(token.slice(0, 5))).toBeVisible();
  await expect(page.locator('main')).not.toContainText(token);
  await expect(page.getByText(/last used/)).toBeVisible();

  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto('/account');
  await expect(page).toHaveURL(/\/signin/);
  await signIn(page, person);
  await page.getByRole('button', { name: 'Revoke laptop' }).click();
  await page.getByRole('button', { name: 'Revoke laptop for good' }).click();
  await expect(page.getByText('You have no tokens.')).toBeVisible();
  expect((await terminal.post('/api/v1/submissions', { data: {} })).status()).toBe(401);
  await terminal.dispose();
});

test('what can’t be accepted is said in a sentence, and nothing typed is lost', async ({ page }) => {
  const person = await newAccount(page);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/$/);
  await newPerson(page); // another address: the limit is not what is tried here
  await page.goto('/signin');
  await signIn(page, { ...person, password: 'not the password' });
  await expect(page.locator('main').getByRole('alert')).toHaveText('There is no account with this email and password.');
  await expect(page.getByLabel('Email')).toHaveValue(person.email);
  await expect(page.getByLabel('Password')).toHaveValue('not the password');
  await expect(page.getByLabel('Password')).toBeFocused();

  await pick(page.getByRole('radio', { name: 'Create an account' }));
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.locator('main').getByRole('alert')).toHaveText('The password has 5 characters; at least 10 are needed.');
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create an account' }).click();
  await expect(page.locator('main').getByRole('alert')).toContainText('There is an account with this email already');
  await expect(page.getByLabel('Email')).toBeFocused();

  await page.route('**/api/auth/**', (route) => route.abort());
  await pick(page.getByRole('radio', { name: 'Sign in', exact: true }));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.locator('main').getByRole('alert')).toContainText('could not be reached');
});

test('after signing in only paths of this site are gone to', async ({ page }) => {
  const person = await newAccount(page);
  await page.goto('/signin?next=https://example.org/');
  await expect(page).toHaveURL(/localhost:\d+\/account$/);
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto('/signin?next=//example.org');
  await signIn(page, person);
  await expect(page).toHaveURL(/localhost:\d+\/account$/);
});

test('a link for admins that is not one is refused, and only by a press of the button', async ({ page }) => {
  const person = await newPerson(page);
  await page.goto('/admin/claim?token=made-up');
  await expect(page).toHaveURL(/\/signin\?next=/);
  await signUp(page, person);
  await expect(page).toHaveURL(/\/admin\/claim\?token=made-up$/);
  await page.getByRole('button', { name: `Make ${person.name} an admin` }).click();
  await expect(page.locator('main').getByRole('alert')).toContainText('This link has been used, has expired');
  expect(await violations(page)).toEqual([]);
});

test('the sign-in form works by keyboard alone', async ({ page }) => {
  const person = await newPerson(page);
  await page.goto('/signin');
  await page.getByRole('radio', { name: 'Sign in', exact: true }).focus();
  await page.keyboard.press('ArrowRight');
  for (const text of [person.name, person.email, person.password]) {
    await page.keyboard.press('Tab');
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await expect(page.getByText(`Signed in as ${person.name}`)).toBeVisible();
});

for (const colorScheme of ['light', 'dark'] as const) {
  test(`the account’s pages have no accessibility violations in ${colorScheme} colours, and fit a phone`, async ({ page }) => {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width: 360, height: 780 });
    const fits = async () => {
      expect(await violations(page)).toEqual([]);
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
    };
    await page.goto('/signin');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.locator('main').getByRole('alert')).toBeVisible();
    await fits();
    await newAccount(page, 'A person with a name that is rather longer than most names are');
    await fits();
    await page.goto('/submit');
    await fits();
  });
}
