/** Runs that are ended in the middle, and runs in shares, as their users start them: processes of their own. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { startCommand } from '../testing/command';

// Several processes one after the other, each with its engine.
vi.setConfig({ testTimeout: 180_000 });

const RUN = ['--model', 'public/models/glyphs_st', '--board', 'glyphs/linf', '--backend', 'wasm', '--workers', '2', '--layers'];
const SIZE = ['--samples', '40', '--train-samples', '60', '--batch', '10'];

let folder: string;
let whole: unknown;
const place = (name: string) => path.join(folder, name);

const start = (...args: string[]) => startCommand('evaluate', [...RUN, ...SIZE, ...args], place('data'));

/** All of a report but what a clock says. */
function lasting(stdout: string): unknown {
  const { startedAt: _, durationMs: __, attacks, ...rest }: Report = reportSchema.parse(JSON.parse(stdout));
  return { ...rest, attacks: Object.fromEntries(Object.entries(attacks).map(([id, { durationMs: ___, ...attack }]) => [id, attack])) };
}

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-resume-'));
  whole = lasting((await start('--quiet').ended).stdout);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Ends the run once its file holds so many bytes. */
async function interrupted(file: string, bytes: number, signal: NodeJS.Signals) {
  const { child, ended } = start('--resume', file);
  while (!existsSync(file) || statSync(file).size < bytes) {
    if (child.exitCode !== null) throw new Error(`it ended before it was to be ended: ${(await ended).stderr}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  child.kill(signal);
  return ended;
}

describe('--resume', () => {
  it('a run that is killed twice ends in the same report, and its file is removed', async () => {
    const file = place('killed.part');
    expect((await interrupted(file, 200_000, 'SIGKILL')).code).toBeNull();
    const kept = statSync(file).size;
    expect((await interrupted(file, kept + 500_000, 'SIGKILL')).stderr).toMatch(/killed\.part: [1-9]\d* units of this run are known\n/);
    const { code, stdout, stderr } = await start('--resume', file).ended;
    expect(code, stderr).toBe(0);
    expect(lasting(stdout)).toEqual(whole);
    expect(readdirSync(folder).filter((name) => name.startsWith('killed'))).toEqual([]);
  });

  it('a run that is stopped says where it goes on, and another run does not go on with it', async () => {
    const file = place('stopped.part');
    const { code, stderr } = await interrupted(file, 300_000, 'SIGINT');
    expect(code).toBe(130);
    expect(stderr).toContain(`what was measured is in ${file}; the same command goes on from there\n`);
    const other = await start('--resume', file, '--seed', '7', '--quiet').ended;
    expect(other).toEqual({ code: 2, stdout: '', stderr: `${file} holds another run: its seed is 20231107, here it is 7\n` });
    expect(statSync(file).size).toBeGreaterThan(300_000);
  });
});

describe('a file that is the wrong one', () => {
  /** Nothing could be measured, with data that are not to be had and no device. */
  const away = [
    '--model',
    'public/models/fmnist_st',
    '--board',
    'fashion-mnist/linf',
    '--data',
    '/nowhere',
    '--backend',
    'webgpu',
    '--quiet',
  ];
  const refusal = (...args: string[]) => startCommand('evaluate', [...away, ...args], place('data')).ended;
  const wrong = () => {
    writeFileSync(place('notes.txt'), 'some notes\n');
    return place('notes.txt');
  };

  it.each(['--resume', '--merge'])('is named before data and device are looked for: %s', async (option) => {
    const message = 'is not a file of a run to resume; give another name';
    expect(await refusal(option, wrong())).toEqual({ code: 2, stdout: '', stderr: `${wrong()} ${message}\n` });
    expect(readFileSync(wrong(), 'utf8')).toBe('some notes\n');
  });

  it('so is a share that is not there, and a folder that is not', async () => {
    expect((await refusal('--merge', place('gone.part'))).stderr).toMatch(/gone\.part could not be opened: ENOENT/);
    expect((await refusal('--resume', place('none/a.part'))).stderr).toMatch(/none\/a\.part\.lock could not be written: ENOENT/);
  });
});

describe('--from, --count and --merge', () => {
  it('a share without a unit is refused with where units begin', async () => {
    const { code, stderr } = await start('--resume', place('none.part'), '--from', '1', '--count', '5', '--quiet').ended;
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr: 'no unit begins in images 1 to 5: units begin at multiples of the batch, 10\n',
    });
  });

  it('shares give no report; merged they give the report of the whole, whatever is missing being measured', async () => {
    const shares = [
      ['a.part', '--count', '20'],
      ['b.part', '--from', '20', '--count', '10'],
    ].map(([name, ...range]) => ({ file: place(name), range }));
    for (const { file, range } of shares) {
      const { code, stdout, stderr } = await start('--resume', file, ...range).ended;
      expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: '' });
      expect(stderr).toMatch(/part holds \d+ units; a run with --merge makes the report of all shares\n/);
    }
    const merged = await start('--merge', shares.map(({ file }) => file).join(',')).ended;
    expect(merged.code, merged.stderr).toBe(0);
    expect(lasting(merged.stdout)).toEqual(whole);
    // Units of 10: 2 and 1 of the 4 with test images under 6 conditions, 3 and 2 of the 6 with training images under 5.
    expect(merged.stderr).toContain(`a.part: ${2 * 6 + 3 * 5} units of this run are known`);
    expect(merged.stderr).toContain(`b.part: ${1 * 6 + 2 * 5} units of this run are known`);
    expect(shares.every(({ file }) => existsSync(file))).toBe(true);
  });
});
