/** From files to a row on the board: checked in the browser, uploaded, measured, published. */
import { expect, type Page, test } from '@playwright/test';
import { violations } from './accessibility';
import { newAccount, newPerson, signUp } from './account-pages';
import { changedModel, largeModel } from './changed-model';
import { SubmitPage } from './submit-page';

const rowsOf = async (page: Page) => {
  const answer = await page.request.get('/api/v1/boards/fashion-mnist/linf/rows');
  return ((await answer.json()) as { rows: { name: string; slug: string; state: string; samples: number; full: boolean }[] }).rows;
};

test('a visitor checks a model, signs up on the way, submits it with a claim, and it stands on the board', async ({ page }) => {
  test.setTimeout(300_000);
  const name = `Journey ${Date.now()}`;
  const person = await newPerson(page);
  const submit = await SubmitPage.open(page);
  await expect(page.getByText('Checking a model needs no account')).toBeVisible();
  await submit.chooseFiles(await changedModel(1));
  await submit.checked();
  await expect(submit.check('Layers and limits')).toContainText('47,194 parameters');
  await expect(submit.check('Clean accuracy')).toContainText(/\d\d\.\d % of 1,000/);
  await expect(submit.check('Repeats itself')).toContainText('over 5 passes');
  await expect(submit.check('PGD')).toContainText('hold');
  await expect(submit.check('Full run')).toContainText('on this device');
  expect(await violations(page)).toEqual([]);

  await submit.describe(name);
  await submit.claim('glance');
  await signUp(page, person);
  await expect(page.getByText(`You are signed in as ${person.name}`)).toBeVisible();
  // Signing in on the page has lost nothing of it.
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);
  await submit.button.click();
  await expect(page.getByRole('progressbar', { name: 'Measure the model here' })).toBeVisible({ timeout: 60_000 });
  await expect(page.getByRole('heading', { name: `${name} is public` })).toBeVisible({ timeout: 180_000 });
  await expect(page.getByText('self-reported')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  expect((await rowsOf(page)).find((row) => row.name === name)).toMatchObject({ state: 'self-reported', samples: 100, full: false });

  // The same weights again: the site says where they are.
  await page.getByRole('button', { name: 'Submit another model' }).click();
  await submit.chooseFiles(await changedModel(1));
  await submit.checked();
  await submit.describe('Once more');
  await submit.button.click();
  await expect(page.locator('main').getByRole('alert')).toContainText('on the site already');
});

test('an upload that breaks off keeps the form and goes on where it was', async ({ page }) => {
  test.setTimeout(240_000);
  // From the start: a route that is added while threads come and go may never be heard of.
  const sent: string[] = [];
  let broken = true;
  await page.route('**/api/v1/submissions/*/files/*', (route) => {
    if (broken) return route.abort();
    sent.push(route.request().url());
    return route.continue();
  });
  await newAccount(page);
  const submit = await SubmitPage.open(page);
  await submit.chooseFiles(await changedModel(2));
  await submit.checked();
  await submit.describe('Interrupted');
  await submit.claim('none');
  await submit.draft();
  await submit.button.click();
  await expect(page.locator('main').getByRole('alert')).toContainText('could not be reached', { timeout: 30_000 });
  await expect(page.locator('main').getByRole('alert')).toContainText('1 of 2 files have arrived and are not sent again');
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Interrupted');
  // It is on the account page, and found again there after the page was left.
  broken = false;
  await page.goto('/account');
  await expect(page.getByText('1 file is still to be sent')).toBeVisible();
  await page.getByRole('link', { name: 'Continue Interrupted, version 1' }).click();
  await expect(page.getByText('Choose the same files again')).toBeVisible();
  await submit.chooseFiles(await changedModel(3));
  await submit.checked();
  await expect(page.getByText('The files that you chose are of another model.')).toBeVisible();
  await expect(submit.button).toBeDisabled();
  await submit.chooseFiles(await changedModel(2));
  await submit.checked();
  await submit.claim('none');
  await submit.draft();
  await submit.button.click();
  await expect(page.getByRole('heading', { name: 'Interrupted is a draft' })).toBeVisible({ timeout: 30_000 });
  // The other file is a baseline's, byte for byte: the site has it already.
  expect(sent).toHaveLength(1);
});

