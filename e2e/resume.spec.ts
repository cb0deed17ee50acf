/** Long runs survive life: a reload, a stop, a page that the system froze. The report is that of a run in one piece. */
import path from 'node:path';
import { expect, type Page, test } from '@playwright/test';
import type { Report } from '../lib/protocol/report';
import { violations } from './accessibility';
import { EvaluatePage } from './evaluate-page';

const MODEL = path.join(process.cwd(), 'public/models/glyphs_st');

async function begin(page: Page, pick: (evaluate: EvaluatePage) => Promise<void>): Promise<EvaluatePage> {
  await page.goto('/evaluate?board=glyphs%2Flinf');
  const evaluate = new EvaluatePage(page);
  await pick(evaluate);
  await evaluate.images(100, 200);
  await expect(page.getByText(/image-steps a second/)).toBeVisible({ timeout: 30_000 });
  await evaluate.start();
  return evaluate;
}
const bundled = (evaluate: EvaluatePage) => evaluate.pickBundled('glyphs_st');
const dropped = (evaluate: EvaluatePage) =>
  evaluate.chooseFiles(['model.json', 'group1-shard1of1.bin'].map((name) => path.join(MODEL, name)));

/** Waits until so much of the run is done. */
async function reached(page: Page, percent: number): Promise<void> {
  const bar = page.getByRole('progressbar', { name: 'Evaluation' });
  await expect.poll(async () => Number(await bar.getAttribute('aria-valuenow')), { timeout: 60_000 }).toBeGreaterThanOrEqual(percent);
}

/** Discards what this browser keeps. */
async function discardAll(page: Page): Promise<void> {
  await page.reload();
  await expect(page.getByRole('button', { name: 'Discard' })).toHaveCount(1);
  await page.getByRole('button', { name: 'Discard' }).click();
  await expect(page.getByRole('button', { name: 'Discard' })).toHaveCount(0);
}

/** All of a report but what a clock says. */
const lasting = ({ startedAt: _, durationMs: __, attacks, ...rest }: Report) => ({
  ...rest,
  attacks: Object.fromEntries(Object.entries(attacks).map(([id, { durationMs: ___, ...attack }]) => [id, attack])),
});

test('a run goes on after a reload and after a stop, and ends in the report of a run in one piece', async ({ page }) => {
  test.setTimeout(300_000);
  const whole = await (await begin(page, bundled)).finishedReport();
  await discardAll(page);

  let evaluate = await begin(page, bundled);
  await reached(page, 30);
  await page.reload();
  const kept = page.getByRole('region', { name: /^(A run that is|Runs that are) kept$/ });
  const interrupted = kept.getByRole('listitem').filter({ hasText: '%' });
  await expect(interrupted).toContainText(/glyphs_st on Glyphs · L∞ ≤ 0\.1\s*\d\d % of 100 test and 200 training images/);
  expect(await violations(page)).toEqual([]);
  const reloaded = new Date().toISOString();
  await interrupted.getByRole('button', { name: 'Continue' }).click();
  await reached(page, 60);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByText(/What was measured until then stands below and is kept in this browser/)).toBeVisible();
  await page.getByRole('button', { name: 'Continue' }).click();
  evaluate = new EvaluatePage(page);
  const report = await evaluate.finishedReport();
  expect(lasting(report)).toEqual(lasting(whole));
  // It is the run that was begun before, not another one.
  expect(report.startedAt < reloaded).toBe(true);
  expect(report.durationMs).toBeGreaterThan(whole.durationMs / 2);

  // A report outlives its page, until it is discarded.
  await page.reload();
  await expect(kept.getByRole('listitem')).toContainText('Report on 100 test and 200 training images');
  await kept.getByRole('button', { name: 'Show the report' }).click();
  expect(await evaluate.finishedReport()).toEqual(report);
  await discardAll(page);
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Run', exact: true })).toBeVisible();
  await expect(kept).toBeHidden();
});

test('a dropped model is kept with its run; a run can be discarded, and is not offered while another tab goes on with it', async ({
  page,
  context,
}) => {
  await begin(page, dropped);
  await reached(page, 10);
  const other = await context.newPage();
  await other.goto('/evaluate');
  await expect(other.getByRole('heading', { name: 'Run', exact: true })).toBeVisible();
  const offered = (where: Page) => where.getByRole('region', { name: 'A run that is kept' });
  await expect(offered(other)).toBeHidden();

  await page.reload();
  await offered(page).getByRole('button', { name: 'Continue' }).click();
  await reached(page, 15);
  await page.getByRole('button', { name: 'Stop' }).click();
  await expect(page.getByRole('button', { name: 'Continue' })).toBeVisible();
  await page.reload();
  await offered(page).getByRole('button', { name: 'Discard' }).click();
  await expect(offered(page)).toBeHidden();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Run', exact: true })).toBeVisible();
  await expect(offered(page)).toBeHidden();
});

test('a page that the system froze goes on when it wakes, to the same outcome', async ({ page }) => {
  test.setTimeout(300_000);
  const whole = await (await begin(page, bundled)).finishedReport();
  await begin(page, bundled);
  await reached(page, 5);
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setWebLifecycleState', { state: 'frozen' });
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await session.send('Page.setWebLifecycleState', { state: 'active' });
  expect(lasting(await new EvaluatePage(page).finishedReport())).toEqual(lasting(whole));
});
