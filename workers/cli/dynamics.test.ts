/** The command as its users run it, on checkpoints that `train` has just written. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCommand } from '../testing/command';

let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-dynamics-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const BOARD = ['--board', 'glyphs/linf', '--backend', 'wasm', '--data', 'none'];
const dynamics = (models: string, ...more: string[]) =>
  runCommand('dynamics', [...BOARD, '--models', place(models), ...more], place('data'));

it('measures every epoch that train has kept, in order, as JSON and as CSV', async () => {
  const training = ['--mode', 'st', '--train-samples', '20', '--batch', '10', '--epochs', '2', '--checkpoints', '--quiet'];
  expect(await runCommand('train', [...BOARD, ...training, '--out', place('series')], place('data'))).toMatchObject({ code: 0 });
  const small = ['--train-samples', '20', '--conditions', 'pgd-10,sign', '--csv', place('curves.csv'), '--layers'];
  const { code, stdout, stderr } = await dynamics('series', ...small);
  expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining('epoch-0002: NC1 clean ') });
  const { series, ...rest } = JSON.parse(stdout);
  expect(rest).toMatchObject({ board: 'glyphs/linf', seed: 20231107, backend: 'wasm' });
  expect(series.map((p: { name: string; epoch: number }) => [p.name, p.epoch])).toEqual([
    ['epoch-0001', 1],
    ['epoch-0002', 2],
  ]);
  expect(series[0].model).not.toBe(series[1].model);
  expect(Object.keys(series[0].conditions)).toEqual(['clean', 'pgd-10', 'sign']);
  expect(series[0].conditions.clean.collapse.nc1).toBeGreaterThan(0);
  expect(series[0].layers[0]).toMatchObject({ name: 'input', clean: { nc1: expect.any(Number) }, 'pgd-10': { nc1: expect.any(Number) } });
  expect(readFileSync(place('curves.csv'), 'utf8').trimEnd().split('\n').length).toBe(7);
  const last = JSON.parse(readFileSync(place('series/epoch-0002/model.json'), 'utf8'));
  expect(last).toEqual(JSON.parse(readFileSync(place('series/model.json'), 'utf8')));
});

it('measures checkpoints of a thinned and planted set on the images that they learnt', async () => {
  const thinned = ['--mode', 'st', '--train-samples', '40', '--batch', '10', '--epochs', '1', '--imbalance', '0.5', '--shortcut', '1'];
  const checkpoints = [...thinned, '--seed', '7', '--measure', '40', '--checkpoints', '--quiet', '--out', place('thinned')];
  const { stdout: trained } = await runCommand('train', [...BOARD, ...checkpoints], place('data'));
  const { keptSamples, history } = JSON.parse(trained);
  const sizes = ['--train-samples', '40', '--conditions', 'clean'];
  const { stdout, stderr } = await dynamics('thinned', ...sizes);
  expect(stderr).toContain(`${keptSamples} of the first 40 training images, as the checkpoints learnt them`);
  const { learnt, series } = JSON.parse(stdout);
  expect(learnt).toEqual({ imbalance: 0.5, shortcut: 1, seed: 7 });
  expect(keptSamples).toBeLessThan(40);
  expect(series[0].images).toBe(keptSamples);
  expect(series[0].conditions.clean.collapse.nc1).toBeCloseTo(history[0].collapse.clean.nc1, 4);
  const drawn = JSON.parse((await dynamics('thinned', ...sizes, '--as-drawn')).stdout);
  expect([drawn.learnt, drawn.series[0].images]).toEqual([undefined, 40]);
  cpSync(place('series/epoch-0002'), place('thinned/epoch-0002'), { recursive: true });
  expect(await dynamics('thinned', ...sizes)).toMatchObject({ code: 2, stderr: expect.stringContaining('measure with --as-drawn') });
});

it('names a checkpoint that cannot be read', async () => {
  mkdirSync(place('broken/epoch-0001'), { recursive: true });
  writeFileSync(place('broken/epoch-0001/model.json'), '{');
  expect(await dynamics('broken')).toMatchObject({ code: 3, stdout: '', stderr: expect.stringContaining('epoch-0001: ') });
});

it('refuses a folder without checkpoints and a condition that there is not', async () => {
  mkdirSync(place('empty'));
  const [none, unknown] = [await dynamics('empty'), await dynamics('empty', '--conditions', 'clean,fog')];
  expect(none).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('holds no checkpoint') });
  expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('--conditions must be of clean, pgd-10') });
});
