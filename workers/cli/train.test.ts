/** The command as its users run it: a process of its own, its exit code and what it writes where. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModel } from '../../lib/model/preflight';
import { tree } from '../../lib/testing/data-files';
import { readModelFiles } from '../node/model-files';
import { runCommand } from '../testing/command';

let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-train-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const run = (args: string[], when?: Parameters<typeof runCommand>[3]) => runCommand('train', args, place('data'), when);
const small = (out: string, ...more: string[]) => [
  '--board',
  'glyphs/linf',
  '--mode',
  'st',
  '--backend',
  'wasm',
  '--train-samples',
  '40',
  '--batch',
  '20',
  '--out',
  place(out),
  ...more,
];

it('writes a model that says how it was made, progress to stderr and a summary to stdout, without any data file', async () => {
  const { code, stdout, stderr } = await run(small('one', '--epochs', '2'));
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('epoch 2 of 2: loss ') });
  const summary = JSON.parse(stdout);
  expect(summary).toMatchObject({ board: 'glyphs/linf', mode: 'st', epochs: 2, batch: 20, seed: 20231107, trainSamples: 40 });
  expect(summary.history.length).toBe(2);
  expect(tree(place('one'))).toEqual(['group1-shard1of1.bin', 'model.json']);
  expect(JSON.parse(readFileSync(place('one/model.json'), 'utf8')).userDefinedMetadata).toEqual(summary);
  const model = await readModel(await readModelFiles(place('one')));
  expect(model).toMatchObject({ ok: true, value: { graph: { params: 47194 } } });
  expect(existsSync(place('data'))).toBe(false);
});

it('ends with 5 where the loss is no longer a number, and says so', async () => {
  const { code, stdout, stderr } = await run(
    small('broken', '--epochs', '40', '--lr', '10', '--momentum', '0.9999', '--weight-decay', '1'),
  );
  expect(code).toBe(5);
  expect(stdout).toBe('');
  const last = stderr.trim().split('\n').pop() as string;
  expect(last).toMatch(/^(the loss was not a finite number in epoch \d+, step \d|weight \S+ is not finite); /);
  const kept = /broken holds the model as it was after epoch \d+$/.test(last);
  if (kept) expect((await readModel(await readModelFiles(place('broken')))).ok).toBe(true);
  else expect(last).toMatch(/; no epoch came to a good end, so nothing was written: try a smaller --lr$/);
  expect(existsSync(place('broken/model.json'))).toBe(kept);
});

it('Ctrl-C ends it with 130 and the model of the last whole epoch', async () => {
  let sent = false;
  const { code, stdout, stderr } = await run(small('stopped', '--epochs', '1000'), (said, kill) => {
    if (!sent && said.includes('epoch 1 of')) {
      sent = true;
      kill('SIGINT');
    }
  });
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
  expect(stderr).toMatch(/stopped; .*stopped holds the model as it was after epoch \d+\n$/);
  expect(tree(place('stopped'))).toEqual(['group1-shard1of1.bin', 'model.json']);
});

it.each([
  [['--board', 'mnist/linf', '--mode', 'st', '--out', 'x'], '--board must be one of '],
  [['--board', 'glyphs/linf', '--mode', 'st', '--out', '/dev/null/x'], 'could not be written'],
])('%j ends with 2 and one sentence', async (args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
});

it('asks for no more images than there are', async () => {
  const { code, stderr } = await run(small('many', '--train-samples', '60001', '--quiet'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: '--train-samples must be at most 60000, the training images of Glyphs, got 60001\n',
  });
});
