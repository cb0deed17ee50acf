/** The parts of `npm test`, one after the other, and what they came to. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from './address.mjs';
import { buildIfChanged } from './build.mjs';
import { findChromium } from './chromium.mjs';
import { runToEnd } from './processes.mjs';
import { copyWasmFiles } from './wasm-files.mjs';

/**
 * @typedef {{ passed: number, failed: number, skipped: string[], skippedTests: number, notes: string[] }} Outcome
 * @typedef {{ code: number, timedOut: boolean }} Ended
 */
const MINUTE = 60_000;

/** @returns {Outcome} */
const one = (passed, ...notes) => ({ passed: passed ? 1 : 0, failed: passed ? 0 : 1, skipped: [], skippedTests: 0, notes });

/** A tool's JSON, or undefined if it did not get so far. */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

const endedOddly = (name, { code, timedOut }) => (timedOut ? `${name} took too long and was stopped` : `${name} ended with code ${code}`);

/** What tests put into the system's temporary folder goes with ours, even if they are killed. */
const temporaryIn = (folder) => ({ TMPDIR: folder, TMP: folder, TEMP: folder });

/** Tests of one file that were skipped, in one line. */
const skippedLine = (file, titles) => `${file}: ${titles.length} (${titles[0]}${titles.length > 1 ? ', …' : ''})`;

/**
 * vitest's JSON report → an outcome. A file that could not be loaded is a failure of its own.
 * @param {Ended} ended
 * @returns {Outcome}
 */
export function vitestOutcome(report, ended, root) {
  if (!report) return one(false, endedOddly('vitest', ended));
  const files = report.testResults.map((file) => ({ ...file, name: path.relative(root, file.name) }));
  const broken = files.filter((f) => f.status === 'failed' && f.assertionResults.every((t) => t.status !== 'failed'));
  const tests = files.flatMap((f) => f.assertionResults);
  const notes = broken.map((f) => `${f.name} failed outside its tests`);
  const count = (status) => tests.filter((t) => t.status === status).length;
  const unfinished = count('pending'); // their process died under them
  if (unfinished) notes.push(`${unfinished} tests did not come to an end`);
  let failed = count('failed') + unfinished + broken.length;
  if (failed === 0 && ended.code !== 0) {
    failed = 1;
    notes.push(endedOddly('vitest', ended));
  }
  const passed = count('passed');
  const isSkipped = (test) => test.status === 'skipped' || test.status === 'todo';
  const skipped = files.flatMap((f) => {
    const titles = f.assertionResults.filter(isSkipped).map((t) => t.fullName);
    return titles.length ? [skippedLine(f.name, titles)] : [];
  });
  const skippedTests = tests.filter(isSkipped).length;
  return { passed, failed, skipped: [...skipped, ...absentBackends(tests)], skippedTests, notes };
}

/** Suites that run on each backend carry its name; one that no suite names is not to be had here. */
function absentBackends(tests) {
  const groups = tests.flatMap((t) => t.ancestorTitles).join('\n');
  if (!/ on wasm$/m.test(groups)) return [];
  return ['cpu', 'webgpu'].filter((b) => !new RegExp(` on ${b}$`, 'm').test(groups)).map((b) => `backend ${b}: absent on this machine`);
}

/** Journeys that may need their second try. */
const MOST_FLAKY = 3;

/**
 * Playwright's JSON report → an outcome.
 * @param {Ended} ended
 * @returns {Outcome}
 */
export function playwrightOutcome(report, ended) {
  if (!report) return one(false, endedOddly('playwright', ended));
  const specs = function* (suites) {
    for (const suite of suites ?? []) {
      yield* suite.specs ?? [];
      yield* specs(suite.suites);
    }
  };
  const skipped = [...specs(report.suites)].filter((s) => s.tests.every((t) => t.status === 'skipped')).map((s) => `${s.file}: ${s.title}`);
  const { expected, unexpected, flaky } = report.stats;
  const notes = (report.errors ?? []).map((e) => (e.message ?? '').split('\n')[0]);
  // One that a busy machine delays passes on the second try; many are a fault of ours.
  const failed = unexpected + (flaky > MOST_FLAKY ? flaky : 0) + (notes.length || (ended.code !== 0 && unexpected === 0) ? 1 : 0);
  for (const spec of specs(report.suites)) {
    if (spec.tests.some((t) => t.status === 'flaky')) notes.push(`passed only on the second try: ${spec.file}: ${spec.title}`);
  }
  return { passed: expected + (flaky > MOST_FLAKY ? 0 : flaky), failed, skipped, skippedTests: skipped.length, notes };
}

