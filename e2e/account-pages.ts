/** Signing in and the account page as a user handles them. */
import { expect, type Page } from '@playwright/test';
import { pick } from './pick';

export interface Person {
  name: string;
  email: string;
  password: string;
}

let people = 0;

/** Somebody new, who comes from an address of their own: attempts to sign in are counted by address. */
export async function newPerson(page: Page, name = 'Ada Lovelace'): Promise<Person> {
  const n = ++people;
  await page.setExtraHTTPHeaders({ 'X-Forwarded-For': `10.${process.pid % 250}.${Date.now() % 250}.${n}` });
  return { name, email: `person-${process.pid}-${Date.now()}-${n}@example.org`, password: 'correct horse battery' };
}

/** Fills the form where it stands: on the sign-in page, or within another. */
export async function signUp(page: Page, { name, email, password }: Person): Promise<void> {
  await pick(page.getByRole('radio', { name: 'Create an account' }));
  await page.getByLabel('Name', { exact: true }).last().fill(name);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Create an account' }).click();
}

export async function signIn(page: Page, { email, password }: Omit<Person, 'name'>): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
}

export async function newAccount(page: Page, name?: string): Promise<Person> {
  const person = await newPerson(page, name);
  await page.goto('/signin');
  await signUp(page, person);
  await expect(page.getByRole('heading', { name: 'Account', exact: true })).toBeVisible();
  return person;
}
