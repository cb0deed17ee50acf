/** The command as its users run it: a process of its own, its exit code and what it writes where. */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Architecture } from '../../lib/known/architecture';
import { ARCHITECTURES } from '../../lib/known/registry';
import type { Tensor } from '../../lib/known/safetensors';
import { readModel } from '../../lib/model/preflight';
import { tree } from '../../lib/testing/data-files';
import { f32, randomStateDict, safetensorsFile } from '../../lib/testing/state-dicts';
import { readModelFiles } from '../node/model-files';
import { CONVERT_HELP } from './convert-arguments';

const ROOT = path.resolve(import.meta.dirname, '../..');
let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);

beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-convert-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

function run(...args: string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['scripts/run.mjs', 'workers/cli/convert.ts', ...args], { cwd: ROOT }, (error, stdout, stderr) =>
      resolve({ code: error ? error.code : 0, stdout, stderr }),
    );
  });
}

/** The tensors in a file; returns its path. */
function stored(name: string, tensors: ReadonlyMap<string, Tensor>): string {
  const entries = [...tensors].map(([key, { shape, floats }]) => [key, f32(shape, floats() as Float32Array)]);
  writeFileSync(place(name), safetensorsFile(Object.fromEntries(entries)));
  return place(name);
}

const CIFAR = { input: [32, 32, 3], classes: 10 } as const;
const narrow = (id: string, given: Record<string, number[]>) => randomStateDict(ARCHITECTURES.get(id) as Architecture, { ...CIFAR, given });

it('answers --help', async () => {
  expect(await run('--help')).toEqual({ code: 0, stdout: CONVERT_HELP, stderr: '' });
});

it('writes a whole PreActResNet-18 in files of at most 4 MiB, and says on stdout what it is and on stderr what to mind', async () => {
  const file = stored('wide.safetensors', narrow('preact-resnet-18', {}));
  const { code, stdout, stderr } = await run('--arch', 'preact-resnet-18', '--weights', file, '--out', place('wide'));
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: 'the network is given pixels in [0, 1] as they are; if its training code normalised them, give --mean and --std\n',
  });
  const made = JSON.parse(stdout);
  const files = await readModelFiles(place('wide'));
  const model = await readModel(files);
  if (!model.ok) throw new Error(model.reasons.join('\n'));
  expect(made).toEqual({
    ...{ arch: 'preact-resnet-18', input: [32, 32, 3], classes: 10, normalization: null },
    weightsSha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    ...{ sha256: model.value.sha256, params: 11_171_146, macs: 555_422_720, feature: { name: 'mean', dim: 512 }, files: [...files.keys()] },
  });
  expect(tree(place('wide')).sort()).toEqual([...files.keys()].sort());
  for (const [name, bytes] of files) expect(bytes.length, name).toBeLessThanOrEqual(4 * 1024 * 1024);
});

it('normalises as it is told, with --quiet in silence', async () => {
  const file = stored('vgg.safetensors', narrow('vgg-11-bn', { 'features.0.weight': [2] }));
  const args = [
    '--arch',
    'vgg-11-bn',
    '--weights',
    file,
    '--out',
    place('vgg'),
    '--mean',
    '0.5,0.4,0.3',
    '--std',
    '0.2,0.2,0.2',
    '--quiet',
  ];
  const { code, stdout, stderr } = await run(...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(JSON.parse(stdout).normalization).toEqual({ mean: [0.5, 0.4, 0.3], std: [0.2, 0.2, 0.2] });
  const json = JSON.parse(readFileSync(place('vgg/model.json'), 'utf8'));
  expect(json.modelTopology.model_config.config.layers[0].config.name).toBe('normalize');
});

it.each([
  [2, ['--arch', 'vgg', '--weights', 'x', '--out', 'y'], () => [expect.stringMatching(/^--arch must be one of .*, got vgg$/)]],
  [
    2,
    ['--arch', 'plain-cnn', '--input', '32x32x3', '--weights', 'FILE', '--out', '/dev/null/x'],
    () => [expect.stringContaining('could not be written')],
  ],
  [
    3,
    ['--arch', 'plain-cnn', '--classes', '7', '--weights', 'FILE', '--out', 'OUT'],
    () => [
      'tensor conv1.weight has shape [2,3,3,3]; [2,1,3,3] is needed',
      'tensor logits.weight has shape [10,2]; [7,2] is needed',
      'tensor logits.bias has shape [10]; [7] is needed',
    ],
  ],
  [4, ['--arch', 'plain-cnn', '--weights', 'OUT', '--out', 'OUT'], () => [expect.stringMatching(/refused could not be read: ENOENT/)]],
  [
    4,
    ['--arch', 'plain-cnn', '--weights', 'package.json', '--out', 'OUT'],
    () => [expect.stringContaining('package.json is not a safetensors file: ')],
  ],
] as const)('ends with %i for %j, one reason a line, and writes nothing', async (exit, args, lines) => {
  const file = stored('plain.safetensors', narrow('plain-cnn', { 'conv1.weight': [2] }));
  const { code, stdout, stderr } = await run(...args.map((a) => (a === 'FILE' ? file : a === 'OUT' ? place('refused') : a)));
  expect({ code, stdout }).toEqual({ code: exit, stdout: '' });
  expect(
    stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('the network is given pixels')),
  ).toEqual(lines());
  expect(existsSync(place('refused'))).toBe(false);
});