test('a draft is invisible to others, and its owner publishes or discards it', async ({ page, browser }) => {
  test.setTimeout(240_000);
  await newAccount(page);
  const submit = await SubmitPage.open(page);
  await submit.chooseFiles(await changedModel(4));
  await submit.checked();
  const name = `Hidden ${Date.now()}`;
  await submit.describe(name);
  await submit.claim('none');
  await submit.draft();
  await submit.button.click();
  await expect(page.getByRole('heading', { name: `${name} is a draft` })).toBeVisible({ timeout: 30_000 });
  const slug = (await page.getByRole('link', { name: 'Open the model’s page' }).getAttribute('href'))?.split('/').pop();
  const other = await browser.newContext();
  const stranger = await other.newPage();
  await newAccount(stranger, 'Eve');
  expect((await stranger.request.get(`/api/v1/models/${slug}`)).status()).toBe(404);
  expect((await stranger.request.get(`/api/v1/models/${slug}/versions/1/files/model.json`)).status()).toBe(404);
  expect((await stranger.goto(`/models/${slug}`))?.status()).toBe(404);
  await stranger.goto('/account');
  await expect(stranger.getByText(name)).toHaveCount(0);
  expect((await page.request.get(`/api/v1/models/${slug}`)).status()).toBe(200);

  await page.goto('/account');
  expect(await violations(page)).toEqual([]);
  await page.getByRole('button', { name: `Publish ${name}, version 1` }).click();
  await expect(page.getByText('Everybody sees it.')).toBeVisible();
  expect((await stranger.request.get(`/api/v1/models/${slug}`)).status()).toBe(200);
  await stranger.goto(`/models/${slug}`);
  await expect(stranger.getByRole('link', { name: 'Submit the next version' })).toHaveCount(0);
  await other.close();

  // Its next version begins with what this one said, and has the model's name.
  await page.goto(`/models/${slug}`);
  await page.getByRole('link', { name: 'Submit the next version' }).click();
  await expect(page.getByLabel('Name', { exact: true })).toHaveValue(name);
  await expect(page.getByLabel('Name', { exact: true })).not.toBeEditable();
  await expect(page.getByLabel('Licence')).toHaveValue('MIT');
  await submit.chooseFiles(await changedModel(5));
  await submit.checked();
  await page.getByLabel('Licence').selectOption('CC-BY-4.0');
  await submit.claim('none');
  await submit.button.click();
  await expect(page.getByRole('heading', { name: `${name} is public` })).toBeVisible({ timeout: 30_000 });
  const both = (await (await page.request.get(`/api/v1/models/${slug}`)).json()) as { versions: { number: number; licence: string }[] };
  expect(both.versions.map((v) => [v.number, v.licence])).toEqual([
    [2, 'CC-BY-4.0'],
    [1, 'MIT'],
  ]);
});

test('a model that can’t be measured is refused by name, and nothing is uploaded', async ({ page }) => {
  const uploads: string[] = [];
  page.on('request', (request) => {
    if (request.method() !== 'GET') uploads.push(request.url());
  });
  const submit = await SubmitPage.open(page);
  const [json, shard] = await changedModel(5);
  await submit.chooseFiles([json]);
  await expect(submit.check('Files')).toContainText('Weight file group1-shard1of1.bin is missing');
  await expect(submit.check('PGD')).toContainText('not run');
  await expect(page.getByText('The model can’t be submitted as it is. Nothing was uploaded.')).toBeVisible();
  await page.getByRole('combobox', { name: /^Board/ }).selectOption('cifar-10/linf');
  await submit.chooseFiles([json, shard]);
  await expect(submit.check('Shapes')).toContainText('the input has shape [28,28,1]');
  expect(await violations(page)).toEqual([]);
  const odd = JSON.parse(json.buffer.toString());
  odd.modelTopology.model_config.config.layers[1].class_name = 'Lambda';
  await submit.chooseFiles([{ ...json, buffer: Buffer.from(JSON.stringify(odd)) }, shard]);
  await expect(submit.check('Layers and limits')).toContainText('Lambda');
  expect(uploads).toEqual([]);
});

test('details that are missing are named, and the first of them gets the focus', async ({ page }) => {
  await newAccount(page);
  const submit = await SubmitPage.open(page);
  await submit.chooseFiles(await changedModel(6));
  await submit.checked();
  await submit.button.click();
  await expect(page.getByText('Give the model a name.')).toBeVisible();
  await expect(page.getByText(/Choose a licence/)).toBeVisible();
  await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
  await submit.describe('Named');
  await expect(page.getByText('Give the model a name.')).toHaveCount(0);
});

test('a weight file that is too large for a request is cut and sent in pieces; flags stop nothing', async ({ page }) => {
  test.setTimeout(240_000);
  const sizes: number[] = [];
  page.on('request', (request) => {
    if (request.method() === 'PUT') sizes.push(1);
  });
  await newAccount(page);
  const submit = await SubmitPage.open(page);
  await submit.chooseFiles(largeModel());
  await expect(page.getByText(/^The model can be submitted, with/)).toBeVisible({ timeout: 150_000 });
  await expect(submit.check('Size')).toContainText('cut anew for sending');
  await expect(submit.check('Clean accuracy')).toContainText('hardly better than chance');
  await submit.describe(`Wide ${Date.now()}`);
  await submit.claim('none');
  await submit.draft();
  await submit.button.click();
  const link = page.getByRole('link', { name: 'Open the model’s page' });
  await expect(link).toBeVisible({ timeout: 60_000 });
  expect(sizes).toHaveLength(3);
  const slug = (await link.getAttribute('href'))?.split('/').pop();
  const model = await (await page.request.get(`/api/v1/models/${slug}`)).json();
  expect(model.versions[0].files.map((f: { path: string }) => f.path)).toEqual([
    'group1-shard1of2.bin',
    'group1-shard2of2.bin',
    'model.json',
  ]);
});
