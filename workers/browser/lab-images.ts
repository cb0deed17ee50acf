/** The images that the lab learns, measures and follows: Glyphs, thinned or with squares planted if that is asked for. */
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type Records } from '../../lib/data/datasets';
import { imbalanced } from '../../lib/training/imbalance';
import { plantShortcut } from '../../lib/training/shortcut';
import { type LabRequest, MINORITY_SHARE, SHORTCUT_SHARE } from './lab-request';

export async function learntImages({ images, set = 'plain', seed }: Pick<LabRequest, 'images' | 'set' | 'seed'>): Promise<Records> {
  const { shape, classNames } = DATASETS.glyphs;
  const classes = classNames.length;
  const data = builtInSource(DATASETS.glyphs);
  if (!data) throw new Error('expected Glyphs to be built in');
  const records = await data.read('train', 0, images);
  if (set === 'imbalanced') return imbalanced(records, { classes, share: MINORITY_SHARE }).records;
  if (set === 'shortcut') return plantShortcut(records, { classes, shape, share: SHORTCUT_SHARE, seed, split: 'train' }).records;
  return records;
}
