/** From a PyTorch checkpoint to logits, by the script and the command that docs/convert.md names, against PyTorch's own. */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { Network } from '../../lib/model/network';
import { readModel } from '../../lib/model/preflight';
import { maxDifference } from '../../lib/testing/backends';
import { readModelFiles } from '../node/model-files';
import { findTorch, runPython } from '../testing/torch';

const python = await findTorch();
const ROOT = path.resolve(import.meta.dirname, '../..');
const CIFAR = ['--mean', '0.4914,0.4822,0.4465', '--std', '0.2471,0.2435,0.2616'];
const LARGE = ['--input', '160x160x3'];
const { SIMPLEXITY_REFERENCE: reference } = process.env;

interface Case {
  title: string;
  /** The first argument of workers/testing/torch_cases.py. */
  net: string;
  convert: string[];
  script?: string[];
}
const CASES: Case[] = [
  ...['fmnist_at', 'glyphs_st'].map((id) => ({
    title: `the bundled ${id}, normalised by the file's own numbers`,
    net: path.join(ROOT, 'public/models', id),
    convert: ['--arch', 'plain-cnn'],
  })),
  {
    title: 'PreActResNet-18 as in the paper: batch norm before the mean, an optimizer in the file',
    net: 'preact-bn:64',
    convert: ['--arch', 'preact-resnet-18', ...CIFAR],
    script: ['--trusted'],
  },
  {
    title: 'a narrow PreActResNet-18 without that batch norm, of DataParallel',
    net: 'preact:8',
    convert: ['--arch', 'preact-resnet-18'],
  },
  {
    title: "a narrow PreActResNet-18 with ImageNette's stem",
    net: 'preact-imagenette:8',
    convert: ['--arch', 'preact-resnet-18-imagenette', ...CIFAR],
    script: ['--trusted', '--key', 'state_dict'],
  },
  {
    title: 'VGG-11 with batch norm as in the paper: the mean of 2×2',
    net: 'vgg:64',
    convert: ['--arch', 'vgg-11-bn', ...CIFAR],
    script: ['--trusted'],
  },
  { title: 'a narrow VGG-11 with a fifth max pool, behind a normalising module', net: 'vgg-max:8', convert: ['--arch', 'vgg-11-bn-max'] },
  {
    title: 'a narrow VGG-11 on images of ImageNette',
    net: 'vgg-imagenette:8',
    convert: ['--arch', 'vgg-11-bn-max', ...LARGE, ...CIFAR],
    script: ['--trusted'],
  },
];
if (reference)
  CASES.push({
    title: 'the reference cifar_st',
    net: path.join(reference, 'models/cifar_st'),
    convert: ['--arch', 'plain-cnn', '--input', '32x32x3'],
  });

const float32 = (file: string) => new Float32Array(new Uint8Array(readFileSync(file)).buffer);

/** Three processes and a network in full width; seconds where nothing else runs. */
const TIMEOUT_MS = 180_000;

describe('a converted model has the logits of PyTorch', { timeout: TIMEOUT_MS }, () => {
  if (!python) {
    it.skip('no Python with torch was found (Debian: apt-get install python3-torch)', () => undefined);
    return;
  }
  if (!reference) it.skip('the reference cifar_st (needs SIMPLEXITY_REFERENCE)', () => undefined);
  let folder: string;
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-torch-'));
    await openEngine('wasm', nodeHost);
    await runPython(python, 'workers/testing/torch_cases.py', ...CASES.flatMap((c, i) => [c.net, path.join(folder, String(i))]));
  }, TIMEOUT_MS);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(CASES.map((c, i) => [c.title, c, i] as const))('%s', async (_, { convert, script = [] }, i) => {
    const file = (name: string) => path.join(folder, String(i), name);
    const said = await runPython(python, 'scripts/torch_to_safetensors.py', file('checkpoint.pt'), file('net.safetensors'), ...script);
    expect(said).toContain(`${file('net.safetensors')}: `);
    const args = [...convert, '--weights', file('net.safetensors'), '--out', file('model')];
    await promisify(execFile)(process.execPath, ['scripts/run.mjs', 'workers/cli/convert.ts', ...args], { cwd: ROOT });

    const model = await readModel(await readModelFiles(file('model')));
    if (!model.ok) throw new Error(model.reasons.join('\n'));
    const { graph } = model.value;
    const before = tf.memory().numTensors;
    const network = new Network(graph);
    const expected = float32(file('logits.bin'));
    const images = tf.tensor4d(float32(file('images.bin')), [expected.length / 10, ...(graph.nodes[0].shape as [number, number, number])]);
    const logits = network.logits(images);
    const values = await logits.data();
    const scale = Math.max(...expected.map(Math.abs));
    // Float32 sums in another order, batch norms folded into convolutions: up to 1e-6 was measured.
    expect(maxDifference(values, expected) / scale).toBeLessThan(5e-6);
    expect(maxDifference(expected.subarray(0, 10), expected.subarray(10, 20)) / scale).toBeGreaterThan(0.1); // images matter
    network.dispose();
    tf.dispose([images, logits]);
    expect(tf.memory().numTensors).toBe(before);
  });

  it('the script says what it cannot take, and what would be right', async () => {
    const paper = path.join(folder, String(CASES.findIndex((c) => c.net === 'preact-bn:64')));
    const refusal = (...args: string[]) =>
      runPython(python, 'scripts/torch_to_safetensors.py', ...args).then(
        () => 'accepted',
        (error) => error.stderr as string,
      );
    const out = path.join(folder, 'refused.safetensors');
    expect(await refusal(path.join(paper, 'checkpoint.pt'), out, '--trusted', '--key', 'net')).toBe(
      '--key must be one of state_dict; the file holds state_dict, optimizer\n',
    );
    expect(await refusal(path.join(folder, 'none.pt'), out)).toMatch(/none\.pt could not be read: /);
    expect(await refusal(path.join(paper, 'logits.bin'), out)).toMatch(
      /logits\.bin could not be loaded as weights alone: .*\nAdd --trusted if/,
    );
    expect(existsSync(out)).toBe(false);
  });
});
