/** The submit page as a user handles it. */
import { expect, type Locator, type Page } from '@playwright/test';
import { pick } from './pick';

type Files = Parameters<Locator['setInputFiles']>[0];

export class SubmitPage {
  private constructor(private readonly page: Page) {}

  static async open(page: Page, path = '/submit'): Promise<SubmitPage> {
    await page.goto(path);
    await expect(page.getByRole('heading', { name: 'Submit a model' })).toBeVisible();
    return new SubmitPage(page);
  }

  async chooseFiles(files: Files): Promise<void> {
    await this.page.getByLabel('Model files').setInputFiles(files);
  }

  /** The row of a check. */
  check(title: string): Locator {
    return this.page.getByRole('row', { name: new RegExp(`^${title}`) });
  }

  async checked(): Promise<void> {
    await expect(this.page.getByText(/^The model can be submitted/)).toBeVisible({ timeout: 90_000 });
  }

  async describe(name: string): Promise<void> {
    await this.page.getByLabel('Name', { exact: true }).first().fill(name);
    await this.page.getByLabel('Licence').selectOption('MIT');
    await pick(this.page.getByRole('radio', { name: 'Adversarial (AT)' }));
    await expect(this.page.getByLabel('ε of the training')).toHaveValue('0.1');
  }

  /** How many images the report that goes along is measured on. */
  async claim(size: 'glance' | 'none'): Promise<void> {
    await this.page.getByLabel('Report to go along').selectOption(size);
  }

  async draft(): Promise<void> {
    await pick(this.page.getByRole('radio', { name: 'Draft' }));
  }

  get button(): Locator {
    return this.page.getByRole('button', { name: 'Submit', exact: true });
  }
}
