/** Whether a report's size can be ranked. */
import type { Report } from './report';

/** A run counts for the ranking only on whole official splits: all test images and the first 10 000 training images. */
export function isPreview(report: Pick<Report, 'counts' | 'data'>): boolean {
  const { samples, trainSamples } = report.counts;
  const { test, train } = report.data;
  return !(test?.official && train?.official && samples === test.records && trainSamples >= Math.min(10000, train.records));
}
