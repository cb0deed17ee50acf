/** The command as its users run it: a process of its own, its exit code and what it writes where. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readModel } from '../../lib/model/preflight';
import { fashionFiles, tree, writeFiles } from '../../lib/testing/data-files';
import { drawnRecords } from '../../lib/testing/small-evaluation';
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

/** Begins a training and interrupts it when it says that its first epoch is done. */
async function stoppedAfterOne(args: string[]): Promise<void> {
  let stopped = false;
  const { code } = await run(args, (said, kill) => {
    if (stopped || !said.includes('epoch 1 of')) return;
    stopped = true;
    kill('SIGINT');
  });
  expect(code).toBe(130);
}

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
  expect(tree(place('stopped'))).toEqual(['group1-shard1of1.bin', 'model.json', 'training.bin']);
});

it.each([
  [['--board', 'mnist/linf', '--mode', 'st', '--out', 'x'], '--board must be one of '],
  [['--board', 'glyphs/linf', '--mode', 'st', '--out', '/dev/null/x'], 'could not be written'],
])('%j ends with 2 and one sentence', async (args, message) => {
  const { code, stdout, stderr } = await run(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.trim().split('\n')).toEqual([expect.stringContaining(message)]);
});

it('goes on from an earlier model, which it names, and makes the same from it every time', async () => {
  expect((await run(small('earlier', '--epochs', '1', '--quiet'))).code).toBe(0);
  const weights: Buffer[] = [];
  for (const out of ['later-1', 'later-2']) {
    const { code, stdout } = await run(small(out, '--epochs', '1', '--quiet', '--from', place('earlier'), '--mode', 'at'));
    expect(code).toBe(0);
    const { value } = (await readModel(await readModelFiles(place('earlier')))) as { value: { sha256: string } };
    expect(JSON.parse(stdout)).toMatchObject({ mode: 'at', warmup: 0.5, from: value.sha256 });
    weights.push(readFileSync(place(out, 'group1-shard1of1.bin')));
  }
  expect(weights[1].equals(weights[0])).toBe(true);
  expect(weights[0].equals(readFileSync(place('earlier/group1-shard1of1.bin')))).toBe(false);
}, 60_000);

it.each([
  [path.resolve('lib/testing/models/fmnist_st'), /^--from \S+fmnist_st: model\.json/],
  ['/nowhere', /^\/nowhere does not exist; --from takes a folder/],
])('ends with 3 where it can’t begin with %s', async (from, message) => {
  const { code, stderr } = await run(small('refused', '--from', from, '--quiet'));
  expect({ code, stderr }).toEqual({ code: 3, stderr: expect.stringMatching(message) });
  expect(existsSync(place('refused/model.json'))).toBe(false);
});

it('writes to a folder of its own where none is named, but over no earlier model', async () => {
  const unnamed = small('unused', '--epochs', '1', '--quiet').filter((word) => word !== '--out' && word !== place('unused'));
  const data = path.join(place('data'), 'trained/glyphs_st');
  expect(await run(unnamed)).toMatchObject({ code: 0, stderr: '' });
  expect(tree(data)).toEqual(['group1-shard1of1.bin', 'model.json']);
  const again = await run(unnamed);
  expect(again).toMatchObject({
    code: 2,
    stderr: `${data} holds a model already: name a folder with --out (the same one, to write it anew)\n`,
  });
  rmSync(place('data'), { recursive: true });
}, 30_000);

const fashion = (data: string) => [...small('none', '--quiet', '--board', 'fashion-mnist/linf', '--data', place(data))];

it('ends with 4 where a data file was cut', async () => {
  const files = fashionFiles({ test: drawnRecords('test', 4), train: drawnRecords('train', 40) });
  const name = 'fashion-mnist/train-images-idx3-ubyte.gz';
  writeFiles(place('cut'), files.set(name, (files.get(name) as Uint8Array).slice(0, -9)));
  const { code, stdout, stderr } = await run(fashion('cut'));
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  expect(stderr).toContain('train-images-idx3-ubyte.gz is not a complete gzip file');
  expect(existsSync(place('none/model.json'))).toBe(false);
});

it('ends with 4 where the training images are missing', async () => {
  writeFiles(place('half'), fashionFiles({ test: drawnRecords('test', 4) }));
  const { code, stderr } = await run(fashion('half'));
  expect({ code, stderr }).toEqual({ code: 4, stderr: 'the train split of Fashion-MNIST is not in the data directory\n' });
});

