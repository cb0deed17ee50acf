/**
 * A Chromium of the runner's own with the site's page for runners in it: in its sandbox, cut off from everything but the site.
 * It hangs on a pipe of this process and ends with it, however that ends.
 */
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext, Page } from 'playwright-core';
import { Failure } from '../../lib/failure';
import type { OnProgress, UnitProgress } from '../../lib/protocol/unit-progress';
import { installedChromiums, startFailure } from '../../scripts/chromium.mjs';
import type { ForRunner } from '../browser/for-runner';
import { SiteRefusal } from '../site-api';
import { chromiumFlags } from './chromium-flags';
import { Refused, type RunnerSite } from './site';
import { versions } from './versions';

export interface ChromiumPlace {
  site: RunnerSite;
  /** The browser's program. */
  executable: string;
  /** Folder for profiles, one for each start. */
  profiles: string;
  /** Takes the software adapter that Chromium brings along. */
  softwareGpu: boolean;
  /** Root has none. */
  sandbox: boolean;
}

export interface Chromium {
  readonly page: Page;
  /** Name and version. */
  version: string;
  /** Calls what the page offers. Rejects with `device-lost` where the page or the browser is gone. */
  ask<K extends 'adapter' | 'file' | 'open' | 'measure'>(
    name: K,
    ...args: Parameters<ForRunner[K]>
  ): Promise<Awaited<ReturnType<ForRunner[K]>>>;
  /** Hears how far the unit of this number is, until it is told to stop. */
  listen(unit: number, onProgress: OnProgress): () => void;
  end(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const PAGE_LIMIT_MS = 60_000;
const END_LIMIT_MS = 10_000;
const TRIES = 3;
/** What has ended is said a moment after what it has broken off. */
const REASON_MS = 200;

/** The browser to open: the one that was named, else one of the system, else Playwright's. */
export async function findBrowser(named: string | undefined): Promise<string | undefined> {
  if (named !== undefined) {
    if (!existsSync(named)) throw new Failure('arguments', `--browser: there is no file ${named}`);
    return named;
  }
  const { chromium } = await import('playwright-core');
  return [...installedChromiums(), chromium.executablePath()].find((file) => existsSync(file));
}

/** Throws a Failure of code `device-lost` where the browser does not start, a Refused where the site has no page for this runner. */
export async function openChromium(place: ChromiumPlace, signal: AbortSignal): Promise<Chromium> {
  signal.throwIfAborted();
  const profile = path.join(place.profiles, randomUUID());
  const context = await launch(place, profile);
  const end = async () => {
    // One that hangs must not hold up a report; it ends with this process.
    await Promise.race([context.close().catch(() => undefined), sleep(END_LIMIT_MS, undefined, { ref: false })]);
    // What can't be removed yet goes at the next start.
    await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }).catch(() => undefined);
  };
  const stop = () => void end().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  try {
    let gone: string | undefined;
    const page = context.pages()[0] ?? (await context.newPage());
    const ears = new Map<number, OnProgress>();
    await page.exposeFunction('simplexityHeard', (unit: number, progress: UnitProgress) => ears.get(unit)?.(progress));
    page.on('crash', () => {
      gone ??= 'the page in Chromium crashed';
    });
    context.on('close', () => {
      gone ??= 'Chromium ended';
    });
    await openPage(page, place, signal);
    return {
      page,
      version: `Chromium ${context.browser()?.version()}`,
      async ask(name, ...args) {
        try {
          return (await page.evaluate(
            ([what, all]) => (window.simplexityForRunner as unknown as Record<string, (...args: unknown[]) => unknown>)[what](...all),
            [name, args] as [string, unknown[]],
          )) as never;
        } catch (cause) {
          await sleep(REASON_MS);
          throw new Failure('device-lost', `the GPU was lost: ${gone ?? firstLine(cause)}`, { cause });
        }
      },
      listen(unit, onProgress) {
        ears.set(unit, onProgress);
        return () => void ears.delete(unit);
      },
      end: async () => {
        signal.removeEventListener('abort', stop);
        await end();
      },
    };
  } catch (error) {
    await end();
    signal.throwIfAborted();
    throw error;
  }
}

async function launch({ site, executable, softwareGpu, sandbox }: ChromiumPlace, profile: string): Promise<BrowserContext> {
  const { chromium } = await import('playwright-core');
  // The token is none of the browser's business.
  const { SIMPLEXITY_TOKEN: _, ...env } = process.env;
  try {
    return await chromium.launchPersistentContext(profile, {
      executablePath: executable,
      chromiumSandbox: sandbox,
      args: chromiumFlags(site.server, { softwareGpu, platform: process.platform }),
      env: env as Record<string, string>,
      timeout: START_LIMIT_MS,
      serviceWorkers: 'block',
      acceptDownloads: false,
      // This process hears the signals, and hands back its job first.
      ...{ handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
    });
  } catch (cause) {
    await rm(profile, { recursive: true, force: true }).catch(() => undefined);
    const said = (cause as Error).message;
    const reason = /No usable sandbox/.test(said) ? 'the kernel lets this user have no sandbox (user namespaces are off)' : reasonIn(said);
    throw new Failure('device-lost', `${executable} did not start: ${reason}`, { cause });
  }
}

/** What Chromium printed, out of what Playwright says of it. */
function reasonIn(said: string): string {
  const printed = [...said.matchAll(/\[err\] (.*)/g)].map(([, line]) => line);
  if (printed.length) return startFailure(printed.join('\n'));
  return /has been closed/.test(said) ? 'it ended at once' : said.split('\n')[0];
}

const firstLine = (error: unknown) => (error as Error).message.split('\n')[0];

async function openPage(page: Page, { site }: ChromiumPlace, signal: AbortSignal): Promise<void> {
  const address = `${site.server}/measure`;
  for (let attempt = 1; ; attempt++) {
    // An outage of the site is waited out here; the browser would not.
    const { ok, status, body } = await site.fetch(address, { signal });
    await body?.cancel();
    if (!ok)
      throw new Refused(403, new SiteRefusal('no-page', `${address}: the site answered ${status}; it may be older than this runner`));
    try {
      await page.goto(address, { timeout: PAGE_LIMIT_MS, waitUntil: 'domcontentloaded' });
      await page.waitForFunction(() => window.simplexityForRunner !== undefined, undefined, { timeout: PAGE_LIMIT_MS });
      break;
    } catch (cause) {
      signal.throwIfAborted();
      if (attempt === TRIES || page.isClosed())
        throw new Failure('device-lost', `${address} could not be opened in Chromium: ${firstLine(cause)}`, { cause });
    }
  }
  const theirs = await page.evaluate(() => window.simplexityForRunner?.versions);
  for (const name of ['simplexity', 'tfjs'] as const) {
    // A report names one version of everything that made it.
    if (theirs?.[name] !== versions[name])
      throw new Refused(
        403,
        new SiteRefusal(
          'other-version',
          `the site's page measures with ${name} ${theirs?.[name]}, this runner has ${versions[name]}: update it`,
        ),
      );
  }
}
