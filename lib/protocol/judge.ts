/** Looks at witnesses with one forward pass each: how far a wrong class leads on every image. */
import { type DataSource, type Dataset, imageBytes, type Records } from '../data/datasets';
import { fromDeltas } from './deltas';
import type { Laboratory } from './units';
import { leadOf } from './witness-verdict';

/** Test images by their records, ascending; neighbours are read together. */
export async function readTestRecords(data: DataSource, dataset: Dataset, indices: readonly number[]): Promise<Records> {
  const size = imageBytes(dataset);
  const images = new Uint8Array(indices.length * size);
  const labels = new Uint8Array(indices.length);
  for (let from = 0, to = 1; from < indices.length; from = to++) {
    while (to < indices.length && indices[to] === indices[to - 1] + 1) to++;
    const run = await data.read('test', indices[from], to - from);
    images.set(run.images, from * size);
    labels.set(run.labels, from);
  }
  return { images, labels };
}

export interface Lead {
  lead: number;
  predicted: number;
}

/**
 * The lead on each image (witness-verdict.ts), in order.
 * @param deltas int16 units (deltas.ts), one image after the other
 */
export async function leadsOf(laboratory: Laboratory, records: Records, deltas: Int16Array): Promise<Lead[]> {
  const { images, labels } = records;
  const { logits = new Float32Array() } = await laboratory.measure({
    ...{ split: 'test', first: 0, condition: 'clean', images, labels, perturbed: fromDeltas(deltas, images) },
    ...{ wantFeatures: false, wantPerturbed: false, wantLogits: true, layers: [] },
    // One image that a network can't bear says nothing of the others.
    anyOutput: true,
  });
  const classes = logits.length / labels.length;
  return Array.from(labels, (label, n) => leadOf(logits.subarray(n * classes, (n + 1) * classes), label));
}
