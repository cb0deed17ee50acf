/**
 * AutoAttack beside the published program where the outcome is neither all nor nothing: small radii, and L2. The two draw random
 * numbers of their own, so the shares that hold are compared: within 1 point in L∞ after each attack, within 3 in L2. The attacks are
 * asked themselves: a radius that is no whole number of a witness' units would cost images that rounding saves.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { hostBall } from '../attacks/host-ball';
import { STANDING_ATTACKS } from '../attacks/registry';
import type { StandingBatch } from '../attacks/standing';
import { someOf } from '../attacks/targets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { hasReference, type ReferenceModel, referenceData, referenceFiles } from '../testing/reference';
import { modelOf, networkOf } from '../testing/small-evaluation';
import { toPixels } from './measure';

interface Known {
  runs: Record<string, { norm: 'Linf' | 'L2'; eps: number; survivors: Record<string, number[]> }>;
}
const ALL = ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const;

describe.skipIf(!hasReference)('AutoAttack beside the published program (needs SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  beforeAll(() => openEngine('wasm', nodeHost));

  // The first attack on all 300 images, all of them on few, so that it takes a minute. In so few images one is more than a point.
  it.each([
    ['fmnist_st', 'standard_linf_small_eps', 300, ['apgd-ce']],
    ['cifar_st', 'standard_linf_small_eps', 150, ['apgd-ce']],
    ['fmnist_at', 'standard_l2', 300, ['apgd-ce']],
    ['fmnist_at', 'apgd_dlr_linf', 150, ['apgd-dlr']],
    ['fmnist_st', 'standard_linf_small_eps', 12, ALL],
    ['cifar_st', 'standard_linf_small_eps', 10, ALL],
  ] as const)('%s, %s, the first %d images: %j', { timeout: 400_000 }, async (name, run, count, attacks) => {
    const { norm, eps, survivors } = (
      JSON.parse(readFileSync(path.join(process.env.SIMPLEXITY_REFERENCE ?? '', `golden_aa_${name}.json`), 'utf8')) as Known
    ).runs[run];
    const known = (id: string) => survivors[id].filter((n) => n < count);
    const data = await referenceData(name as ReferenceModel);
    const { images, labels } = await data.read('test', 0, count);
    await data.close();
    const x0 = toPixels(images);
    const whole: StandingBatch = {
      ball: hostBall(norm === 'L2' ? 'l2' : 'linf', eps, x0, x0.length / count),
      labels: Int32Array.from(labels),
      samples: Int32Array.from(labels.keys()),
      ...{ split: 'test', seed: 20231107 },
    };
    const network = networkOf(await modelOf(referenceFiles(name)));
    let left = someOf(whole, known('clean'));
    for (const id of attacks) {
      const { broken } = await STANDING_ATTACKS[id].attack(network, left);
      left = someOf(
        left,
        [...broken.keys()].filter((n) => !broken[n]),
      );
      const points = (100 * (left.samples.length - known(id).length)) / count;
      const [above, below] = norm === 'L2' ? [2, 3] : [1, 1];
      expect(points, `${id}: points above the published program`).toBeLessThanOrEqual(above);
      expect(-points, `${id}: points below the published program`).toBeLessThanOrEqual(below);
    }
    network.dispose();
  });
});
