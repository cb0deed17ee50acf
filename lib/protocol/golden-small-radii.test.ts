/**
 * AutoAttack beside the published program where the outcome is neither all nor nothing: small radii, and L2. The two draw random
 * numbers of their own, so the shares that hold are compared: within 1 point in L∞ after each attack, within 3 in L2.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { besidePublished, WHOLE_LEVEL } from '../testing/beside-published';
import { hasReference } from '../testing/reference';

describe.skipIf(!hasReference)('AutoAttack beside the published program (needs SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  beforeAll(() => openEngine('wasm', nodeHost));

  // The first attack on all 300 images, all of them on few, so that it takes a minute. In so few images one is more than a point.
  it.each([
    ['fmnist_st', 'standard_linf_small_eps', 300, ['apgd-ce']],
    ['cifar_st', 'standard_linf_small_eps', 150, ['apgd-ce']],
    ['fmnist_at', 'standard_l2', 300, ['apgd-ce']],
    ['fmnist_at', 'apgd_dlr_linf', 150, ['apgd-dlr']],
    ['fmnist_st', 'standard_linf_small_eps', 12, WHOLE_LEVEL],
    ['cifar_st', 'standard_linf_small_eps', 10, WHOLE_LEVEL],
  ] as const)('%s, %s, the first %d images: %j', { timeout: 400_000 }, async (name, run, count, attacks) => {
    for await (const { id, norm, holds, published } of besidePublished(name, run, count, attacks)) {
      const points = (100 * (holds - published)) / count;
      const [above, below] = norm === 'L2' ? [2, 3] : [1, 1];
      expect(points, `${id}: points above the published program`).toBeLessThanOrEqual(above);
      expect(-points, `${id}: points below the published program`).toBeLessThanOrEqual(below);
    }
  });
});
