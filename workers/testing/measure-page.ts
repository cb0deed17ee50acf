/** The site's page for runners without the site: the same code, bundled here, under the site's own headers. */
import path from 'node:path';
import { build } from 'esbuild';
import nextConfig from '../../next.config.js';
import type { PlayedSite } from './played-site';

const BROWSER = path.resolve(import.meta.dirname, '../browser');
const HTML = '<!doctype html><html lang="en"><title>For runners</title><script type="module" src="/measure.js"></script></html>';
const PAGE = "import { forRunner } from './for-runner'; window.simplexityForRunner = forRunner();";

const options = { bundle: true, write: false, format: 'esm', platform: 'browser', logLevel: 'error' } as const;

let bundles: Promise<Map<string, { type: string; content: string | Uint8Array }>> | undefined;

async function bundle() {
  const [page, worker] = await Promise.all([
    build({ ...options, stdin: { contents: PAGE, resolveDir: BROWSER } }),
    build({ ...options, entryPoints: [path.join(BROWSER, 'measure.worker.ts')] }),
  ]);
  return new Map([
    ['/measure', { type: 'text/html', content: HTML }],
    ['/measure.js', { type: 'text/javascript', content: page.outputFiles[0].contents }],
    // As it is named from the page: new URL('./measure.worker.ts', import.meta.url).
    ['/measure.worker.ts', { type: 'text/javascript', content: worker.outputFiles[0].contents }],
  ]);
}

export async function serveMeasurePage(site: PlayedSite, { headers: strict = true } = {}): Promise<void> {
  bundles ??= bundle();
  const files = await bundles;
  const rules = strict ? await nextConfig.headers?.() : undefined;
  const headers = Object.fromEntries((rules?.[0].headers ?? []).map(({ key, value }) => [key, value]));
  site.serve = (request, response) => {
    const file = files.get(request.url ?? '');
    if (file) response.writeHead(200, { ...headers, 'content-type': file.type }).end(file.content);
    return file !== undefined;
  };
}
