/** The command on the boards of CIFAR-100 and ImageNette: small data in their original archives, tiny models. */
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { IMAGENETTE_CLASSES } from '../../lib/data/class-names';
import { DATASETS } from '../../lib/data/datasets';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { CIFAR_100, cifarBatch, randomRecords, tarGz, writeFiles } from '../../lib/testing/data-files';
import { imagenetteFiles, jpeg } from '../../lib/testing/jpeg-files';
import { conv, dense, modelFiles, plain, sequential } from '../../lib/testing/keras-model';
import { runCommand } from '../testing/command';

let root: string;
const place = (...parts: string[]) => path.join(root, ...parts);

beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-boards-'));
  const cifar = (count: number) => {
    const records = randomRecords(CIFAR_100, count, 'train', count);
    return cifarBatch({ ...records, labels: records.labels.map((_, n) => n % 100) }, new Uint8Array(count));
  };
  writeFiles(
    place('sets'),
    new Map([
      [
        'cifar-100-binary.tar.gz',
        await tarGz(
          new Map([
            ['cifar-100-binary/train.bin', cifar(200)],
            ['cifar-100-binary/test.bin', cifar(6)],
          ]),
        ),
      ],
      ...(await imagenetteFiles(
        await Promise.all(
          IMAGENETTE_CLASSES.flatMap(([id], i) =>
            ['train', 'val'].map(async (part) => [`${part}/${id}/a.JPEG`, await jpeg(160 + i, 160, 'RGB 4:2:0', 8 * i)] as const),
          ),
        ),
      )),
    ]),
  );
  const net = (side: number, classes: number) =>
    modelFiles(
      sequential(
        [side, side, 3],
        [conv('conv', [3, 3, 3, 6], { strides: [2, 2] }), plain('GlobalAveragePooling2D', 'pool'), dense('out', [6, classes])],
      ),
    );
  writeFiles(place('cifar-100'), net(32, 100));
  writeFiles(place('imagenette'), net(160, 10));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const evaluate = (model: string, board: string, ...more: string[]) => {
  const settings = ['--data', place('sets'), '--backend', 'wasm', '--batch', '25', '--workers', '1', '--attacks', 'pgd-10'];
  return runCommand('evaluate', ['--model', place(model), '--board', board, ...settings, ...more], place('data'));
};

describe.each([
  ['cifar-100', 'linf', 8 / 255, 6, 200],
  ['cifar-100', 'l2', 128 / 255, 6, 200],
  ['imagenette', 'linf', 8 / 255, 10, 10],
  ['imagenette', 'l2', 128 / 255, 10, 10],
] as const)('%s/%s', (dataset, norm, epsilon, samples, trainSamples) => {
  it('is measured: attacks of the board’s size, collapse of all of its classes', async () => {
    const sizes = ['--samples', String(samples), '--train-samples', String(trainSamples)];
    const { code, stdout, stderr } = await evaluate(dataset, `${dataset}/${norm}`, ...sizes);
    expect(code, stderr).toBe(0);
    const report: Report = reportSchema.parse(JSON.parse(stdout));
    const { classNames, title } = DATASETS[dataset];
    expect(report).toMatchObject({ board: `${dataset}/${norm}`, counts: { samples, trainSamples }, model: { classes: classNames.length } });
    expect(report.data.test).toMatchObject({ records: samples, official: false });
    const attack = report.attacks['pgd-10'];
    const size = norm === 'linf' ? attack?.linfMax : attack?.l2Max;
    expect(size).toBeGreaterThan(0.5 * epsilon);
    expect(size).toBeLessThanOrEqual(epsilon * (1 + 1e-6));
    expect(report.classes?.samples).toHaveLength(classNames.length);
    expect(report.cosines?.clean).toHaveLength(classNames.length);
    // Six features hold at most six directions, however many classes.
    expect(report.collapse?.clean?.rank).toBeLessThanOrEqual(6);
    expect(stderr).toContain(`the test data are not the official ${title}`);
  });
});

it('a model with ten outputs is refused on CIFAR-100', async () => {
  const { code, stderr } = await evaluate('imagenette', 'cifar-100/linf');
  expect(code).toBe(3);
  expect(stderr).toContain('CIFAR-100 has images of [32,32,3]');
  expect(stderr).toContain('CIFAR-100 has 100 classes');
});
