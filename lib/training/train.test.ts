import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { NORMS } from '../attacks/norms';
import { pgd10 } from '../attacks/pgd';
import type { Records } from '../data/datasets';
import { drawGlyphs } from '../data/glyphs';
import { Network } from '../model/network';
import { readModel } from '../model/preflight';
import { maxDifference } from '../testing/backends';
import { oracleOutput } from '../testing/keras-oracle';
import { onEngine } from '../testing/on-engine';
import { imageTensor } from './batches';
import { exportModel } from './export';
import { pixelStatistics } from './layers/normalize';
import { TRAINING_MODES } from './modes';
import { meanCrossEntropyGrad } from './modes/mean-cross-entropy';
import type { TrainingMode } from './modes/mode';
import { type NetId, openNet } from './nets';
import { accuracyOf } from './score';
import { startFrom } from './start-from';
import { readStartingModel } from './starting-model';
import { type EpochResult, type TrainingOptions, train } from './train';

const mode = (id: string) => TRAINING_MODES.get(id) as TrainingMode;
const threat = { norm: NORMS.linf, epsilon: 0.1, alpha: 0.02, steps: 2, seed: 1 };
const OPTIONS: TrainingOptions = {
  ...{
    mode: mode('st'),
    epochs: 2,
    batch: 16,
    learningRate: 0.05,
    schedule: 'cosine',
    momentum: 0.9,
    weightDecay: 5e-4,
    seed: 1,
    threat,
    warmup: 0,
  },
};

const openAs = (net: NetId, { images }: Records, seed: number) =>
  openNet(net, 'glyphs_st', {
    input: [28, 28, 1],
    classes: 10,
    pixels: pixelStatistics(images, 1),
    seed,
    width: net === 'small' ? 1 : 1 / 16,
  });

async function trained(count: number, changes: Partial<TrainingOptions> = {}, signal?: AbortSignal, net: NetId = 'small') {
  const data = drawGlyphs('train', 0, count);
  const options = { ...OPTIONS, ...changes };
  const network = openAs(net, data, options.seed);
  const epochs: EpochResult[] = [];
  const world = { signal, rest: async () => undefined, onEpoch: async (result: EpochResult) => void epochs.push(result) };
  const ended = await train(network, data, options, world).then(
    () => undefined,
    (error: Error) => error,
  );
  return { network, epochs, ended, data };
}

