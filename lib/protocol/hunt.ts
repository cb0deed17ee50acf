/**
 * Hunts witnesses: PGD with a smaller step and more of them than the protocol's, on the margin and on cross-entropy in turns,
 * a new start in every round, on the images that still stand. What is found is rounded to a witness and looked at again, so
 * whatever is returned would be accepted by a runner that computes as this machine does.
 */
import type { DataSource } from '../data/datasets';
import type { Board } from './boards';
import { breakImages, type Witness } from './break-images';
import type { Laboratory } from './units';

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
        const witnesses = await breakImages(unit, board, { condition: ATTACKS[round % ATTACKS.length], seed: (seed + round) >>> 0 }, world);
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
