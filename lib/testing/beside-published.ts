/**
 * AutoAttack's attacks in a row beside the published program's on the same images. The attacks are asked themselves: a radius
 * that is no whole number of a witness' units would cost images that rounding saves.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { AutoAttackId } from '../attacks/catalogue';
import { hostBall } from '../attacks/host-ball';
import { STANDING_ATTACKS } from '../attacks/registry';
import type { StandingBatch } from '../attacks/standing';
import { someOf } from '../attacks/targets';
import { toPixels } from '../protocol/measure';
import { type ReferenceModel, referenceData, referenceFiles } from './reference';
import { modelOf, networkOf } from './small-evaluation';

/** Level standard, in its order. */
export const WHOLE_LEVEL = ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const;

interface Known {
  runs: Record<string, { norm: 'Linf' | 'L2'; eps: number; survivors: Record<string, number[]> }>;
}

export interface BesidePublished {
  id: AutoAttackId;
  norm: 'Linf' | 'L2';
  epsilon: number;
  /** Images that hold after the attack. */
  holds: number;
  published: number;
}

/** On the first `count` images, of those that the published program found right when clean. An engine must be open. */
export async function* besidePublished(
  name: ReferenceModel,
  run: string,
  count: number,
  attacks: readonly AutoAttackId[],
): AsyncGenerator<BesidePublished> {
  const file = path.join(process.env.SIMPLEXITY_REFERENCE ?? '', `golden_aa_${name}.json`);
  const { norm, eps: epsilon, survivors } = (JSON.parse(readFileSync(file, 'utf8')) as Known).runs[run];
  const known = (id: string) => survivors[id].filter((n) => n < count);
  const data = await referenceData(name);
  const { images, labels } = await data.read('test', 0, count);
  await data.close();
  const x0 = toPixels(images);
  const whole: StandingBatch = {
    ball: hostBall(norm === 'L2' ? 'l2' : 'linf', epsilon, x0, x0.length / count),
    labels: Int32Array.from(labels),
    samples: Int32Array.from(labels.keys()),
    ...{ split: 'test', seed: 20231107 },
  };
  const network = networkOf(await modelOf(referenceFiles(name)));
  try {
    let left = someOf(whole, known('clean'));
    for (const id of attacks) {
      const { broken } = await STANDING_ATTACKS[id].attack(network, left);
      left = someOf(
        left,
        [...broken.keys()].filter((n) => !broken[n]),
      );
      yield { id, norm, epsilon, holds: left.samples.length, published: known(id).length };
    }
  } finally {
    network.dispose();
  }
}
