/**
 * Hunts witnesses: PGD with a smaller step and more of them than the protocol's, on the margin and on cross-entropy in turns,
 * a new start in every round, on the images that still stand. What is found is rounded to a witness and looked at again, so
 * whatever is returned would be accepted by a runner that computes as this machine does.
 */
import { DATASETS, type DataSource, imageBytes } from '../data/datasets';
import { Failure } from '../failure';
import type { Board } from './boards';
import { leadsOf, readTestRecords } from './judge';
import type { Laboratory } from './units';
import { deltasOf } from './witness';
import { outcomeOf } from './witness-verdict';

export interface Hunt {
  /** The board itself, not the stronger one that the laboratory was opened with. */
  board: Board;
  /** Test images to be attacked, ascending. */
  targets: readonly number[];
  /** Rounds, each with a start of its own. */
  rounds: number;
  seed: number;
  /** Images in a unit of work; does not change any outcome. */
  batch: number;
}

export interface Witness {
  index: number;
  deltas: Int16Array;
  lead: number;
}

export interface HuntWorld {
  /** Opened with `strongerBoard`. */
  laboratory: Laboratory;
  data: DataSource;
  signal?: AbortSignal;
  /** `done` of `total` image-rounds; images that are broken are taken out of the total. */
  onProgress(done: number, total: number, found: number): void;
}

/** The attack's settings in place of the board's: so many steps of 2.5·ε/steps, which reach the edge from anywhere (Madry et al.). */
export const strongerBoard = (board: Board, steps: number): Board => ({ ...board, steps, alpha: (2.5 * board.epsilon) / steps });

const ATTACKS = ['pgd-margin', 'pgd-10'] as const;

/** In the order of the images. Stops at the signal with what was found until then. */
export async function hunt({ board, targets, rounds, seed, batch }: Hunt, world: HuntWorld): Promise<Witness[]> {
  const { laboratory, signal } = world;
  const found: Witness[] = [];
  let standing = [...targets];
  let done = 0;
  for (let round = 0; round < rounds && standing.length > 0; round++) {
    const units: number[][] = [];
    for (let at = 0; at < standing.length; at += batch) units.push(standing.slice(at, at + batch));
    const survivors: number[] = [];
    const take = async (): Promise<void> => {
      for (let unit = units.shift(); unit && !signal?.aborted; unit = units.shift()) {
        const witnesses = await attack(unit, board, { condition: ATTACKS[round % ATTACKS.length], seed: (seed + round) >>> 0 }, world);
        found.push(...witnesses);
        const broken = new Set(witnesses.map((w) => w.index));
        survivors.push(...unit.filter((index) => !broken.has(index)));
        done += unit.length;
        world.onProgress(done, done + units.flat().length + (rounds - round - 1) * (survivors.length + units.flat().length), found.length);
      }
    };
    const workers = await Promise.allSettled(Array.from({ length: Math.max(1, laboratory.capacity) }, take));
    if (signal?.aborted) break;
    for (const worker of workers) if (worker.status === 'rejected') throw worker.reason;
    standing = survivors.sort((a, b) => a - b);
  }
  return found.sort((a, b) => a.index - b.index);
}

async function attack(
  indices: readonly number[],
  board: Board,
  { condition, seed }: { condition: (typeof ATTACKS)[number]; seed: number },
  { laboratory, data }: HuntWorld,
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
    deltas.set(deltasOf(perturbed.subarray(n * size, (n + 1) * size), image, board), i * size);
  });
  const leads = await leadsOf(laboratory, { images, labels: Uint8Array.from(hits, ({ n }) => records.labels[n]) }, deltas);
  return hits.flatMap(({ index }, i) =>
    outcomeOf(leads[i].lead) === 'broken' ? [{ index, lead: leads[i].lead, deltas: deltas.slice(i * size, (i + 1) * size) }] : [],
  );
}
