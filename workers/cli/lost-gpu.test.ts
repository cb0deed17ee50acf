/** A GPU that is lost in the middle of a run, on Vulkan's software driver: its device is really gone, or its process is. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { SOFTWARE_VULKAN } from '../../lib/engine/node-host';
import { reportSchema } from '../../lib/protocol/report';
import { dense, modelFiles, plain, sequential } from '../../lib/testing/keras-model';
import { type Started, startCommand } from '../testing/command';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

const PRELOAD = path.resolve(import.meta.dirname, '../testing/lose-gpu.mjs');

let folder: string;
const place = (name: string) => path.join(folder, name);

/** `after` units the GPU is lost, in as many processes as `times` says. */
function start(name: string, lost: { after: number; times: number; how?: 'exit' } = { after: 0, times: 0 }): Started {
  mkdirSync(place(name));
  const args = ['--model', place('model'), '--board', 'glyphs/linf', '--backend', 'webgpu', '--attacks', 'pgd-10,gaussian'];
  const env = {
    VK_ICD_FILENAMES: SOFTWARE_VULKAN,
    NODE_OPTIONS: `--import ${pathToFileURL(PRELOAD).href}`,
    LOSE_GPU_FOLDER: place(name),
    LOSE_GPU_AFTER: String(lost.after),
    LOSE_GPU_TIMES: String(lost.times),
    LOSE_GPU_HOW: lost.how ?? 'device',
  };
  return startCommand('evaluate', [...args, '--samples', '6', '--train-samples', '4', '--batch', '2', '--layers'], place('data'), { env });
}
const losses = (name: string) => readdirSync(place(name)).length;

/** All of a report but what a clock says. */
function lasting(stdout: string): unknown {
  const { startedAt: _, durationMs: __, attacks, ...rest } = reportSchema.parse(JSON.parse(stdout));
  return { ...rest, attacks: Object.fromEntries(Object.entries(attacks).map(([id, { durationMs: ___, ...attack }]) => [id, attack])) };
}

/** 0 where there is no such process. */
function parentOf(pid: string): number {
  if (!/^\d+$/.test(pid)) return 0;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return 0;
  }
}

const hasGpu = existsSync(SOFTWARE_VULKAN) && existsSync('node_modules/webgpu');

describe.skipIf(!hasGpu)('a GPU that is lost', () => {
  let whole: unknown;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-lost-gpu-'));
    mkdirSync(place('model'));
    const net = sequential(
      [28, 28, 1],
      [plain('Flatten', 'flat'), dense('hidden', [784, 8], { activation: 'relu' }), dense('logits', [8, 10])],
    );
    for (const [file, bytes] of modelFiles(net)) writeFileSync(path.join(place('model'), file), bytes);
    const { code, stdout, stderr } = await start('undisturbed').ended;
    expect(code, stderr).toBe(0);
    whole = lasting(stdout);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('three times is opened three times, and the report is that of an undisturbed run', async () => {
    const { code, stdout, stderr } = await start('thrice', { after: 2, times: 3 }).ended;
    expect(code, stderr).toBe(0);
    expect(losses('thrice')).toBe(3);
    expect(
      stderr.match(/^The GPU was lost: .*\. It was opened again and the run goes on; nothing measured so far is lost\.$/gm),
    ).toHaveLength(3);
    expect(lasting(stdout)).toEqual(whole);
  });

  it('with the whole process that drives it is opened again, too', async () => {
    const { code, stdout, stderr } = await start('process', { after: 4, times: 1, how: 'exit' }).ended;
    expect(code, stderr).toBe(0);
    expect(losses('process')).toBe(1);
    expect(stderr).toContain('The process that drives the GPU ended before its work was done (SIGKILL). It was opened again');
    expect(lasting(stdout)).toEqual(whole);
  });

  it('a fourth time ends the run', async () => {
    const { code, stdout, stderr } = await start('often', { after: 1, times: 9 }).ended;
    expect({ code, stdout }, stderr).toEqual({ code: 5, stdout: '' });
    expect(losses('often')).toBe(4);
    expect(stderr).toMatch(/\nthe GPU was lost: .*\n$/);
  });

  it.skipIf(!existsSync('/proc/self'))('a run that is stopped takes its process along', async () => {
    const stopped = start('stopped');
    await stopped.said('test clean');
    const children = () => readdirSync('/proc').filter((pid) => parentOf(pid) === stopped.child.pid);
    const [gpu, ...more] = children();
    expect(more).toEqual([]);
    stopped.child.kill('SIGTERM');
    expect(await stopped.ended).toMatchObject({ code: 130, stdout: '' });
    expect(existsSync(`/proc/${gpu}`)).toBe(false);
  });
});
