import { describe, expect, it } from 'vitest';
import { readModel } from '../model/preflight';
import { forward64 } from '../testing/float64-network';
import { randomStateDict, tensorOf } from '../testing/state-dicts';
import type { Architecture } from './architecture';
import { type ConvertOptions, convert } from './convert';
import { laidOut } from './layouts';
import { ARCHITECTURES } from './registry';
import type { Tensor } from './safetensors';

const PLAIN = ARCHITECTURES.get('plain-cnn') as Architecture;
const SMALL: ConvertOptions = { input: [2, 2, 1], classes: 2 };
const tensor = (shape: number[], ...values: number[]) => tensorOf(shape, Float32Array.from(values));

/**
 * One convolution of two filters on a 2×2 image, worked by hand. Filter 0 has 1 in its middle and 2 to the right of it, filter 1
 * has 3 below the middle. Batch norms: variance 4 − 1e-5, so that they halve; 0: (v − 1)/2 · 2 + 0.5; 1: v/2 · 1 − 1.
 */
const BY_HAND: [string, Tensor][] = [
  ['conv1.weight', tensor([2, 1, 3, 3], 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0)],
  ['bn1.weight', tensor([2], 2, 1)],
  ['bn1.bias', tensor([2], 0.5, -1)],
  ['bn1.running_mean', tensor([2], 1, 0)],
  ['bn1.running_var', tensor([2], 3.99999, 3.99999)],
  ['logits.weight', tensor([2, 2], 1, 10, 100, 1000)],
  ['logits.bias', tensor([2], 0.25, -0.25)],
];

/** Pixels 1 2 / 3 4. Filter 0: 5 2 / 11 4, after its norm 4.5 1.5 / 10.5 3.5, mean 5. Filter 1: 9 12 / 0 0 → 3.5 5 / 0 0, mean 2.125. */
const BY_HAND_LOGITS = [5 + 10 * 2.125 + 0.25, 500 + 2125 - 0.25];

const changed = (...changes: [string, Tensor | undefined][]) => {
  const tensors = new Map(BY_HAND);
  for (const [name, t] of changes) {
    if (t) tensors.set(name, t);
    else tensors.delete(name);
  }
  return tensors;
};
const renamed = (rename: (name: string) => string) => new Map(BY_HAND.map(([name, t]) => [rename(name), t]));

function reasons(tensors: Map<string, Tensor>, options: Partial<ConvertOptions> = {}): string[] {
  const converted = convert(PLAIN, tensors, { ...SMALL, ...options });
  return converted.ok ? [] : converted.reasons;
}

async function logits(tensors: Map<string, Tensor>, pixels: number[], options: Partial<ConvertOptions> = {}): Promise<number[]> {
  const converted = convert(PLAIN, tensors, { ...SMALL, ...options });
  if (!converted.ok) throw new Error(converted.reasons.join('\n'));
  const model = await readModel(converted.value.files);
  if (!model.ok) throw new Error(model.reasons.join('\n'));
  return [...forward64(model.value.graph, pixels)];
}

const close = (values: number[]) => values.map((v) => expect.closeTo(v, 2));

describe('a layout', () => {
  it('of a convolution goes from [out, in, height, width] to [height, width, in, out]', () => {
    const values = Float32Array.from({ length: 24 }, (_, i) => i);
    expect(laidOut('conv', [2, 3, 2, 2], values)).toEqual({
      shape: [2, 2, 3, 2],
      values: Float32Array.of(0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23),
    });
  });

  it('of a linear layer goes from [out, in] to [in, out]', () => {
    expect(laidOut('linear', [2, 3], Float32Array.of(1, 2, 3, 4, 5, 6))).toEqual({
      shape: [3, 2],
      values: Float32Array.of(1, 4, 2, 5, 3, 6),
    });
  });
});

