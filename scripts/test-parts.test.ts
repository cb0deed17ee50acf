import { describe, expect, it } from 'vitest';
import { playwrightOutcome, vitestOutcome } from './test-parts.mjs';

const fine = { code: 0, timedOut: false };
const bad = { code: 1, timedOut: false };
const result = (status: string, title: string, group = 'g') => ({ status, title, fullName: `${group} ${title}`, ancestorTitles: [group] });
const file = (name: string, ...assertionResults: ReturnType<typeof result>[]) => ({
  name: `/r/${name}`,
  status: assertionResults.every((t) => t.status !== 'failed') && assertionResults.length ? 'passed' : 'failed',
  assertionResults,
});

describe('vitestOutcome', () => {
  it('counts tests, and a file that could not be loaded as a failure', () => {
    const report = { testResults: [file('a.test.ts', result('passed', 'x'), result('failed', 'y')), file('b.test.ts')] };
    expect(vitestOutcome(report, bad, '/r')).toMatchObject({ passed: 1, failed: 2, notes: ['b.test.ts failed outside its tests'] });
  });

  it('lists what was skipped by file, and backends that no suite ran on', () => {
    const report = {
      testResults: [
        file('a.test.ts', result('skipped', 'x'), result('skipped', 'y'), result('passed', 'z')),
        file('b.test.ts', result('passed', 'p', 'pgd on wasm'), result('passed', 'p', 'pgd on cpu')),
      ],
    };
    const outcome = vitestOutcome(report, fine, '/r');
    expect(outcome).toMatchObject({ passed: 3, failed: 0, skippedTests: 2 });
    expect(outcome.skipped).toEqual(['a.test.ts: 2 (g x, …)', 'backend webgpu: absent on this machine']);
  });

  it('counts tests whose process died under them as failures', () => {
    const report = { testResults: [file('a.test.ts', result('passed', 'x'), result('pending', 'y'), result('todo', 'z'))] };
    expect(vitestOutcome(report, bad, '/r')).toMatchObject({
      passed: 1,
      failed: 1,
      skippedTests: 1,
      notes: ['1 tests did not come to an end'],
    });
  });

  it('never calls a run that crashed or left no report a success', () => {
    expect(vitestOutcome(undefined, bad, '/r')).toMatchObject({ passed: 0, failed: 1 });
    expect(vitestOutcome(undefined, { code: 143, timedOut: true }, '/r').notes).toEqual(['vitest took too long and was stopped']);
    expect(vitestOutcome({ testResults: [file('a.test.ts', result('passed', 'x'))] }, bad, '/r')).toMatchObject({ passed: 1, failed: 1 });
  });
});

describe('playwrightOutcome', () => {
  const stats = { expected: 3, unexpected: 0, flaky: 0, skipped: 1 };
  const suites = [{ specs: [], suites: [{ specs: [{ file: 'a.spec.ts', title: 'later', tests: [{ status: 'skipped' }] }] }] }];

  it('counts and lists', () => {
    expect(playwrightOutcome({ stats, suites }, fine)).toEqual({
      passed: 3,
      failed: 0,
      skipped: ['a.spec.ts: later'],
      skippedTests: 1,
      notes: [],
    });
  });

  it('names what passed only on the second try', () => {
    const flaky = { specs: [{ file: 'b.spec.ts', title: 'slow', tests: [{ status: 'flaky' }] }] };
    expect(playwrightOutcome({ stats: { ...stats, flaky: 1 }, suites: [flaky] }, fine)).toMatchObject({
      passed: 4,
      failed: 0,
      notes: ['passed only on the second try: b.spec.ts: slow'],
    });
    expect(playwrightOutcome({ stats: { ...stats, flaky: 4 }, suites: [flaky] }, fine)).toMatchObject({ passed: 3, failed: 4 });
  });

  it('fails where the server did not start, or it ended oddly', () => {
    const none = { stats: { ...stats, expected: 0 }, suites: [], errors: [{ message: 'Error: Timed out waiting\nmore' }] };
    expect(playwrightOutcome(none, bad)).toMatchObject({ passed: 0, failed: 1, notes: ['Error: Timed out waiting'] });
    expect(playwrightOutcome({ stats, suites }, bad).failed).toBe(1);
    expect(playwrightOutcome(undefined, bad).failed).toBe(1);
  });
});