const hasSpecs = (root) => existsSync(path.join(root, 'e2e')) && readdirSync(path.join(root, 'e2e')).some((f) => /\.spec\.tsx?$/.test(f));
const hasSite = (root) => existsSync(path.join(root, 'app', 'layout.tsx'));

async function unitTests(root, temporary) {
  const file = path.join(temporary, 'vitest.json');
  const ended = await runToEnd(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: temporaryIn(temporary), limitMs: 45 * MINUTE },
  );
  return vitestOutcome(readJson(file), ended, root);
}

async function journeys(root, temporary, chromium) {
  if (chromium.error) return one(false, `the browser tests need Chromium: ${chromium.error}`);
  const file = path.join(temporary, 'playwright.json');
  const data = path.join(temporary, 'data');
  mkdirSync(data, { mode: 0o700 });
  const ended = await runToEnd(process.execPath, ['node_modules/@playwright/test/cli.js', 'test'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: {
      ...temporaryIn(temporary),
      CHROMIUM_PATH: chromium.path,
      E2E_PORT: String(await freePort()),
      E2E_DATA_DIR: data,
      E2E_JSON: file,
    },
    limitMs: 25 * MINUTE,
  });
  return playwrightOutcome(readJson(file), ended);
}

function table(rows) {
  const cells = [['part', 'passed', 'failed', 'skipped', 'seconds'], ...rows];
  const widths = cells[0].map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  return cells.map((row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ')).join('\n');
}

/** @returns {Promise<number>} exit code */
export async function testEverything(root) {
  const temporary = mkdtempSync(path.join(os.tmpdir(), 'simplexity-test-'));
  const say = (line) => process.stdout.write(`${line}\n`);
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      stopped = true;
    });
  }
  const quick = async (name, args) => {
    const ended = await runToEnd(process.execPath, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], limitMs: 10 * MINUTE });
    return ended.code === 0 ? one(true) : one(false, endedOddly(name, ended));
  };
  let chromium = { error: 'it was not looked for' };
  let built = false;
  /** @type {[string, () => Promise<Outcome>][]} */
  const parts = [
    ['format and lint', () => quick('biome', ['node_modules/@biomejs/biome/bin/biome', 'check', '.'])],
    [
      'production build',
      async () => {
        try {
          await buildIfChanged(root, say);
          built = true;
          return one(true);
        } catch (error) {
          return one(false, error.message);
        }
      },
    ],
    // After the build: it writes the types of the routes.
    ['types', () => quick('tsc', ['node_modules/typescript/bin/tsc', '--noEmit'])],
    ['unit tests', () => unitTests(root, temporary)],
    ...(hasSpecs(root)
      ? [
          /** @type {[string, () => Promise<Outcome>]} */ ([
            'journeys in a browser',
            async () => (built ? journeys(root, temporary, chromium) : one(false, 'the browser tests need a site that can be built')),
          ]),
        ]
      : []),
  ];
  const results = [];
  try {
    copyWasmFiles(root);
    chromium = await findChromium({ log: say });
    for (const [name, run] of parts.filter(([n]) => hasSite(root) || n !== 'production build')) {
      if (stopped) break;
      say(`\n── ${name}`);
      const began = Date.now();
      results.push({ name, ...(await run()), seconds: ((Date.now() - began) / 1000).toFixed(0) });
    }
  } finally {
    rmSync(temporary, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
  if (stopped) {
    process.stderr.write('stopped\n');
    return 130;
  }
  say(`\n${table(results.map((r) => [r.name, String(r.passed), String(r.failed), String(r.skippedTests), r.seconds]))}`);
  for (const { name, notes } of results) for (const note of notes) say(`${name}: ${note}`);
  const skipped = results.flatMap((r) => r.skipped);
  if (skipped.length) say(`\nskipped:\n  ${skipped.join('\n  ')}`);
  const sum = (key) => results.reduce((n, r) => n + r[key], 0);
  say(`\n${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 ? 1 : 0;
}
