/** Journeys through the production build, in a real browser; `npm test` finds the browser and a free port. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { defineConfig } from '@playwright/test';
import { CHROMIUM_FLAGS } from './scripts/chromium.mjs';

const port = Number(process.env.E2E_PORT ?? 3210);
if (!process.env.E2E_DATA_DIR) {
  // Workers load this file again and inherit the variable.
  const folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-e2e-'));
  process.env.E2E_DATA_DIR = folder;
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
}
const dataDir = process.env.E2E_DATA_DIR;
const json = process.env.E2E_JSON;

export default defineConfig({
  testDir: 'e2e',
  workers: 1, // the machine's cores belong to the model under test
  retries: 1, // what passes only then is named beside the count
  timeout: 120_000,
  // A slow or busy machine is no failure.
  expect: { timeout: 20_000 },
  preserveOutput: 'failures-only',
  // One picture for every system: fonts differ by less than the tests allow.
  snapshotPathTemplate: 'e2e/looks/{arg}{ext}',
  reporter: json ? [['list'], ['json', { outputFile: json }]] : 'list',
  use: {
    baseURL: `http://localhost:${port}`,
    launchOptions: { executablePath: process.env.CHROMIUM_PATH || '/usr/bin/chromium', args: CHROMIUM_FLAGS },
    trace: 'retain-on-failure',
  },
  webServer: {
    command: 'node e2e/serve.mjs',
    url: `http://localhost:${port}`,
    timeout: 300_000,
    reuseExistingServer: false,
    gracefulShutdown: { signal: 'SIGTERM', timeout: 10_000 },
    stdout: 'ignore',
    // Visitors of the journeys come from addresses that they name themselves; the machine's cores are the visitors'.
    env: { PORT: String(port), HOST: '127.0.0.1', DATA_DIR: dataDir, TRUSTED_PROXIES: '1', RUNNER: 'off' },
  },
});
