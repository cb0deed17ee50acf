/** Finds a Chromium that starts, installing one where that can be done; tests of the site run in it. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runToEnd } from './processes.mjs';

const isRoot = process.getuid?.() === 0;

/** WebGPU on a software driver, nothing from the network, and no sandbox where the kernel refuses root one. */
export const CHROMIUM_FLAGS = [
  ...(isRoot ? ['--no-sandbox'] : []),
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-features=Vulkan',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-quic',
];

/** Where systems put one, by `process.platform`. */
const USUAL_PLACES = {
  linux: ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'].map((name) => `/usr/bin/${name}`),
  darwin: ['Chromium', 'Google Chrome'].flatMap((name) =>
    ['', os.homedir()].map((home) => `${home}/Applications/${name}.app/Contents/MacOS/${name}`),
  ),
  win32: ['PROGRAMFILES', 'PROGRAMFILES(X86)', 'LOCALAPPDATA'].flatMap((name) =>
    process.env[name] ? [path.join(process.env[name], 'Google', 'Chrome', 'Application', 'chrome.exe')] : [],
  ),
};

/** @returns {string[]} Chromiums of this system. */
export const installedChromiums = () => (USUAL_PLACES[process.platform] ?? []).filter((file) => existsSync(file));

const quietly = (command, args, limitMs, env) => runToEnd(command, args, { stdio: ['ignore', 'pipe', 'pipe'], limitMs, env });

/** The last thing a program said, for a sentence. */
const lastLine = (text) => text.trim().split('\n').at(-1)?.slice(0, 300) ?? '';

/** Why a Chromium did not start, from what it printed. */
export function startFailure(output) {
  const library = /error while loading shared libraries: ([^:\s]+)/.exec(output);
  if (library) return `the system library ${library[1]} is missing (as root: npx playwright install-deps chromium)`;
  return lastLine(output) || 'it printed nothing';
}

/** null if it starts and renders an empty page, else why not. */
async function whyNot(file) {
  if (!existsSync(file)) return 'there is no such file';
  const version = await quietly(file, ['--version'], 20_000);
  if (version.code !== 0) return startFailure(version.output);
  const profile = mkdtempSync(path.join(os.tmpdir(), 'simplexity-chromium-'));
  try {
    const page = await quietly(
      file,
      ['--headless=new', ...CHROMIUM_FLAGS, '--disable-gpu-sandbox', `--user-data-dir=${profile}`, '--dump-dom', 'about:blank'],
      60_000,
    );
    if (page.timedOut) return 'it did not render an empty page within a minute';
    return page.output.includes('<html') ? null : startFailure(page.output);
  } finally {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
}

/** @returns {Promise<string | null>} why it could not be installed */
async function installWithApt(log) {
  const until = Date.now() + 5 * 60_000;
  const apt = (...args) => quietly('apt-get', args, Math.max(1000, until - Date.now()), { DEBIAN_FRONTEND: 'noninteractive' });
  log('installing Chromium (apt-get install chromium)');
  let done = await apt('install', '-y', 'chromium');
  if (done.code !== 0) {
    await apt('update'); // a fresh system has no lists yet
    done = await apt('install', '-y', 'chromium');
  }
  return done.code === 0 ? null : done.timedOut ? 'it took longer than five minutes' : lastLine(done.output);
}

async function installWithPlaywright(log) {
  log('installing Chromium (npx playwright install chromium)');
  const cli = path.resolve(import.meta.dirname, '../node_modules/playwright/cli.js');
  const done = await quietly(process.execPath, [cli, 'install', 'chromium'], 60_000, { PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: undefined });
  return done.code === 0 ? null : done.timedOut ? 'the download took longer than a minute' : lastLine(done.output);
}

async function playwrightsOwn() {
  try {
    return (await import('@playwright/test')).chromium.executablePath();
  } catch {
    return undefined;
  }
}

/**
 * CHROMIUM_PATH alone if it is set; else one on the system or Playwright's; else one that is installed now.
 * @param {{ env?: Record<string, string | undefined>, log?: (line: string) => void, places?: string[], mayInstall?: boolean }} [options]
 * @returns {Promise<{ path: string, error?: undefined } | { path?: undefined, error: string }>}
 */
export async function findChromium({ env = process.env, log = () => undefined, places, mayInstall = true } = {}) {
  if (env.CHROMIUM_PATH) {
    const reason = await whyNot(env.CHROMIUM_PATH);
    return reason ? { error: `CHROMIUM_PATH (${env.CHROMIUM_PATH}) does not start: ${reason}` } : { path: env.CHROMIUM_PATH };
  }
  const usual = places ?? USUAL_PLACES[process.platform] ?? [];
  const tried = [];
  const attempt = async (file) => {
    if (!file || !existsSync(file)) return undefined;
    const reason = await whyNot(file);
    if (!reason) return { path: file };
    tried.push(`${file} does not start: ${reason}`);
    return undefined;
  };
  for (const file of usual) {
    const found = await attempt(file);
    if (found) return found;
  }
  const downloaded = places ? undefined : await playwrightsOwn();
  const present = await attempt(downloaded);
  if (present) return present;
  if (mayInstall) {
    if (isRoot && isDebian()) {
      const failed = await installWithApt(log);
      if (failed) tried.push(`apt-get install chromium: ${failed}`);
      for (const file of failed ? [] : usual) {
        const found = await attempt(file);
        if (found) return found;
      }
    }
    const failed = await installWithPlaywright(log);
    if (failed) tried.push(`npx playwright install chromium: ${failed}`);
    const found = failed ? undefined : await attempt(downloaded);
    if (found) return found;
  }
  return { error: `no Chromium was found; install one or set CHROMIUM_PATH${tried.length ? ` (${tried.join('; ')})` : ''}` };
}
