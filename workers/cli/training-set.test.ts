import { expect, it } from 'vitest';
import { DATASETS, type DataSource } from '../../lib/data/datasets';
import { drawGlyphs } from '../../lib/data/glyphs';
import { imbalanced } from '../../lib/training/imbalance';
import { plantShortcut } from '../../lib/training/shortcut';
import { readTrainArguments, type TrainArguments } from './train-arguments';
import { readImages } from './training-set';

const data: DataSource = {
  info: async () => ({ sha256: '', records: 60, official: false }),
  read: async (split, first, count) => drawGlyphs(split, first, count),
};
const read = (...argv: string[]) =>
  readImages(data, DATASETS.glyphs, readTrainArguments(['--board', 'glyphs/linf', '--mode', 'st', ...argv]) as TrainArguments);

it('is the first images as they are, unless something is asked for', async () => {
  expect(await read()).toEqual({ read: 60, kept: drawGlyphs('train', 0, 60) });
  expect(await read('--train-samples', '20')).toEqual({ read: 20, kept: drawGlyphs('train', 0, 20) });
  await expect(read('--train-samples', '61')).rejects.toThrow('--train-samples must be at most 60, the training images of Glyphs, got 61');
});

it('an image has the same square whether or not others are left out', async () => {
  const planted = plantShortcut(drawGlyphs('train', 0, 60), { classes: 10, shape: [28, 28, 1], share: 0.5, seed: 7, split: 'train' });
  const both = ['--seed', '7', '--shortcut', '0.5'];
  expect((await read(...both)).kept.images.every((v, i) => v === planted.records.images[i])).toBe(true);
  const { records } = imbalanced(planted.records, { classes: 10, share: 0.25 });
  const thinned = await read(...both, '--imbalance', '.25');
  expect(thinned).toEqual({ read: 60, kept: records });
  expect(thinned.kept.labels.length).toBeLessThan(50);
});
