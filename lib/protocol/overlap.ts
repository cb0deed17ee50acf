/** Which attacks break the same images: of what one attack breaks, the share that another breaks, too. */
import { ATTACK_IDS, type AttackId } from '../attacks/catalogue';
import { testCount } from './counts';
import { fromBase64, unpackBitmap } from './evidence';
import type { Report } from './report';

export interface Overlap {
  attacks: AttackId[];
  /** Images that each attack breaks: right as they are, wrong under it. */
  broken: number[];
  /** [attack × attack]: of what the row's breaks, on the images that both ran on, the share that the column's breaks; null of none. */
  share: (number | null)[][];
}

/**
 * Null without clean outcomes. AutoAttack's attacks run in turn on what stands, and an image that an earlier one of them has
 * broken keeps that outcome: each of them contains those before it.
 */
export function overlap({ evidence, counts }: Pick<Report, 'evidence' | 'counts'>): Overlap | null {
  if (evidence.clean === undefined) return null;
  const clean = unpackBitmap(fromBase64(evidence.clean), counts.samples);
  const attacks = ATTACK_IDS.filter((id) => evidence[id] !== undefined);
  const broken = attacks.map((id) => {
    const held = unpackBitmap(fromBase64(evidence[id]), testCount(id, counts));
    return held.map((holds, i) => clean[i] & (holds ^ 1));
  });
  const size = (map: Uint8Array) => map.reduce((n, b) => n + b, 0);
  return {
    attacks,
    broken: broken.map(size),
    share: broken.map((a) =>
      broken.map((b) => {
        const shared = a.subarray(0, Math.min(a.length, b.length));
        const of = size(shared);
        return of === 0 ? null : size(shared.map((v, i) => v & b[i])) / of;
      }),
    ),
  };
}
