/** Whether a report's size can be ranked. */
import { DATASETS } from '../data/datasets';
import { BOARDS } from './boards';
import { AUTOATTACK_SAMPLES } from './counts';
import type { Report } from './report';

/** Training images of a ranked run, where a data set has as many. */
export const FULL_TRAIN_SAMPLES = 10_000;

/**
 * A run counts for the ranking only on whole official splits: all test images and the first 10 000 training images. Where it
 * ran AutoAttack's attacks, they must have had the first 1 000 test images, since its robust accuracy is of those.
 */
export function isPreview(report: Pick<Report, 'board' | 'counts' | 'data'>): boolean {
  const board = BOARDS.get(report.board);
  if (!board) return true;
  // What the data set has, not what the report says it has.
  const { records } = DATASETS[board.dataset];
  const { samples, autoattackSamples = samples, trainSamples } = report.counts;
  const { test, train } = report.data;
  const [attacked, trained] = [Math.min(AUTOATTACK_SAMPLES, records.test), Math.min(FULL_TRAIN_SAMPLES, records.train)];
  const whole = samples === records.test && autoattackSamples >= attacked && trainSamples >= trained;
  return !(test?.official && train?.official && whole);
}
