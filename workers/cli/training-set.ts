/** The images that `train` learns from: the first ones of the file, with squares planted and classes thinned out if it is told to. */
import type { DataSource, Dataset, Records } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { imbalanced } from '../../lib/training/imbalance';
import { plantShortcut } from '../../lib/training/shortcut';

export interface ImageArguments {
  /** The first so many; all without it. */
  trainSamples?: number;
  /** Share of the images of each class in the second half that is kept. */
  imbalance?: number;
  /** Probability of a square in the place of the image's own class. */
  shortcut?: number;
  /** Of the squares. */
  seed: number;
}

export interface TrainingSet {
  /** Images that were read. */
  read: number;
  /** Those that are trained on, as they are trained on. */
  kept: Records;
}

/** Squares are drawn by an image's number in the file, so they come before images are left out. */
export async function readImages(data: DataSource, dataset: Dataset, args: ImageArguments): Promise<TrainingSet> {
  const { imbalance, shortcut, seed, trainSamples: wanted } = args;
  const { records } = await data.info('train');
  if (wanted !== undefined && wanted > records)
    throw new Failure('arguments', `--train-samples must be at most ${records}, the training images of ${dataset.title}, got ${wanted}`);
  const read = await data.read('train', 0, wanted ?? records);
  const [classes, { shape }] = [dataset.classNames.length, dataset];
  const planted = shortcut === undefined ? read : plantShortcut(read, { classes, shape, share: shortcut, seed, split: 'train' }).records;
  const kept = imbalance === undefined ? planted : imbalanced(planted, { classes, share: imbalance }).records;
  return { read: read.labels.length, kept };
}
