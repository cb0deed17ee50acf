/** The command as its users run it: a process of its own, its exit code and what it writes where. */
import { existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { fashionFiles, tree, writeFiles } from '../../lib/testing/data-files';
import { dense, modelFiles, plain, SHARD, sequential } from '../../lib/testing/keras-model';
import { drawnRecords } from '../../lib/testing/small-evaluation';
import { startCommand } from '../testing/command';

const MODEL = path.resolve(import.meta.dirname, '../../lib/testing/models/fmnist_st');
const BOARD = ['--board', 'fashion-mnist/linf'];
const SMALL = ['--samples', '4', '--train-samples', '10', '--batch', '2', '--backend', 'wasm'];

let root: string;
let data: string;
const place = (...parts: string[]) => path.join(root, ...parts);

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-cli-'));
  data = place('sets');
  writeFiles(data, fashionFiles({ test: drawnRecords('test', 400), train: drawnRecords('train', 20) }));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const start = (args: string[], env: Record<string, string> = {}, out: 'pipe' | number = 'pipe') =>
  startCommand('evaluate', args, place('data'), { env, out });
const run = (args: string[], env?: Record<string, string>) => start(args, env).ended;
const evaluateFashion = (...more: string[]) => run(['--model', MODEL, ...BOARD, '--data', data, ...SMALL, ...more]);

describe('exit code 0', () => {
  it('writes the report, and nothing else, to stdout; progress and remarks to stderr', async () => {
    const { code, stdout, stderr } = await evaluateFashion('--layers');
    expect(stderr).toContain('1/');
    expect(code).toBe(0);
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(stdout).toBe(`${JSON.stringify(report, null, 2)}\n`);
    expect(report).toMatchObject({
      board: 'fashion-mnist/linf',
      seed: 20231107,
      counts: { samples: 4, trainSamples: 10 },
      environment: { backend: 'wasm', batch: 2, versions: { tfjs: '4.22.0' } },
      data: { test: { records: 400, official: false }, train: { records: 20, official: false } },
    });
    expect(report.layers?.length).toBeGreaterThan(5);
    expect(stderr).toContain('1/16 test clean\n');
    expect(stderr).toContain('16/16 layers sign (sign noise)\n');
    expect(stderr).toContain('100 %');
    expect(stderr).toContain('the test data are not the official Fashion-MNIST');
  });

  it('--out and --evidence write whole files and make their folders; --quiet says nothing', async () => {
    const out = place('results/deep/report.json');
    const { code, stdout, stderr } = await evaluateFashion('--out', out, '--evidence', place('results/evidence'), '--quiet');
    expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '', stderr: '' });
    const report: Report = reportSchema.parse(JSON.parse(readFileSync(out, 'utf8')));
    expect(tree(place('results'))).toEqual([
      'deep/report.json',
      ...['clean', 'gaussian', 'pgd-10', 'pgd-margin', 'sign', 'targeted'].map((c) => `evidence/${c}.bitmap`),
    ]);
    for (const [condition, bitmap] of Object.entries(report.evidence)) {
      expect(readFileSync(place(`results/evidence/${condition}.bitmap`)).toString('base64')).toBe(bitmap);
    }
  });

  it('comes to the same on one thread of another backend, bit for bit in what was right', async () => {
    const one = JSON.parse((await evaluateFashion('--attacks', 'pgd-10', '--train-samples', '0', '--quiet')).stdout) as Report;
    const two = JSON.parse(
      (await evaluateFashion('--attacks', 'pgd-10', '--train-samples', '0', '--quiet', '--backend', 'cpu', '--workers', '1')).stdout,
    ) as Report;
    expect(two.environment).toMatchObject({ backend: 'cpu', workers: 1 });
    expect(two.evidence).toEqual(one.evidence);
    expect(two.attacks['pgd-10']?.loss).toBeCloseTo(one.attacks['pgd-10']?.loss ?? Number.NaN, 2);
  });

  it('--checks and --curves add what they measured, say so as they go, and begin again from what --resume kept', async () => {
    const wanted = ['--attacks', 'pgd-10', '--train-samples', '0', '--checks', '--curves', '--check-samples', '3'];
    const { code, stdout, stderr } = await evaluateFashion(...wanted);
    expect(code, stderr).toBe(0);
    expect(stderr).toContain('checks clean: passes\n');
    expect(stderr).toContain('curves pgd-10 (PGD on cross-entropy): restart 9\n');
    const report = reportSchema.parse(JSON.parse(stdout));
    expect(report.confidence?.checks.find(({ id }) => id === 'fgsm-beats-pgd')).toMatchObject({ samples: 3, value: expect.any(Number) });
    expect(report.curves).toMatchObject({ samples: 3, restarts: { attack: 'pgd-10' } });
    // The shares of all images, and then nothing but a report.
    const [first, second] = [place('a.part'), place('b.part')];
    for (const share of [
      ['--from', '0', '--count', '2', '--resume', first],
      ['--from', '2', '--count', '2', '--resume', second],
    ]) {
      expect((await evaluateFashion(...wanted, ...share)).code).toBe(0);
    }
    const merged = reportSchema.parse(JSON.parse((await evaluateFashion(...wanted, '--merge', `${first},${second}`)).stdout));
    expect(merged.confidence).toEqual(report.confidence);
    expect(merged.curves).toEqual(report.curves);
  });

  it('--help is answered on stdout', async () => {
    const { code, stdout, stderr } = await run(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Exit codes: 0 done, 2 arguments, 3 model refused, 4 data missing or damaged, 5');
  });
});

