/** Letters: an address is confirmed by its link, a forgotten password set anew. The site is one of its own, its mail server played. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { test as base, expect } from '@playwright/test';
import { type SmtpServer, smtpServer } from '../app/_server/testing-smtp';
import { violations } from './accessibility';
import { newAccount, newPerson, signIn } from './account-pages';

interface Site {
  origin: string;
  mail: SmtpServer;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answers(origin: string): Promise<boolean> {
  return (await fetch(origin).catch(() => undefined))?.ok ?? false;
}

const test = base.extend<object, { site: Site }>({
  site: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright wants the pattern, and nothing is needed here.
    async ({}, use) => {
      const [mail, port, folder] = [await smtpServer(), await freePort(), await mkdtemp(path.join(os.tmpdir(), 'simplexity-mail-'))];
      const origin = `http://localhost:${port}`;
      const settings = { PORT: String(port), HOST: '127.0.0.1', DATA_DIR: folder, TRUSTED_PROXIES: '1', RUNNER: 'off', SMTP_URL: mail.url };
      const site = spawn(process.execPath, ['scripts/start.mjs'], { stdio: 'ignore', env: { ...process.env, ...settings } });
      await expect.poll(() => answers(origin), { timeout: 240_000, message: 'the site with mail did not start' }).toBe(true);
      await use({ origin, mail });
      const gone = once(site, 'exit');
      site.kill();
      await gone;
      await mail.close();
      await rm(folder, { recursive: true, force: true });
    },
    { scope: 'worker', timeout: 300_000 },
  ],
  baseURL: async ({ site }, use) => use(site.origin),
});

const linkIn = (raw: string) => /http:\/\/localhost:\d+\S+/.exec(raw)?.[0] as string;

test('a letter comes to a new account, and its link confirms the address', async ({ page, site }) => {
  const person = await newAccount(page);
  const { to, raw } = await site.mail.next();
  expect(to).toBe(person.email);
  await expect(page.getByText(`The address ${person.email} is not confirmed`)).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.goto(linkIn(raw));
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByText(`Signed in as ${person.name}`)).toBeVisible();
  await expect(page.getByText('is not confirmed')).toHaveCount(0);
});

test('a forgotten password is set anew by a letter’s link, once, and the old one lets nobody in', async ({ page, site }) => {
  const person = await newAccount(page, 'Grace Hopper');
  await site.mail.next();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page).toHaveURL(/\/$/);
  await page.goto('/signin');
  await page.getByRole('link', { name: 'Forgotten your password?' }).click();
  await expect(page).toHaveURL(/\/signin\/forgotten/); // the page that is left has an email, too
  await page.getByLabel('Email').fill(person.email);
  await page.getByRole('button', { name: 'Send the letter' }).click();
  await expect(page.getByText('a letter with a link is on its way')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  const { to, raw } = await site.mail.next();
  expect(to).toBe(person.email);

  const link = linkIn(raw);
  const renewed = { ...person, password: 'another horse battery' };
  await page.goto(link);
  await page.getByLabel('New password').fill(renewed.password);
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('The new password is set.')).toBeVisible();
  await page.getByRole('link', { name: 'Sign in' }).last().click();
  await signIn(page, person);
  await expect(page.locator('main').getByRole('alert')).toHaveText('There is no account with this email and password.');
  await signIn(page, renewed);
  await expect(page.getByText(`Signed in as ${person.name}`)).toBeVisible();

  await newPerson(page);
  await page.goto(link);
  await page.getByLabel('New password').fill('a third horse battery');
  await page.getByRole('button', { name: 'Set the password' }).click();
  await expect(page.getByText('This link has been used or has expired.')).toBeVisible();
});
