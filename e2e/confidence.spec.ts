/** A full evaluation that doubts itself: AutoAttack and the confidence checks in the browser, through a reload amid an attack. */
import { expect, test } from '@playwright/test';
import { PROBED_CHECKS } from '../lib/protocol/probes';
import { reportSchema } from '../lib/protocol/report';
import { expectFit } from './accessibility';
import { EvaluatePage } from './evaluate-page';

test('AutoAttack with confidence checks on a robust network: a reload amid an attack, the grade and every check', async ({ page }) => {
  test.setTimeout(600_000);
  await page.goto('/evaluate?board=fashion-mnist%2Flinf&level=standard&autoattack=2');
  const evaluate = new EvaluatePage(page);
  await page.getByLabel('Compute with').selectOption('wasm');
  await evaluate.images(4, 0);
  await evaluate.pickBundled('fmnist_at');
  const checks = page.getByRole('checkbox', { name: 'Confidence checks' });
  await checks.check();
  await expect(page).toHaveURL(/checks=/);
  await evaluate.start();
  // APGD-CE has ended; of what it left APGD-T is under way.
  await expect(evaluate.accuracyOf('APGD-CE')).toContainText(/\d/, { timeout: 120_000 });
  await page.reload();
  const kept = page.getByRole('region', { name: 'A run that is kept' });
  await expect(kept).toContainText('4 test and 0 training images, AutoAttack on 2');
  await kept.getByRole('button', { name: 'Continue' }).click();
  await expect(checks).toBeChecked();
  const report = await evaluate.finishedReport();
  expect(reportSchema.parse(report)).toEqual(report);
  const values = new Map(report.confidence?.checks.map(({ id, value }) => [id, value]));
  for (const id of [...PROBED_CHECKS, 'transfer-wins', 'attack-unit-test', 'black-box-wins'] as const)
    expect(typeof values.get(id), id).toBe('number');
  // Four images are too few for any letter but the last.
  expect(report.confidence?.grade).toBe('E');
  const panel = page.getByRole('region', { name: 'Confidence', exact: true });
  await expect(panel).toContainText('Grade E');
  await expect(panel.getByRole('row', { name: /^Transfer/ })).toContainText('passed');
  await expectFit(page);
});
