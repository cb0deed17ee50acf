/** Looking after a site: the first admin, a runner that is let in, a job that is watched, cancelled and run anew. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type APIRequestContext, type APIResponse, expect, type Page, test } from '@playwright/test';
import { expectFit, violations } from './accessibility';
import { newAccount, newPerson, type Person, signIn } from './account-pages';
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
async function publish(request: APIRequestContext, token: string, name: string, change = Date.now() % 1000) {
  const headers = { Authorization: `Bearer ${token}` };
  const files = await changedModel(change);
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

/** The first admin, for the journeys after the one that makes her one. */
let admin: Person;

test('the first admin lets a runner in, and its job is watched, cancelled and run anew', async ({ browser, request }) => {
  const [ada, bob, eve] = [await someone(browser, 'Ada'), await someone(browser, 'Bob the runner'), await someone(browser, 'Eve')];
  admin = ada.person;
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
  await expect(
    eve.page.getByText(/^Near duplicate: the kernels of this version and those of fmnist_at, .* a cosine of 1.00000/),
  ).toBeVisible();
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
  await expectFit(ada.page);
  await ada.page.getByRole('button', { name: 'Revoke for good' }).click();
  await expect(ada.page.getByText('revoked: its fan is broken')).toBeVisible();
  expect((await request.post(`/api/v1/runners/${id}/lease`, { ...asBob, data: {} })).status()).toBe(403);
  await eve.page.goto('/runners');
  await expect(eve.page.getByRole('row', { name: /a box/ })).toContainText('its fan is broken');
});

test('a complaint is answered, a model disqualified for everybody to read, and its one appeal upheld', async ({ browser, request }) => {
  const [eve, mallory] = [await someone(browser, 'Eve'), await someone(browser, 'Mallory')];
  const ada = await (await browser.newContext()).newPage();
  await newPerson(ada);
  await ada.goto('/signin?next=/admin');
  await signIn(ada, admin);
  await expect(ada.getByText('Nothing waits for an answer.')).toBeVisible();
  const slug = await publish(request, mallory.token, 'Doubtful net', (Date.now() + 500) % 1000);

  await eve.page.goto(`/models/${slug}`);
  await eve.page.getByText('Report a problem').click();
  await eve.page.getByLabel('What is it about?').selectOption('cheating');
  await eve.page.getByLabel('What is wrong, and how can it be seen?').fill('It knows the test images by heart.');
  await eve.page.getByRole('button', { name: 'Send to the admins' }).click();
  await expect(eve.page.getByText('It was sent.')).toBeVisible();
  expect(await violations(eve.page)).toEqual([]);

  await ada.reload();
  await expect(ada.getByText('It knows the test images by heart.')).toBeVisible();
  await expectFit(ada);
  await ada.getByRole('link', { name: 'Doubtful net' }).click();
  await ada.getByText('Look after this version').click();
  await ada.getByRole('button', { name: 'Disqualify…' }).click();
  await ada.getByLabel('Public reason').fill('trained on test images');
  await ada.getByRole('button', { name: 'Disqualify', exact: true }).click();
  await expect(ada.getByText('Disqualified, so not ranked: trained on test images.')).toBeVisible();
  await ada.goto('/admin');
  await ada.getByLabel('Answer to the complaint about Doubtful net').fill('It was disqualified, thank you.');
  await ada.getByRole('button', { name: 'Answer and close' }).click();
  await expect(ada.getByText('Nothing waits for an answer.')).toBeVisible();
  await eve.page.goto('/account');
  await expect(eve.page.getByText('The admins: It was disqualified, thank you.')).toBeVisible();
  await expectFit(eve.page);

  // Eve reads it, too, and has nothing to appeal.
  await eve.page.goto(`/models/${slug}`);
  await expect(eve.page.getByText('Disqualified by the admins: trained on test images.', { exact: true })).toBeVisible();
  await expect(eve.page.getByRole('button', { name: 'Appeal' })).toHaveCount(0);
  await mallory.page.goto(`/models/${slug}`);
  await mallory.page.getByLabel(/You may appeal once/).fill('The logs at the address in the description show otherwise.');
  await mallory.page.getByRole('button', { name: 'Appeal' }).click();
  await expect(mallory.page.getByText('The admins have not answered yet.')).toBeVisible();

  // What happened to her model is counted beside the way to her account, until she has seen it there.
  const account = mallory.page.getByRole('navigation').getByRole('link', { name: /^Account/ });
  await expect(account).toHaveAccessibleName(/^Account\s*,\s*1 new$/);
  await expectFit(mallory.page);
  await account.click();
  const news = mallory.page.getByRole('region', { name: 'What happened' });
  await expect(news.getByRole('listitem').filter({ hasText: 'trained on test images' })).toContainText('New');
  await expect(account).toHaveAccessibleName('Account');
  await expectFit(mallory.page);
  await mallory.page.goto('/queue');
  await expect(mallory.page.getByRole('heading', { level: 1 })).toBeVisible();
  await mallory.page.goto('/account');
  await expect(news.getByText('trained on test images')).toBeVisible();
  await expect(news.getByText('New', { exact: true })).toHaveCount(0);
  await mallory.page.goto(`/models/${slug}`);

  await ada.reload();
  await ada.getByLabel('Answer to the appeal about Doubtful net').fill('The logs do show otherwise');
  await expectFit(ada);
  await ada.getByRole('button', { name: 'Uphold: take the decision back' }).click();
  await expect(ada.getByText('Nothing waits for an answer.')).toBeVisible();
  await mallory.page.reload();
  await expect(mallory.page.getByText('The appeal was upheld: The logs do show otherwise.')).toBeVisible();
  await expect(mallory.page.getByText('Disqualified, so not ranked')).toHaveCount(0);

  // Hidden it is out of sight for everybody else, with the reason in its place.
  await ada.goto(`/models/${slug}`);
  await ada.getByText('Look after this version').click();
  await ada.getByRole('button', { name: 'Hide…' }).click();
  await ada.getByLabel('Public reason').fill('its name is somebody’s');
  await ada.getByRole('button', { name: 'Hide', exact: true }).click();
  await expect(ada.getByText('Hidden by the admins: its name is somebody’s.').first()).toBeVisible();
  await eve.page.reload();
  await expect(eve.page.getByText('The admins of this site have hidden this model: its name is somebody’s.')).toBeVisible();
});
