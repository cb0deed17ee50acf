/** What a first visit costs: first contentful paint, JavaScript, layout shift, with an empty cache each time. */
import { type Browser, chromium } from '@playwright/test';
import { CHROMIUM_FLAGS, findChromium } from '../scripts/chromium.mjs';
import { median } from './rate';
import { withSite } from './site';

const VISITS = 5;
const PAGES = ['/', '/boards/fashion-mnist/l2?sort=nc1', '/models/fmnist-at', '/evaluate', '/submit'];
const WIDTHS = [1440, 360];

interface Visit {
  /** ms after the request */
  paint: number;
  /** bytes of scripts as they came over the wire */
  scripts: number;
  shift: number;
}

async function visit(browser: Browser, url: string, width: number): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height: 900 } });
  try {
    const page = await context.newPage();
    await page.addInitScript(() => {
      const seen = window as unknown as { shift: number };
      seen.shift = 0;
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) seen.shift += (entry as unknown as { value: number }).value;
      }).observe({ type: 'layout-shift', buffered: true });
    });
    await page.goto(url, { waitUntil: 'networkidle' });
    return await page.evaluate(() => ({
      paint: performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
      scripts: (performance.getEntriesByType('resource') as PerformanceResourceTiming[])
        .filter((r) => r.initiatorType === 'script' || /\.js(\?|$)/.test(r.name))
        .reduce((n, r) => n + r.encodedBodySize, 0),
      shift: (window as unknown as { shift: number }).shift,
    }));
  } finally {
    await context.close();
  }
}

export async function pageBench(): Promise<void> {
  console.log(`\nfirst visits, median of ${VISITS} (goals for the board: paint 1 500 ms, JavaScript 200 kB, no layout shift)`);
  const found = await findChromium();
  if (found.error) return console.log(`  not measured: ${found.error}`);
  await withSite(async (site) => {
    const browser = await chromium.launch({ executablePath: found.path, args: CHROMIUM_FLAGS });
    try {
      for (const path of PAGES)
        for (const width of WIDTHS) {
          await visit(browser, site + path, width); // the server's own first time
          const visits: Visit[] = [];
          for (let n = 0; n < VISITS; n++) visits.push(await visit(browser, site + path, width));
          const of = (key: keyof Visit) => median(visits.map((v) => v[key]));
          console.log(
            `  ${path.padEnd(36)} ${String(width).padStart(4)} px: paint ${of('paint').toFixed(0)} ms, ${(of('scripts') / 1000).toFixed(0)} kB of JavaScript, shift ${of('shift').toFixed(3)}`,
          );
        }
    } finally {
      await browser.close();
    }
  });
}
