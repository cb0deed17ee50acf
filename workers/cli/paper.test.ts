/** The whole way of a run of the reproduction: train, evaluate, gather; and the commands that the page prints make it again. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { average } from '../../lib/collapse/simplex';
import { commandsOf, type PaperRun } from '../../lib/paper/run';
import { runCommand } from '../testing/command';
import { readArguments } from './arguments';
import { readTrainArguments } from './train-arguments';

let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);
beforeAll(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-paper-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const BOARD = ['--board', 'glyphs/linf', '--backend', 'wasm', '--data', 'none', '--seed', '5', '--quiet'];
const paper = (...args: string[]) => runCommand('paper', args, place('data'));

it('gathers what train and evaluate wrote, and its commands name the same training', async () => {
  const training = ['--mode', 'at', '--train-samples', '20', '--batch', '10', '--epochs', '2', '--warmup', '1', '--measure', '20'];
  const out = ['--measure-every', '2', '--out', place('runs/a')];
  expect(await runCommand('train', [...BOARD, ...training, ...out], place('data'))).toMatchObject({ code: 0 });
  const counts = ['--samples', '20', '--train-samples', '20', '--layers', '--out', place('runs/a/report.json')];
  expect(await runCommand('evaluate', [...BOARD, '--model', place('runs/a'), ...counts], place('data'))).toMatchObject({ code: 0 });
  expect(await paper('--runs', place('runs'), '--out', place('runs.json'))).toMatchObject({ code: 0, stdout: '' });
  const [run, ...others]: PaperRun[] = JSON.parse(readFileSync(place('runs.json'), 'utf8')).runs;
  expect(others).toEqual([]);
  expect(run.epochs.map((e) => 'collapse' in e)).toEqual([false, true]);
  expect(run.epochs[1].collapse?.['pgd-10']).toMatchObject({
    ...{ leapt: expect.any(Number), angle: expect.any(Number), distance: expect.any(Number) },
  });
  // The same finished network, the same images: the last epoch's means are those of the report, class by class.
  for (const [condition, classes] of Object.entries(run.simplex ?? {}))
    for (const key of ['angle', 'distance'] as const)
      expect(run.epochs[1].collapse?.[condition]?.[key], `${condition} ${key}`).toBeCloseTo(average(classes[key]) as number, 4);
  expect(Object.keys(run.simplex ?? {}).sort()).toEqual(['gaussian', 'pgd-10', 'sign', 'targeted']);
  expect(run.layers.at(-1)?.pgd.nccAccuracy).toBeGreaterThanOrEqual(0);
  const [train, evaluate] = commandsOf(run);
  const { history, ...recipe } = JSON.parse(readFileSync(place('runs/a/model.json'), 'utf8')).userDefinedMetadata;
  expect(readTrainArguments(train.split(' ').slice(5))).toMatchObject({
    ...{ board: { id: 'glyphs/linf' }, mode: { id: 'at' }, net: 'small', width: 1, seed: 5, trainSamples: 20, batch: 10, epochs: 2 },
    ...{ learningRate: recipe.learningRate, schedule: 'cosine', weightDecay: recipe.weightDecay, warmup: 1, measure: 20, measureEvery: 2 },
  });
  expect(readArguments(evaluate.split(' ').slice(5))).toMatchObject({
    ...{ model: 'runs/glyphs_linf_20_at_5', board: { id: 'glyphs/linf' }, samples: 20, trainSamples: 20, seed: 5, layers: true },
  });
});

it('--add keeps the runs of the file, and takes those of the folder anew', async () => {
  const file = JSON.parse(readFileSync(place('runs.json'), 'utf8'));
  const [run] = file.runs;
  const other = { ...run, recipe: { ...run.recipe, seed: 4 } };
  writeFileSync(place('runs.json'), JSON.stringify({ runs: [other, { ...run, device: 'older' }] }));
  expect(await paper('--runs', place('runs'), '--out', place('runs.json'), '--add')).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(place('runs.json'), 'utf8')).runs).toEqual([other, run]);
  writeFileSync(place('other.json'), '{}');
  const refused = await paper('--runs', place('runs'), '--out', place('other.json'), '--add');
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('must hold runs as this command writes them') });
});

it('takes no training that broke off', async () => {
  const model = JSON.parse(readFileSync(place('runs/a/model.json'), 'utf8'));
  model.userDefinedMetadata.history.pop();
  mkdirSync(place('broken/a'), { recursive: true });
  writeFileSync(place('broken/a/model.json'), JSON.stringify(model));
  writeFileSync(place('broken/a/report.json'), readFileSync(place('runs/a/report.json')));
  const refused = await paper('--runs', place('broken'));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('a training that broke off after epoch 1 of 2') });
});

it('takes no training that its commands would not make again', async () => {
  const model = JSON.parse(readFileSync(place('runs/a/model.json'), 'utf8'));
  model.userDefinedMetadata.shortcut = 0.9;
  mkdirSync(place('foreign/a'), { recursive: true });
  writeFileSync(place('foreign/a/model.json'), JSON.stringify(model));
  writeFileSync(place('foreign/a/report.json'), readFileSync(place('runs/a/report.json')));
  expect(await paper('--runs', place('foreign'))).toMatchObject({ code: 2, stderr: expect.stringContaining('shortcut') });
});

it('names the run and what it lacks', async () => {
  mkdirSync(place('lacking/b'), { recursive: true });
  expect(await paper('--runs', place('lacking'))).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('b/model.json could not be read'),
  });
  writeFileSync(place('lacking/b/model.json'), '{"userDefinedMetadata":{"board":"glyphs/linf"}}');
  writeFileSync(place('lacking/b/report.json'), '{}');
  const refused = await paper('--runs', place('lacking'));
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining('b: model.json is not of a training with --measure') });
  mkdirSync(place('empty'));
  expect(await paper('--runs', place('empty'))).toMatchObject({ code: 2, stderr: expect.stringContaining('holds no folder') });
});