/** On wasm, where it is used without a GPU; layers.test.ts holds every layer to float64 on all backends. */
describe('training', () => {
  onEngine('wasm');

  it('gives the same model to the last bit for a seed, and another for another', async () => {
    const files: Map<string, Uint8Array>[] = [];
    for (const seed of [1, 1, 2]) {
      const { network, epochs } = await trained(40, { seed });
      expect(epochs.map((e) => e.epoch)).toEqual([1, 2]);
      files.push(await exportModel(network, {}));
      network.dispose();
    }
    expect(files[1]).toEqual(files[0]);
    expect(files[2]).not.toEqual(files[0]);
  });

  it.each([
    ['small', 'st'],
    ['preact-resnet-18', 'st'],
    ['small', 'at'],
    ['small', 'trades'],
    ['small', 'trades-as-published'],
  ] as const)('of %s by %s goes on after an epoch as if it had never stopped, to the last bit', async (net, way) => {
    const settings = { ...OPTIONS, epochs: 3, mode: mode(way), warmup: 2 };
    const whole = await trained(40, settings, undefined, net);
    const data = drawGlyphs('train', 0, 40);
    const first = openAs(net, data, 1);
    let kept: { files: Map<string, Uint8Array>; velocities: Float32Array[] } | undefined;
    const stop = new AbortController();
    await train(first, data, settings, {
      signal: stop.signal,
      rest: async () => undefined,
      async onEpoch(_, velocities) {
        kept = { files: await exportModel(first, {}), velocities: await velocities() };
        stop.abort();
      },
    }).catch((error) => expect(error).toMatchObject({ code: 'stopped' }));
    first.dispose();
    if (!kept) throw new Error('expected an epoch');
    const read = await readStartingModel(kept.files);
    if (!read.ok) throw new Error(read.reasons.join());
    const second = openAs(net, data, 9);
    startFrom(second, read.value);
    const epochs: EpochResult[] = [];
    const begun = { epochs: 1, velocities: kept.velocities };
    const world = { rest: async () => undefined, onEpoch: async (result: EpochResult) => void epochs.push(result) };
    await train(second, data, { ...settings, begun }, world);
    expect(epochs).toEqual(whole.epochs.slice(1));
    expect(await exportModel(second, {})).toEqual(await exportModel(whole.network, {}));
    const short = { epochs: 1, velocities: kept.velocities.slice(1) };
    await expect(train(second, data, { ...settings, begun: short }, world)).rejects.toThrow(/^expected momenta of \[/);
    second.dispose();
    whole.network.dispose();
  });

  it('learns the images that it is shown', async () => {
    const { network, epochs, data } = await trained(100, { epochs: 20 });
    expect(epochs[19].loss).toBeLessThan(epochs[0].loss / 3);
    expect(await accuracyOf(network, data)).toBeGreaterThan(0.9);
    network.dispose();
  });

  it('names nothing with weights that are finite and too large', async () => {
    const { network, data } = await trained(20);
    for (const parameter of network.parameters) {
      const { value } = parameter;
      parameter.value = tf.mul(value, 1e30);
      value.dispose();
    }
    await expect(accuracyOf(network, data)).rejects.toMatchObject({ code: 'diverged', message: expect.stringContaining('not finite') });
    network.dispose();
  });

  it('writes a model that our reader and tfjs’ own read alike', async () => {
    const { network, data } = await trained(40);
    const files = await exportModel(network, { mode: 'st' });
    const read = await readModel(files);
    if (!read.ok) throw new Error(read.reasons.join('\n'));
    expect([...files.values()].reduce((n, b) => n + b.length, 0)).toBeLessThan(1e6);
    expect(read.value.graph.params).toBe(network.parameters.reduce((n, p) => n + p.value.size, 0));
    expect(read.value.feature).toMatchObject({ name: 'gap', dim: 64 });
    const images = imageTensor(data, Uint32Array.from([0, 1, 2, 3, 4]), [28, 28, 1]);
    const ours = new Network(read.value.graph);
    const [a, b] = [network.classifier('inference').logits(images), ours.logits(images)];
    // Folding batch norms into convolutions moves the last digits.
    expect(maxDifference(await b.data(), await a.data())).toBeLessThan(1e-4);
    const oracle = await oracleOutput(files, (await images.data()) as Float32Array, [5, 28, 28, 1]);
    expect(maxDifference(await b.data(), oracle)).toBeLessThan(1e-4);
    tf.dispose([images, a, b]);
    ours.dispose();
    network.dispose();
  });

  it('stops at the first loss that is not a number, and keeps no such weights', async () => {
    const { network, epochs, ended } = await trained(40, { learningRate: 1e30, momentum: 0, weightDecay: 0, epochs: 5 });
    expect(ended?.message).toMatch(/^the loss was not a finite number in epoch \d, step \d$/);
    expect(epochs.length).toBeLessThan(5);
    network.dispose();
  });

  it('stops when it is asked to', async () => {
    const stop = new AbortController();
    stop.abort();
    const { network, epochs, ended } = await trained(40, {}, stop.signal);
    expect(ended).toMatchObject({ code: 'stopped' });
    expect(epochs).toEqual([]);
    network.dispose();
  });

  it('on attacked images has the higher loss from the same weights', async () => {
    const once = { epochs: 1, batch: 40, learningRate: 1e-6, momentum: 0, weightDecay: 0 };
    const [plain, attacked] = [await trained(40, once), await trained(40, { ...once, mode: mode('at') })];
    expect(attacked.epochs[0].loss).toBeGreaterThan(plain.epochs[0].loss + 0.2);
    plain.network.dispose();
    attacked.network.dispose();
  });

  it('lets the attack grow evenly over the first epochs, to the board’s own radius and step', async () => {
    const seen: [number, number][] = [];
    const watched: TrainingMode = {
      ...mode('st'),
      gradients: (network, batch, labels, now, step) => {
        seen.push([now.epsilon, now.alpha]);
        return mode('st').gradients(network, batch, labels, now, step);
      },
    };
    const { network } = await trained(20, { mode: watched, batch: 10, epochs: 3, warmup: 2 });
    const expected = [0, 0.25, 0.5, 0.75, 1, 1].map((share) => [0.1 * share, 0.02 * share]);
    expect(seen).toEqual(expected);
    network.dispose();
  });

  it('takes steps of SGD with momentum, decay and the schedule’s rates', async () => {
    const ones: TrainingMode = {
      ...mode('st'),
      gradients: (network, batch, labels, now, step) => {
        const { logits, gradients } = mode('st').gradients(network, batch, labels, now, step);
        const constant = gradients.map((g) => tf.onesLike(g));
        tf.dispose(gradients);
        return { logits, gradients: constant };
      },
    };
    const [rate, momentum, weightDecay] = [0.01, 0.8, 0.1];
    const begun = openAs('small', drawGlyphs('train', 0, 20), 1);
    const w0 = (await begun.parameters[0].value.data())[0];
    begun.dispose();
    for (const schedule of ['steps', 'cosine', 'constant'] as const) {
      const { network } = await trained(20, { mode: ones, batch: 10, epochs: 4, learningRate: rate, momentum, weightDecay, schedule });
      let [w, v] = [w0, 0];
      for (let step = 0; step < 8; step++) {
        const t = step / 8;
        const share = { steps: t < 0.25 ? 1 : t < 0.375 ? 0.1 : 0.01, cosine: (1 + Math.cos(Math.PI * t)) / 2, constant: 1 }[schedule];
        v = momentum * v + 1 + weightDecay * w;
        w -= rate * share * v;
      }
      expect((await network.parameters[0].value.data())[0], schedule).toBeCloseTo(w, 5);
      network.dispose();
    }
  });

  it.each(['logits', 'penalty'] as const)(
    'a loss that is no number in its %s ends the second epoch, and leaves the first',
    async (where) => {
      const breaking: TrainingMode = {
        ...mode('st'),
        gradients: (network, batch, labels, now, step) => {
          const found = mode('st').gradients(network, batch, labels, now, step);
          if (step < 2) return found;
          if (where === 'penalty') return { ...found, penalty: tf.scalar(Number.NaN) };
          const logits = tf.mul(found.logits, Number.NaN) as tf.Tensor2D;
          found.logits.dispose();
          return { ...found, logits };
        },
      };
      const once = await trained(20, { batch: 10, epochs: 1, schedule: 'constant' });
      const { network, epochs, ended } = await trained(20, { mode: breaking, batch: 10, epochs: 3, schedule: 'constant' });
      expect(ended).toMatchObject({ code: 'diverged', message: 'the loss was not a finite number in epoch 2, step 1' });
      expect(epochs).toEqual(once.epochs);
      for (const [i, { value }] of network.parameters.entries())
        expect(await value.data()).toEqual(await once.network.parameters[i].value.data());
      network.dispose();
      once.network.dispose();
    },
  );

  it('AT attacks and learns in training mode, from another point of the ball at every step', async () => {
    const data = drawGlyphs('train', 0, 12);
    const labels = Int32Array.from(data.labels);
    const targets = tf.tensor1d(Float32Array.from(labels), 'float32');
    const x0 = imageTensor(data, Uint32Array.from(labels.keys()), [28, 28, 1]);
    const batch = { x0, labels, samples: Int32Array.from(labels.keys()), split: 'train' as const };
    const network = openAs('small', data, 1);
    const byHand = (statistics: 'batch' | 'inference', step: number) => {
      const { x, startGradient } = pgd10.run(network.classifier(statistics), batch, threat, step);
      const { logits, gradients } = network.gradients(x, targets, meanCrossEntropyGrad);
      tf.dispose([x, logits, ...gradients.slice(1), ...(startGradient ? [startGradient] : [])]);
      return gradients[0];
    };
    const { logits, gradients } = mode('at').gradients(network, batch, targets, threat, 3);
    const [same, still, elsewhere] = [byHand('batch', 3), byHand('inference', 3), byHand('batch', 4)];
    const differs = async (t: tf.Tensor) => maxDifference(await t.data(), await gradients[0].data());
    expect(await differs(same)).toBe(0);
    expect(await differs(still)).toBeGreaterThan(1e-4);
    expect(await differs(elsewhere)).toBeGreaterThan(1e-4);
    tf.dispose([targets, x0, logits, ...gradients, same, still, elsewhere]);
    network.dispose();
  });

  it('refuses to write weights that are not finite', async () => {
    const { network } = await trained(20, { epochs: 1 });
    const { value } = network.parameters[0];
    network.parameters[0].value = tf.keep(tf.fill(value.shape, Number.NaN));
    value.dispose();
    await expect(exportModel(network, {})).rejects.toThrow('weight conv1/kernel is not finite');
    network.dispose();
  });
});
