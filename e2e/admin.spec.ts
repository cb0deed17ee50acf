/** Looking after a site: the first admin, a runner that is let in, a job that is watched, cancelled and run anew. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type APIRequestContext, type APIResponse, expect, type Page, test } from '@playwright/test';
import { violations } from './accessibility';
import { newAccount, type Person } from './account-pages';
import { changedModel } from './changed-model';

/** As whoever started the site reads it. */
function adminLink(): string {
  const log = readFileSync(path.join(process.env.E2E_DATA_DIR as string, 'site.log'), 'utf8');
  const token = /admin\/claim\?token=([\w-]+)/.exec(log)?.[1];
  expect(token, 'the site printed no link for its first admin').toBeDefined();
  return `/admin/claim?token=${token}`;
}

async function someone(browser: import('@playwright/test').Browser, name: string): Promise<{ page: Page; person: Person; token: string }> {
  const page = await (await browser.newContext()).newPage();
  const person = await newAccount(page, name);
  await page.getByLabel('Name of the token').fill('terminal');
  await page.getByRole('button', { name: 'Create token' }).click();
  const token = await page.getByLabel('Token', { exact: true }).inputValue();
  return { page, person, token };
}

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** A published model, sent as a program would. */
async function publish(request: APIRequestContext, token: string, name: string) {
  const headers = { Authorization: `Bearer ${token}` };
  const files = await changedModel(Date.now() % 1000);
  const list = files.map(({ name: file, buffer }) => ({ path: file, sha256: sha256(buffer), bytes: buffer.length }));
  const whole = sha256(Buffer.from(list.map((f) => `${f.sha256}  ${f.path}\n`).join('')));
  const data = { name, board: 'fashion-mnist/linf', sha256: whole, files: list, recipe: 'AT', licence: 'MIT' };
  const good = async (answer: APIResponse) => {
    expect(answer.ok(), `${answer.url()}: ${await answer.text()}`).toBe(true);
    return answer.json();
  };
  const begun = await good(await request.post('/api/v1/submissions', { headers, data }));
  const at = `/api/v1/submissions/${begun.versionId}`;
  for (const { buffer } of files)
    if (begun.missing.includes(sha256(buffer))) await good(await request.put(`${at}/files/${sha256(buffer)}`, { headers, data: buffer }));
  for (const step of ['check', 'publish']) await good(await request.post(`${at}/${step}`, { headers }));
  return begun.slug as string;
}

test('the first admin lets a runner in, and its job is watched, cancelled and run anew', async ({ browser, request }) => {
  const [ada, bob, eve] = [await someone(browser, 'Ada'), await someone(browser, 'Bob the runner'), await someone(browser, 'Eve')];
  await ada.page.goto(adminLink());
  await ada.page.getByRole('button', { name: 'Make Ada an admin' }).click();
  await ada.page.goto('/account');
  await ada.page.getByRole('link', { name: 'Look after the site' }).click();
  await expect(ada.page.getByRole('heading', { name: 'Look after the site' })).toBeVisible();
  await eve.page.goto('/admin');
  await expect(eve.page.getByRole('heading', { name: /nothing here/ })).toBeVisible();

  // Bob may run a runner once Ada says so.
  const publicKey = generateKeyPairSync('ed25519').publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const about = { name: 'a box', publicKey, backend: 'wasm', device: 'a processor', architecture: null, engine: 'node', versions: {} };
  const asBob = { headers: { Authorization: `Bearer ${bob.token}` } };
  expect((await request.post('/api/v1/runners', { ...asBob, data: about })).status()).toBe(403);
  await ada.page.getByLabel('Part of a name or an address').fill('bob the');
  await ada.page.getByRole('button', { name: 'Find' }).click();
  await ada.page.getByLabel('Role of Bob the runner').selectOption('runner');
  await expect.poll(async () => (await request.post('/api/v1/runners', { ...asBob, data: about })).status()).toBe(201);
  const { id } = await (await request.post('/api/v1/runners', { ...asBob, data: about })).json();
  await ada.page.reload();
  await ada.page.getByRole('button', { name: 'Approve a box' }).click();
  await expect(ada.page.getByRole('row', { name: /a box/ }).getByText('approved')).toBeVisible();
  expect(await violations(ada.page)).toEqual([]);

  const slug = await publish(request, eve.token, 'Watched net');
  const { job } = await (await request.post(`/api/v1/runners/${id}/lease`, { ...asBob, data: {} })).json();
  const progress = { runner: id, done: 1, total: 4, stage: 'pgd-10', log: 'a line of its log\n' };
  await request.post(`/api/v1/jobs/${job.id}/progress`, { ...asBob, data: progress });
  await eve.page.goto(`/models/${slug}`);
  await expect(eve.page.getByText('is measured by a box, 25 %: pgd-10')).toBeVisible();
  await eve.page.getByRole('link', { name: 'Measuring again by a runner' }).click();
  await expect(eve.page.getByText('a line of its log')).toBeVisible();
  expect(await violations(eve.page)).toEqual([]);
  await expect(eve.page.getByRole('button', { name: 'Cancel this job' })).toHaveCount(0);
  await bob.page.goto(`/queue/${job.id}`);
  await expect(bob.page.getByText('is measured by a box')).toBeVisible();
  await expect(bob.page.getByText('a line of its log')).toHaveCount(0);

  await ada.page.goto(`/queue/${job.id}`);
  await ada.page.getByRole('button', { name: 'Cancel this job' }).click();
  await expect(ada.page.getByRole('table', { name: 'Attempts' }).getByText('cancelled')).toBeVisible();
  await eve.page.reload();
  await eve.page.getByRole('button', { name: 'Measure it once more' }).click();
  await expect(eve.page.getByText('No runner has had it yet.')).toBeVisible();
  await eve.page.goto('/queue');
  await expect(eve.page.getByRole('row', { name: /Watched net/ })).toContainText('waits');

  // A key that is revoked counts for nothing, for everybody to read.
  await ada.page.goto('/admin');
  await ada.page.getByRole('button', { name: 'Revoke a box' }).click();
  await ada.page.getByLabel('Public reason for revoking a box').fill('its fan is broken');
  await ada.page.getByRole('button', { name: 'Revoke for good' }).click();
  await expect(ada.page.getByText('revoked: its fan is broken')).toBeVisible();
  expect((await request.post(`/api/v1/runners/${id}/lease`, { ...asBob, data: {} })).status()).toBe(403);
  await eve.page.goto('/runners');
  await expect(eve.page.getByRole('row', { name: /a box/ })).toContainText('its fan is broken');
});