const refused = async (wanted: number, args: string[], env?: Record<string, string>) => {
  const { code, stdout, stderr } = await run(args, env);
  expect(stdout).toBe('');
  expect(code, stderr).toBe(wanted);
  return stderr;
};

describe('exit code 2, the arguments are off', () => {
  it.each([
    ['none', [], '--model is missing: a folder with model.json\n'],
    ['a board that there is not', ['--model', MODEL, '--board', 'mnist'], /^--board must be one of .*, got mnist\n$/],
    ['an unknown option', ['--model', MODEL, ...BOARD, '--fast'], /'--fast'/],
  ])('%s', async (_, args, message) => {
    expect(await refused(2, args)).toMatch(message);
  });

  it('more images than there are', async () => {
    const stderr = await refused(2, ['--model', MODEL, ...BOARD, '--data', data, ...SMALL, '--samples', '401', '--quiet']);
    expect(stderr).toBe('the test split of Fashion-MNIST has 400 records here, 401 were asked for\n');
  });

  it('a place where no report can be written is refused before anything is measured', async () => {
    writeFileSync(place('file'), '');
    for (const [out, why] of [
      [root, /could not be written: it is a folder/],
      [place('file/report.json'), /could not be written: E/],
    ] as const) {
      const stderr = await refused(2, ['--model', MODEL, ...BOARD, '--data', data, ...SMALL, '--out', out]);
      expect(stderr).toMatch(why);
      expect(stderr).not.toContain('test clean');
    }
  });
});

describe('exit code 2, the report could not be kept', () => {
  const measured = (...more: string[]) => ['--model', MODEL, ...BOARD, '--data', data, ...SMALL, '--attacks', 'sign', '--quiet', ...more];

  it.runIf(existsSync('/dev/full'))('a full disk behind stdout or --out; no evidence stays without its report', async () => {
    const evidence = place('full');
    const kept = ['--evidence', evidence];
    const out = await start(measured(...kept), {}, openSync('/dev/full', 'w')).ended;
    expect(out).toEqual({ code: 2, stdout: '', stderr: 'stdout could not be written: ENOSPC: no space left on device, write\n' });
    expect(await refused(2, measured(...kept, '--out', '/dev/full'))).toMatch(/^\/dev\/full could not be written: ENOSPC/);
    expect(readdirSync(evidence)).toEqual([]);
  });

  it('a pipe behind stdout whose reader has gone', async () => {
    const { child, ended } = start(measured('--evidence', place('piped')));
    child.stdout?.destroy();
    const { code, stderr } = await ended;
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(/^stdout could not be written: .*EPIPE.*\n$/) });
    expect(readdirSync(place('piped'))).toEqual([]);
  });

  it.runIf(existsSync('/proc/self'))('a folder that the system lets nobody make, at once', async () => {
    for (const option of ['--evidence', '--out'])
      expect(await refused(2, measured(option, '/proc/simplexity/x'))).toMatch(/^\/proc\/simplexity\/x.* could not be written: ENOENT/);
  });
});

