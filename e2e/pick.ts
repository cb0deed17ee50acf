import { expect, type Locator } from '@playwright/test';

/** Checks a radio button drawn as its label, once the page has become interactive: until then it is disabled. */
export async function pick(radio: Locator): Promise<void> {
  await expect(radio).toBeEnabled();
  await radio.check({ force: true });
}
