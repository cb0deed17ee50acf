/** The command as its users run it, on the bundled model that needs no data file. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { PROBE_IDS } from '../../lib/probes/catalogue';
import { runCommand } from '../testing/command';
import { readProbesArguments } from './probes-arguments';

let root: string;
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-probes-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const MODEL = path.resolve(import.meta.dirname, '../../public/models/glyphs_st');
const BOARD = ['--board', 'glyphs/linf'];
const probes = (...more: string[]) =>
  runCommand('probes', [...BOARD, '--model', MODEL, '--backend', 'wasm', '--data', 'none', ...more], root);

it('answers every probe as JSON', { timeout: 240_000 }, async () => {
  const { code, stdout, stderr } = await probes('--train-samples', '60', '--samples', '4', '--batch', '20', '--minority', '0,3,4');
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringMatching(/^wasm on /) });
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ board: 'glyphs/linf', seed: 20231107, images: { train: 60, test: 4 }, backend: 'wasm' });
  expect(Object.keys(report.probes)).toEqual(PROBE_IDS);
  for (const id of PROBE_IDS) expect(report.probes[id], id).toMatchObject({ arxiv: expect.stringMatching(/^\d{4}\.\d{5}$/) });
  expect(report.probes.minority.result.classes).toEqual([0, 3, 4]);
  expect(report.probes['non-singular'].result.images).toBe(4);
});

it('needs no device for weights alone, and writes to a file', { timeout: 60_000 }, async () => {
  const out = path.join(root, 'probes.json');
  expect(await probes('--probes', 'locality,weight-graph', '--quiet', '--out', out)).toEqual({ code: 0, stdout: '', stderr: '' });
  const report = JSON.parse(readFileSync(out, 'utf8'));
  expect(Object.keys(report.probes)).toEqual(['weight-graph', 'locality']);
  expect(report).toMatchObject({ images: { train: 0, test: 0 }, probes: { locality: { result: { window: [3, 3] } } } });
  expect(report).not.toHaveProperty('backend');
});

it('refuses arguments with a sentence that says what would be right', { timeout: 60_000 }, async () => {
  const argv = [...BOARD, '--model', MODEL];
  expect(() => readProbesArguments([...argv, '--probes', 'minority,luck'])).toThrow(
    /^--probes must be of non-singular, minority, .*, got luck$/,
  );
  for (const list of ['3,10', '1,1', 'a', '-1,2'])
    expect(() => readProbesArguments([...argv, `--minority=${list}`])).toThrow('--minority must be different class numbers from 0 to 9');
  expect(() => readProbesArguments(BOARD)).toThrow('--model is missing');
  expect(readProbesArguments(['--help'])).toBe('help');
  const wrongBoard = await runCommand('probes', ['--board', 'cifar-10/linf', '--model', MODEL], root);
  expect(wrongBoard).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('CIFAR-10 has images of [32,32,3]') });
});
