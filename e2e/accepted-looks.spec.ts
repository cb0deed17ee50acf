/**
 * How the main pages look, held against pictures that were accepted (e2e/looks/). Before every other journey, so that the boards
 * hold the baselines alone; a few per cent of the pixels may differ, since fonts do. Accept new looks:
 * `npx playwright test e2e/accepted-looks.spec.ts --update-snapshots`, and look at them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from '@playwright/test';

const PAGES = {
  board: '/',
  model: '/models/fmnist-at',
  compare: '/compare?a=fmnist-at&b=fmnist-st',
  images: '/boards/fashion-mnist/linf/images',
  evaluate: '/evaluate',
  lab: '/lab',
  paper: '/paper',
  signin: '/signin',
  docs: '/docs/checking',
};

/** Pages that show images of Fashion-MNIST; they come without them where the site has none, or is still unpacking. */
const WITH_IMAGES = ['compare', 'images'];
let hasImages = false;
test.beforeAll(async ({ request }) => {
  const status = async () => (await request.get('/data/fashion-mnist/manifest.json')).status();
  for (let tries = 0; tries < 60 && (await status()) !== 200; tries++) await sleep(1000);
  hasImages = (await status()) === 200;
});

for (const [name, path] of Object.entries(PAGES)) {
  for (const [width, height, colorScheme] of [
    [1440, 900, 'light'],
    [360, 740, 'dark'],
  ] as const) {
    test(`${name} looks as it was accepted at ${width} px`, async ({ page }) => {
      test.skip(WITH_IMAGES.includes(name) && !hasImages, 'the site has no images of Fashion-MNIST (DATASETS_DIR)');
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await page.goto(path, { waitUntil: 'networkidle' });
      await expect(page).toHaveScreenshot(`${name}-${width}.png`, {
        maxDiffPixelRatio: 0.04,
        animations: 'disabled',
        mask: [page.locator('time')],
      });
    });
  }
}
