/** What holds for all of AutoAttack's attacks, on a network whose boundaries are known by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { CountedNetwork } from '../model/counting';
import type { Network } from '../model/network';
import { onEachBackend } from '../testing/backends';
import { linearNetwork } from '../testing/linear-network';
import { boundaryDistance, classAt, foundBy, greyBatch, linearClassifier } from '../testing/standing';
import { distanceFrom } from './host-ball';
import { STANDING_ATTACKS } from './registry';

const SAMPLES = [0, 1, 2, 3, 4, 5, 6, 7];
const ATTACKS = Object.values(STANDING_ATTACKS);
const cases = ATTACKS.flatMap((attack) => (['linf', 'l2'] as const).map((norm) => ({ id: attack.id, norm, attack })));
/** Between the middle distances, so that some images break and some can't. */
const radius = (norm: 'linf' | 'l2') => {
  const distances = SAMPLES.map((n) => boundaryDistance(norm, n)).sort((a, b) => a - b);
  return (distances[4] + distances[5]) / 2;
};

onEachBackend('AutoAttack’s attacks', (backend) => {
  // Square's 5 001 queries, or nine targets, of a software GPU take minutes; the passes are the same ones.
  const here = { cpu: ['apgd-dlr', 'fab-t'], wasm: ATTACKS.map(({ id }) => id), webgpu: ['apgd-ce'] }[backend];
  it.each(cases.filter(({ id }) => here.includes(id)))('$id in $norm breaks what it can, by points of ball and box', async (one) => {
    const { id, norm, attack } = one;
    const epsilon = radius(norm);
    const network = linearClassifier();
    const batch = greyBatch(norm, epsilon, SAMPLES);
    const found = await foundBy(attack, network, batch);
    const [last, second] = await foundBy(attack, network, greyBatch(norm, epsilon, [6, 1]));
    network.dispose();
    const reachable = SAMPLES.filter((n) => boundaryDistance(norm, n) < 0.99 * epsilon);
    const broken = SAMPLES.filter((n) => found[n].broken);
    // Towards each class the way is straight; a loss of all classes at once may lead elsewhere, and Square sees no way at all.
    if (id === 'apgd-t' || id === 'fab-t') expect(broken).toEqual(reachable);
    else expect(broken.length).toBeGreaterThanOrEqual(id === 'square' ? 1 : reachable.length / 2);
    found.forEach(({ x }, n) => {
      const distance = distanceFrom(batch.ball, n, x, 0);
      expect(distance).toBeLessThanOrEqual(epsilon * (1 + 1e-6));
      expect(x.every((v) => v >= 0 && v <= 1)).toBe(true);
      expect(classAt(x) !== batch.labels[n]).toBe(broken.includes(n));
      if (!broken.includes(n)) expect(distance).toBe(0);
    });
    // Whatever is in its batch, an image gets the same point.
    expect([last, second]).toEqual([found[6], found[1]]);
  });
});

/** Of a suite, not of the file: the suites above open backends of their own. */
const onWasm = () => openEngine('wasm', nodeHost);

describe('no images', () => {
  beforeEach(onWasm);
  it.each(ATTACKS.map(({ id }) => id))('give none, without a pass: %s', async (id) => {
    const network = linearClassifier();
    const counted = new CountedNetwork(network);
    expect((await STANDING_ATTACKS[id as 'square'].attack(counted, greyBatch('l2', 1, []))).broken.length).toBe(0);
    expect([counted.forwards, counted.backwards]).toEqual([0, 0]);
    network.dispose();
  });
});

