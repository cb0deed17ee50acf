/** What machines read: feeds, badges, cards, the sitemap; and what a reader takes along. */
import { expect, test } from '@playwright/test';

test('the feed is named in every page, and is well-formed', async ({ page }) => {
  await page.goto('/');
  const href = (await page.locator('link[type="application/rss+xml"]').getAttribute('href')) as string;
  const rss = await (await page.request.get(href)).text();
  const read = await page.evaluate((text) => {
    const xml = new DOMParser().parseFromString(text, 'application/xml');
    return {
      broken: xml.querySelector('parsererror') !== null,
      titles: [...xml.querySelectorAll('item > title')].map((t) => t.textContent),
    };
  }, rss);
  expect(read.broken).toBe(false);
  expect(read.titles.join()).toContain('fmnist_at: ');
  const json = await (await page.request.get('/feed.json')).json();
  expect(json.items.map((i: { title: string }) => i.title)).toEqual(read.titles);
});

test('a board is cited and a model has a badge', async ({ page }) => {
  await page.goto('/boards/fashion-mnist/l2');
  await page.getByText('Cite this board as BibTeX').click();
  await expect(page.getByText('@misc{simplexity-fashion-mnist-l2-')).toBeVisible();
  await page.goto('/models/fmnist-at');
  await page.getByText('Badge', { exact: true }).click();
  const badge = page.getByRole('img', { name: 'Badge of fmnist_at' });
  await expect.poll(() => badge.evaluate((img: HTMLImageElement) => img.complete && img.naturalWidth > 100)).toBe(true);
});

test('search engines find what is verified, and links have a card', async ({ page, request }) => {
  const sitemap = await (await request.get('/sitemap.xml')).text();
  expect(sitemap).toContain('/models/fmnist-at</loc>');
  expect(await (await request.get('/robots.txt')).text()).toMatch(/Sitemap: http.*\/sitemap\.xml/);
  await page.goto('/models/fmnist-at');
  await expect(page.locator('meta[name="robots"]')).toHaveCount(0);
  const card = new URL((await page.locator('meta[property="og:image"]').getAttribute('content')) as string);
  const image = await request.get(`${card.pathname}${card.search}`);
  expect([image.status(), image.headers()['content-type']]).toEqual([200, 'image/png']);
  expect((await image.body()).readUInt32BE(16)).toBe(1200);
  expect((await request.get('/models/nobody/opengraph-image')).status()).toBe(404);
});