describe('a converted network', () => {
  it('computes what was worked out by hand', async () => {
    expect(await logits(new Map(BY_HAND), [1, 2, 3, 4])).toEqual(close(BY_HAND_LOGITS));
  });

  it('takes pixels in [0, 1] where its training code normalised them', async () => {
    const normalization = { mean: [0.5], std: [0.25] };
    const pixels = [1, 2, 3, 4].map((v) => v * 0.25 + 0.5);
    expect(await logits(new Map(BY_HAND), pixels, { normalization })).toEqual(close(BY_HAND_LOGITS));
    for (const [mean, std] of [
      ['normalize.mean', 'normalize.std'],
      ['mu', 'sigma'],
    ]) {
      const own = changed([mean, tensor([1, 1, 1, 1], 0.5)], [std, tensor([1, 1, 1, 1], 0.25)]);
      expect(await logits(own, pixels)).toEqual(close(BY_HAND_LOGITS));
    }
  });

  it('is found behind the prefixes of wrappers, with its normalisation and without counters', async () => {
    for (const prefix of ['module.', '1.', 'model.net.']) {
      const tensors = renamed((name) => prefix + name).set(`${prefix}bn1.num_batches_tracked`, { ...tensor([]), dtype: 'I64' });
      expect(await logits(tensors, [1, 2, 3, 4])).toEqual(close(BY_HAND_LOGITS));
      tensors.set('0.mean', tensor([1], 0)).set('0.std', tensor([1], 1));
      const converted = convert(PLAIN, tensors, SMALL);
      expect(converted).toMatchObject({ ok: true, value: { normalization: { mean: [0], std: [1] } } });
      expect(converted.ok && converted.value.notes).toEqual([
        `the names' prefix ${prefix} was taken off`,
        "the pixels are normalised by the file's own 0.mean and 0.std",
      ]);
    }
  });

  it('says in model.json what it was made of', () => {
    const converted = convert(PLAIN, new Map(BY_HAND), { ...SMALL, about: { weightsSha256: 'abc' } });
    const json = JSON.parse(new TextDecoder().decode(converted.ok ? converted.value.files.get('model.json') : undefined));
    expect(json.userDefinedMetadata).toEqual({ architecture: 'plain-cnn', normalization: null, weightsSha256: 'abc' });
  });
});

describe('weights are refused by name', () => {
  it.each([
    ['missing', changed(['bn1.bias', undefined]), 'tensor bn1.bias of shape [2] is missing'],
    ['of another shape', changed(['logits.weight', tensor([2, 3])]), 'tensor logits.weight has shape [2,3]; [2,2] is needed'],
    ['left over', changed(['conv3.weight', tensor([1, 2])]), 'tensor conv3.weight of shape [1,2] has no place in plain-cnn'],
    [
      'not finite',
      changed(['bn1.bias', tensor([2], 1, Number.NaN)]),
      'tensor bn1.bias holds NaN at position 1; every weight must be a finite float32',
    ],
    [
      'whole numbers',
      changed(['bn1.bias', { shape: [2], dtype: 'I64', floats: () => undefined }]),
      'tensor bn1.bias has type I64; F32, F16, BF16 or F64 is needed',
    ],
    [
      'a mean for another number of channels',
      changed(['mean', tensor([3], 0, 0, 0)], ['std', tensor([3], 1, 1, 1)]),
      ['tensor mean of shape [3] has no place in plain-cnn', 'tensor std of shape [3] has no place in plain-cnn'],
    ],
  ])('where they are %s', (_, tensors, reason) => {
    expect(reasons(tensors)).toEqual([reason].flat());
  });

  it('all of them at once', () => {
    const tensors = changed(['bn1.bias', undefined], ['bn1.weight', tensor([3])], ['x', tensor([1])]);
    expect(reasons(tensors)).toEqual([
      'tensor bn1.weight has shape [3]; [2] is needed',
      'tensor bn1.bias of shape [2] is missing',
      'tensor x of shape [1] has no place in plain-cnn',
    ]);
  });

  it('with every tensor of a network that is not there', () => {
    const preAct = ARCHITECTURES.get('preact-resnet-18') as Architecture;
    const converted = convert(preAct, new Map(), { input: [32, 32, 3], classes: 10 });
    const wanted = randomStateDict(preAct, { input: [32, 32, 3], classes: 10, given: { 'conv1.weight': [1] } });
    expect(converted.ok ? [] : converted.reasons.map((r) => r.split(' ')[1])).toEqual([...wanted.keys()]);
  });
});

describe('a normalisation is refused', () => {
  it.each([
    [{ mean: [0, 0], std: [1, 1] }, 'the mean has 2 numbers; 1 are needed, one for each channel'],
    [{ mean: [0], std: [0] }, 'the std must be above 0, got 0'],
    [{ mean: [Number.NaN], std: [1] }, 'the mean must be finite, got NaN'],
  ])('%j', (normalization, reason) => {
    expect(reasons(new Map(BY_HAND), { normalization })).toContain(reason);
  });

  it('where the file holds its own', () => {
    const tensors = changed(['0.mean', tensor([1], 0)], ['0.std', tensor([1], 1)]);
    expect(reasons(tensors, { normalization: { mean: [0], std: [1] } })).toEqual([
      '0.mean and 0.std normalise the pixels; leave --mean and --std out',
    ]);
  });
});