describe('what the attacks cost on an image that resists', () => {
  beforeEach(onWasm);
  // Per target: 100 gradients and the last point; FAB looks at every point once more. One pass ranks the targets.
  it.each([
    ['apgd-ce', 101, 100],
    ['apgd-dlr', 101, 100],
    ['apgd-t', 1 + 4 * 101, 400],
    ['fab-t', 1 + 4 * 200, 400],
    ['square', 5001, 0],
  ] as const)('%s: %d forward and %d backward passes with five classes', async (id, forwards, backwards) => {
    const network = linearClassifier();
    const counted = new CountedNetwork(network);
    await STANDING_ATTACKS[id].attack(counted, greyBatch('linf', 1e-6, [0]));
    expect([counted.forwards, counted.backwards]).toEqual([forwards, backwards]);
    network.dispose();
  });
});

describe('few classes', () => {
  beforeEach(onWasm);
  it.each([2, 3])('%d of them are attacked all the same', async (classes) => {
    const network = linearClassifier(classes);
    const batch = greyBatch('linf', 0.3, [0, 1, 2]);
    const labels = Int32Array.from(batch.labels, (_, n) => n % classes);
    for (const attack of ATTACKS) {
      const { broken } = await attack.attack(network, { ...batch, labels });
      expect(broken.length, attack.id).toBe(3);
      if (attack.id.startsWith('apgd')) expect([...broken], attack.id).toEqual([1, 1, 1]);
    }
    network.dispose();
  });
});

describe('a ball of radius 0', () => {
  beforeEach(onWasm);
  it.each(cases)('holds the image alone, so nothing breaks: $id in $norm', async ({ norm, attack }) => {
    const network = linearClassifier();
    const { broken, points } = await attack.attack(network, greyBatch(norm, 0, [0]));
    expect([...broken]).toEqual([0]);
    expect(points).toEqual(greyBatch(norm, 0, [0]).ball.x0);
    network.dispose();
  });
});

describe('a gradient that is not finite under attack', () => {
  beforeEach(onWasm);
  /** A network that says the truth of its outputs, but not of how they change. */
  const lying = (gradientOf: number) => {
    const network = linearClassifier();
    const logitsAndGradient: Network['logitsAndGradient'] = (x, labels, loss) => {
      const out = network.logitsAndGradient(x, labels, loss);
      const gradient = tf.fill(x.shape, gradientOf) as tf.Tensor4D;
      out.gradient.dispose();
      return { logits: out.logits, gradient };
    };
    const { inputShape, classes } = network;
    const classifier = { inputShape, classes, logits: network.logits.bind(network), inputGradient: network.inputGradient.bind(network) };
    return { classifier: { ...classifier, logitsAndGradient }, dispose: () => network.dispose() };
  };
  const climbing = ['apgd-ce', 'apgd-dlr', 'apgd-t', 'fab-t'] as const;
  it.each(climbing.flatMap((id) => [[id, NaN, 'not a number'] as const, [id, Infinity, 'infinite'] as const]))(
    'is refused by name by %s: %d',
    async (id, value, what) => {
      const { classifier, dispose } = lying(value);
      await expect(STANDING_ATTACKS[id].attack(classifier, greyBatch('l2', 1e-3, [3, 5]))).rejects.toMatchObject({
        code: 'computation-failed',
        message: `${id}: the gradient at sample 3 is ${what}; the model cannot be attacked`,
      });
      dispose();
    },
  );
});

describe('a network that is not finite under attack', () => {
  beforeEach(onWasm);
  it.each(ATTACKS.map(({ id }) => id))('is refused by name by %s', async (id) => {
    const network = linearNetwork(
      [5, 4, 3],
      [new Float32Array(60).fill(3e38), new Float32Array(60).fill(-3e38), new Float32Array(60), new Float32Array(60).fill(1)],
    );
    const batch = { ...greyBatch('linf', 0.1, [4, 7]), labels: Int32Array.of(0, 0) };
    await expect(STANDING_ATTACKS[id as 'square'].attack(network, batch)).rejects.toThrow(
      new RegExp(`^${id}: sample 4: the network's output 0 is Infinity under attack; outputs must be finite$`),
    );
    network.dispose();
  });
});
