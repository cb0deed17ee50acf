/** What axe and a phone's width say of the page as it stands. */
import { expect, type Page } from '@playwright/test';
import axe from 'axe-core';

/** One line for each rule that is broken. */
export async function violations(page: Page): Promise<string[]> {
  // A page that is rendered anew is without a title for a moment, also between this line and axe's look: so axe leaves that rule out.
  await expect(page).toHaveTitle(/./);
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const results = await (globalThis as unknown as { axe: typeof axe }).axe.run({ rules: { 'document-title': { enabled: false } } });
    return results.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`);
  });
}

/** What a page owes as it stands: no violations in either theme, on a desk and on a phone of 360 px, where nothing scrolls sideways. */
export async function expectFit(page: Page): Promise<void> {
  const before = page.viewportSize();
  for (const [width, height] of [
    [1280, 800],
    [360, 780],
  ]) {
    await page.setViewportSize({ width, height });
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator('html')).toHaveClass(new RegExp(`\\b${colorScheme}\\b`));
      expect(await violations(page), `${page.url()} at ${width} px in ${colorScheme} colours`).toEqual([]);
    }
    expect(await page.evaluate(() => document.documentElement.scrollWidth), `${page.url()}: its width`).toBeLessThanOrEqual(width);
  }
  await page.emulateMedia({ colorScheme: null });
  if (before) await page.setViewportSize(before);
}
