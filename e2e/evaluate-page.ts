/** The evaluate page as a user handles it. */
import { readFile } from 'node:fs/promises';
import { expect, type Locator, type Page } from '@playwright/test';
import type { Report } from '../lib/protocol/report';
import { pick } from './pick';

type Files = Parameters<Locator['setInputFiles']>[0];

export class EvaluatePage {
  constructor(private readonly page: Page) {}

  static async open(page: Page): Promise<EvaluatePage> {
    await page.goto('/evaluate');
    await expect(page.getByRole('heading', { name: 'Evaluate a model' })).toBeVisible();
    // Controls are disabled until the page has become interactive.
    await expect(page.getByLabel('Your own')).toBeEnabled();
    return new EvaluatePage(page);
  }

  async pickBundled(name: string): Promise<void> {
    await pick(this.page.getByRole('radio', { name: new RegExp(name) }));
  }

  async chooseFiles(files: Files): Promise<void> {
    await this.page.getByLabel('Your own').setInputFiles(files);
  }

  /** Drops files on the page, as from a file manager. */
  async dropFiles(files: ReadonlyMap<string, Uint8Array>): Promise<void> {
    const list = [...files].map(([name, bytes]) => ({ name, base64: Buffer.from(bytes).toString('base64') }));
    const dataTransfer = await this.page.evaluateHandle((contents) => {
      const transfer = new DataTransfer();
      for (const { name, base64 } of contents) transfer.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name));
      return transfer;
    }, list);
    await this.page.getByLabel('Your own').locator('..').dispatchEvent('drop', { dataTransfer });
  }

  async size(name: 'Glance' | 'Preview' | 'Full'): Promise<void> {
    await pick(this.page.getByRole('radio', { name, exact: true }));
  }

  async images(test: number, train: number): Promise<void> {
    await this.page.getByLabel('Test images').fill(String(test));
    await this.page.getByLabel('Training images').fill(String(train));
  }

  async start(): Promise<void> {
    await this.page.getByRole('button', { name: 'Start' }).click();
  }

  /** The row of a condition in the accuracy table. */
  accuracyOf(condition: string): Locator {
    return this.page.getByRole('row', { name: new RegExp(`^${condition}`) }).first();
  }

  /** Waits for the end and reads the report as it is downloaded. */
  async finishedReport(): Promise<Report> {
    await expect(this.page.getByRole('heading', { name: 'Report', exact: true })).toBeVisible({ timeout: 180_000 });
    const downloading = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: 'Download JSON' }).click();
    return JSON.parse(await readFile(await (await downloading).path(), 'utf8'));
  }
}
