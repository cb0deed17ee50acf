/** One attack on some test images, and of what it breaks the witnesses that any runner would accept. */
import type { Condition } from '../attacks/catalogue';
import { DATASETS, type DataSource, imageBytes } from '../data/datasets';
import { Failure } from '../failure';
import type { Board } from './boards';
import { toDeltas } from './deltas';
import { leadsOf, readTestRecords } from './judge';
import type { Laboratory } from './units';
import { outcomeOf } from './witness-verdict';

export interface Witness {
  index: number;
  deltas: Int16Array;
  lead: number;
}

/**
 * In the order of the images. Every point is rounded to a witness and shown to the network again; images on which no class
 * leads by more than the ambiguity band are not broken. Under `clean` an image is its own point.
 * @param indices records of the test split, ascending
 */
export async function breakImages(
  indices: readonly number[],
  board: Board,
  { condition, seed }: { condition: Condition; seed: number },
  { laboratory, data }: { laboratory: Laboratory; data: DataSource },
): Promise<Witness[]> {
  const dataset = DATASETS[board.dataset];
  const size = imageBytes(dataset);
  const records = await readTestRecords(data, dataset, indices);
  const { predictions, perturbed } = await laboratory.measure({
    ...{ split: 'test', first: indices[0], records: Int32Array.from(indices), seed, condition, ...records },
    ...{ wantFeatures: false, wantPerturbed: true, layers: [] },
  });
  if (!perturbed) throw new Failure('computation-failed', 'the attack returned no images');
  const hits = indices.flatMap((index, n) => (predictions[n] === records.labels[n] ? [] : [{ index, n }]));
  if (hits.length === 0) return [];
  const images = new Uint8Array(hits.length * size);
  const deltas = new Int16Array(hits.length * size);
  hits.forEach(({ n }, i) => {
    const image = records.images.subarray(n * size, (n + 1) * size);
    images.set(image, i * size);
    deltas.set(toDeltas(perturbed.subarray(n * size, (n + 1) * size), image, board), i * size);
  });
  const leads = await leadsOf(laboratory, { images, labels: Uint8Array.from(hits, ({ n }) => records.labels[n]) }, deltas);
  return hits.flatMap(({ index }, i) =>
    outcomeOf(leads[i].lead) === 'broken' ? [{ index, lead: leads[i].lead, deltas: deltas.slice(i * size, (i + 1) * size) }] : [],
  );
}