describe('exit code 3, the model was refused', () => {
  const written = (name: string, files: Map<string, Uint8Array>) => {
    writeFiles(place(name), files);
    return place(name);
  };
  const tiny = () => modelFiles(sequential([28, 28, 1], [plain('Flatten', 'flat'), dense('out', [784, 10])]));

  it('no model there', async () => {
    expect(await refused(3, ['--model', place('none'), ...BOARD])).toBe(
      `${place('none')} does not exist; --model takes a folder with model.json or the file itself\n`,
    );
    mkdirSync(place('empty'));
    expect(await refused(3, ['--model', place('empty'), ...BOARD])).toBe(`${place('empty/model.json')} is missing\n`);
  });

  it('each reason on a line of its own: another input, another number of classes', async () => {
    const model = written('other', modelFiles(sequential([20, 20, 1], [plain('Flatten', 'flat'), dense('out', [400, 7])])));
    expect(await refused(3, ['--model', model, ...BOARD])).toBe(
      'model.json: the input has shape [20,20,1]; Fashion-MNIST has images of [28,28,1]\n' +
        'layer out: the output has shape [7]; Fashion-MNIST has 10 classes\n',
    );
  });

  it('a name with line breaks and terminal sequences, on one line and harmless', async () => {
    const model = written('names', modelFiles(sequential([28, 28, 1], [plain('Evil\nok: \x1b[31mred', 'a\nb')])));
    expect(await refused(3, ['--model', model, ...BOARD])).toBe(
      'layer a\\u000ab: Evil\\u000aok: \\u001b[31mred is not a supported layer\n',
    );
  });

  it('weights that are cut, missing, or outside of the folder', async () => {
    const files = tiny();
    const cut = written('cut', new Map(files).set(SHARD, (files.get(SHARD) as Uint8Array).slice(0, -4)));
    expect(await refused(3, ['--model', cut, ...BOARD])).toMatch(new RegExp(`^weight file ${SHARD}: .* \\(truncated\\?\\)\n$`));
    const missing = written('missing', new Map([['model.json', files.get('model.json') as Uint8Array]]));
    expect(await refused(3, ['--model', path.join(missing, 'model.json'), ...BOARD])).toBe(`weight file ${SHARD} is missing\n`);
    const text = new TextDecoder().decode(files.get('model.json')).replace(SHARD, '../secret');
    const outside = written('outside', new Map([['model.json', new TextEncoder().encode(text)]]));
    expect(await refused(3, ['--model', outside, ...BOARD])).toContain('must be a relative path inside the model');
  });
});

describe('exit code 4, no data or damaged data', () => {
  it('a gzip that was cut', async () => {
    const damaged = place('damaged');
    const files = fashionFiles({ test: drawnRecords('test', 4) });
    const name = 'fashion-mnist/t10k-images-idx3-ubyte.gz';
    writeFiles(damaged, files.set(name, (files.get(name) as Uint8Array).slice(0, -9)));
    const stderr = await refused(4, ['--model', MODEL, ...BOARD, '--data', damaged], { DATA_DIR: place('data2') });
    expect(stderr).toContain('t10k-images-idx3-ubyte.gz is not a complete gzip file');
    expect(tree(place('data2'))).toEqual([]);
  });

  it('a file without records', async () => {
    const none = { images: new Uint8Array(), labels: new Uint8Array() };
    writeFiles(place('no-records'), fashionFiles({ test: none }, false));
    const stderr = await refused(4, ['--model', MODEL, ...BOARD, '--data', place('no-records'), '--quiet'], { DATA_DIR: place('data4') });
    expect(stderr).toBe('fashion-mnist/t10k-images-idx3-ubyte holds no records\n');
    expect(tree(place('data4'))).toEqual([]);
  });

  it('a split that is not there', async () => {
    const half = place('half');
    writeFiles(half, fashionFiles({ test: drawnRecords('test', 4) }));
    const stderr = await refused(4, ['--model', MODEL, ...BOARD, '--data', half, ...SMALL, '--quiet'], { DATA_DIR: place('data3') });
    expect(stderr).toBe('the train split of Fashion-MNIST is not in the data directory\n');
  });
});

it('exit code 5, the computation failed: a network whose outputs overflow, with the layer', async () => {
  const files = modelFiles(sequential([28, 28, 1], [plain('Flatten', 'flat'), dense('out', [784, 10])]));
  const shard = files.get(SHARD) as Uint8Array;
  new Float32Array(shard.buffer, shard.byteOffset, 7840).fill(3e38);
  writeFiles(place('huge'), files);
  const stderr = await refused(5, ['--model', place('huge'), ...BOARD, '--data', data, ...SMALL, '--quiet', '--out', place('huge.json')]);
  expect(stderr).toMatch(/^layer out: sample \d+: the network's output \d is Infinity; outputs must be finite\n$/);
  expect(existsSync(place('huge.json'))).toBe(false);
});

describe('stopping', () => {
  const long = ['--samples', '400', '--train-samples', '0', '--batch', '10', '--backend', 'wasm'];
  const isRunning = (pid: number) => {
    try {
      process.kill(pid, 0);
      return true;
    } catch {
      return false;
    }
  };

  it.each(['SIGINT', 'SIGTERM'] as const)('%s ends it soon, with code 130, no part of a report and no process', async (signal) => {
    const folder = place(`stopped-${signal}`);
    const { child, ended, said } = start(['--model', MODEL, ...BOARD, '--data', data, ...long, '--out', path.join(folder, 'r.json')]);
    await said('2/6');
    const before = performance.now();
    child.kill(signal);
    if (signal === 'SIGINT') child.kill(signal); // npm passes a Ctrl-C on that the terminal has sent already
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr.endsWith('\nstopped\n')).toBe(true);
    expect(performance.now() - before).toBeLessThan(5000);
    expect(readdirSync(folder)).toEqual([]);
    expect(isRunning(child.pid as number)).toBe(false);
  });
});
