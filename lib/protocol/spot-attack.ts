/** A spot check's own work: the attacks of a claim again, with its seed, on the samples that were drawn. */
import { type AttackId, type Condition, isRanking, LEVEL_ATTACKS } from '../attacks/catalogue';
import type { DataSource } from '../data/datasets';
import type { Board } from './boards';
import { breakImages, type Witness } from './break-images';
import { fromBase64, unpackBitmap } from './evidence';
import type { Report } from './report';
import type { Laboratory } from './units';

/** What robust accuracy of level `standard` is measured by, in its order. */
export const SPOT_ATTACKS: readonly AttackId[] = LEVEL_ATTACKS.standard.filter(isRanking);

/**
 * Samples that a claim of level `standard` calls robust: they hold when clean and under every attack in the ball that it
 * was made with. None where an attack of the level is missing: then it claims nothing of the kind. Attacks that were made
 * on fewer samples say nothing of the others.
 */
export function calledRobust({ level, evidence, counts }: Pick<Report, 'level' | 'evidence' | 'counts'>): number[] {
  if (level !== 'standard' || ['clean', ...SPOT_ATTACKS].some((condition) => evidence[condition] === undefined)) return [];
  const maps = Object.entries(evidence).flatMap(([condition, bits]) =>
    bits !== undefined && (condition === 'clean' || isRanking(condition as AttackId))
      ? [unpackBitmap(fromBase64(bits), counts.samples)]
      : [],
  );
  return Array.from({ length: counts.samples }, (_, i) => i).filter((i) => maps.every((map) => map[i] === 1));
}

export interface SpotAttack {
  board: Board;
  /** In this order, each on what still stands. */
  attacks: readonly AttackId[];
  /** Records of the test split, ascending. */
  indices: readonly number[];
  /** The claim's. */
  seed: number;
  /** Images in a unit of work; does not change any outcome. */
  batch: number;
}

export interface SpotWorld {
  laboratory: Laboratory;
  data: DataSource;
  signal?: AbortSignal;
  /** Of `indices`, how many have been through all attacks. */
  onProgress?(done: number, total: number): void;
}

/** Witnesses of the samples that break, ascending; the others hold, those that are ambiguous among them. */
export async function attackAgain({ board, attacks, indices, seed, batch }: SpotAttack, world: SpotWorld): Promise<Witness[]> {
  const conditions: Condition[] = ['clean', ...attacks];
  const found: Witness[] = [];
  let [next, done, failing] = [0, 0, false];
  const take = async (): Promise<void> => {
    while (next < indices.length && !failing) {
      world.signal?.throwIfAborted();
      const unit = indices.slice(next, next + batch);
      next += batch;
      let standing = unit;
      for (const condition of conditions) {
        if (standing.length === 0) break;
        world.signal?.throwIfAborted();
        const witnesses = await breakImages(standing, board, { condition, seed }, world);
        found.push(...witnesses);
        standing = standing.filter((index) => !witnesses.some((w) => w.index === index));
      }
      done += unit.length;
      world.onProgress?.(done, indices.length);
    }
  };
  const workers = Array.from({ length: Math.max(1, world.laboratory.capacity) }, () =>
    take().catch((error) => {
      failing = true; // no unit is begun after this
      throw error;
    }),
  );
  const failed = (await Promise.allSettled(workers)).find((s) => s.status === 'rejected');
  if (failed) throw failed.reason;
  return found.sort((a, b) => a.index - b.index);
}