it('asks for no more images than there are', async () => {
  const { code, stderr } = await run(small('many', '--train-samples', '60001', '--quiet'));
  expect({ code, stderr }).toEqual({
    code: 2,
    stderr: '--train-samples must be at most 60000, the training images of Glyphs, got 60001\n',
  });
});

it('--resume goes on after the last epoch, to the same bytes, and refuses other settings and a training that is done', async () => {
  const epochs = ['--epochs', '3'];
  expect(await run(small('whole', ...epochs, '--quiet'))).toMatchObject({ code: 0 });
  await stoppedAfterOne(small('parts', ...epochs));
  expect(tree(place('parts'))).toEqual(['group1-shard1of1.bin', 'model.json', 'training.bin']);
  const other = await run(small('parts', ...epochs, '--resume', '--lr', '0.2'));
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('begun with learningRate 0.1, now it is 0.2') });
  const resumed = await run(small('parts', ...epochs, '--resume'));
  expect(resumed).toMatchObject({ code: 0, stderr: expect.stringMatching(/going on after epoch [12] of 3/) });
  for (const file of ['group1-shard1of1.bin', 'model.json'])
    expect(readFileSync(place('parts', file)).equals(readFileSync(place('whole', file))), file).toBe(true);
  expect(tree(place('parts'))).toEqual(['group1-shard1of1.bin', 'model.json']);
  const again = await run(small('parts', ...epochs, '--resume'));
  expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('a training that came to its end leaves none') });
});

it('--measure keeps the collapse of every epoch beside its loss', async () => {
  const { code, stdout } = await run(small('measured', '--epochs', '2', '--measure', '20', '--quiet'));
  expect(code).toBe(0);
  const { history, measure } = JSON.parse(stdout);
  expect([history.length, measure]).toEqual([2, 20]);
  expect(Object.keys(history[1].collapse)).toEqual(['clean', 'pgd-10', 'targeted', 'gaussian', 'sign']);
  expect(history[1].collapse.clean.nc1).toBeGreaterThan(0);
  expect(history[1].collapse.clean).not.toEqual(history[0].collapse.clean);
  expect(history[1].collapse.targeted).toMatchObject({ leapt: expect.any(Number), angle: expect.any(Number) });
  const seldom = await run(small('seldom', '--epochs', '3', '--measure', '20', '--measure-every', '2', '--quiet'));
  expect(JSON.parse(seldom.stdout).history.map((e: object) => 'collapse' in e)).toEqual([false, true, true]);
  const refused = await run(small('measured', '--measure', '41'));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('--measure must be at most 40') });
});

it('--imbalance and --shortcut are in the model’s account of itself, and a training begun without them is not gone on with', async () => {
  const args = ['--epochs', '5', '--imbalance', '.5', '--shortcut', '0.9'];
  await stoppedAfterOne(small('planted', ...args));
  const other = await run(small('planted', ...args, '--shortcut', '0.8', '--resume'));
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining('begun with shortcut 0.9, now it is 0.8') });
  const { code, stdout } = await run(small('planted', ...args, '--resume', '--quiet'));
  expect(code).toBe(0);
  const about = JSON.parse(stdout);
  expect(about).toMatchObject({ imbalance: 0.5, shortcut: 0.9, trainSamples: 40 });
  expect(about.keptSamples).toBeGreaterThan(20);
  expect(about.keptSamples).toBeLessThan(40);
});

it('--net preact-resnet-18 goes on by --resume and begins by --from', async () => {
  const args = ['--net', 'preact-resnet-18', '--width', '0.05', '--epochs', '4'];
  await stoppedAfterOne(small('residual', ...args));
  expect(await run(small('residual', ...args, '--resume'))).toMatchObject({ code: 0, stderr: expect.stringContaining('going on after') });
  expect((await run(small('residual-whole', ...args, '--quiet'))).code).toBe(0);
  for (const file of ['group1-shard1of1.bin', 'model.json'])
    expect(readFileSync(place('residual', file)).equals(readFileSync(place('residual-whole', file))), file).toBe(true);
  const narrower = await run(small('refused', ...args, '--width', '0.06', '--from', place('residual'), '--quiet'));
  expect(narrower).toMatchObject({
    code: 3,
    stderr: expect.stringMatching(/: model\.json: layer 2 \(conv1\) has filters 3; 4 is expected\n$/),
  });
}, 60_000);
