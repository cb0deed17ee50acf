import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { NORMS } from '../attacks/norms';
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

  it.each(['small', 'preact-resnet-18'] as const)(
    'of %s goes on after an epoch as if it had never stopped, to the last bit',
    async (net) => {
      const whole = await trained(40, { epochs: 3 }, undefined, net);
      const data = drawGlyphs('train', 0, 40);
      const first = openAs(net, data, 1);
      let kept: { files: Map<string, Uint8Array>; velocities: Float32Array[] } | undefined;
      const stop = new AbortController();
      await train(
        first,
        data,
        { ...OPTIONS, epochs: 3 },
        {
          signal: stop.signal,
          rest: async () => undefined,
          async onEpoch(_, velocities) {
            kept = { files: await exportModel(first, {}), velocities: await velocities() };
            stop.abort();
          },
        },
      ).catch((error) => expect(error).toMatchObject({ code: 'stopped' }));
      first.dispose();
      if (!kept) throw new Error('expected an epoch');
      const read = await readStartingModel(kept.files);
      if (!read.ok) throw new Error(read.reasons.join());
      const second = openAs(net, data, 9);
      startFrom(second, read.value);
      const epochs: EpochResult[] = [];
      const begun = { epochs: 1, velocities: kept.velocities };
      const world = { rest: async () => undefined, onEpoch: async (result: EpochResult) => void epochs.push(result) };
      await train(second, data, { ...OPTIONS, epochs: 3, begun }, world);
      expect(epochs).toEqual(whole.epochs.slice(1));
      expect(await exportModel(second, {})).toEqual(await exportModel(whole.network, {}));
      const short = { epochs: 1, velocities: kept.velocities.slice(1) };
      await expect(train(second, data, { ...OPTIONS, epochs: 3, begun: short }, world)).rejects.toThrow(/^expected momenta of \[/);
      second.dispose();
      whole.network.dispose();
    },
  );

  it('learns the images that it is shown', async () => {
    const { network, epochs, data } = await trained(100, { epochs: 20 });
    expect(epochs[19].loss).toBeLessThan(epochs[0].loss / 3);
    expect(await accuracyOf(network, data)).toBeGreaterThan(0.9);
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

  it('refuses to write weights that are not finite', async () => {
    const { network } = await trained(20, { epochs: 1 });
    const { value } = network.parameters[0];
    network.parameters[0].value = tf.keep(tf.fill(value.shape, Number.NaN));
    value.dispose();
    await expect(exportModel(network, {})).rejects.toThrow('weight conv1/kernel is not finite');
    network.dispose();
  });
});
