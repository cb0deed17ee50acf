/** The known networks with random weights: what our reader makes of them, against PyTorch's layers by plain loops and tfjs. */
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { beforeAll, describe, expect, it } from 'vitest';
import { readModel } from '../model/preflight';
import { maxDifference } from '../testing/backends';
import { draw } from '../testing/draw';
import { forward64 } from '../testing/float64-network';
import { oracleOutput } from '../testing/keras-oracle';
import { randomStateDict } from '../testing/state-dicts';
import { add, maxPool, mean, type Planes, relu, TorchForward } from '../testing/torch-forward';
import type { Architecture, ImageShape } from './architecture';
import { convert } from './convert';
import { ARCHITECTURES } from './registry';

type Forward = (net: TorchForward, image: Planes) => Float64Array;

/** `names`: of a block's first batch norm (where there is one), its second, and its shortcut. */
function stages(net: TorchForward, x: Planes, [bn1, bn2, shortcut]: [string, string, string]): Planes {
  let y = x;
  for (const stage of [1, 2, 3, 4]) {
    for (const index of [0, 1]) {
      const block = `layer${stage}.${index}`;
      const stride = stage > 1 && index === 0 ? 2 : 1;
      const active = net.has(`${block}.${bn1}.weight`) ? relu(net.norm(y, `${block}.${bn1}`)) : y;
      const beside = net.has(`${block}.${shortcut}.weight`) ? net.conv(active, `${block}.${shortcut}`, stride, 0) : y;
      const middle = relu(net.norm(net.conv(active, `${block}.conv1`, stride, 1), `${block}.${bn2}`));
      y = add(net.conv(middle, `${block}.conv2`, 1, 1), beside);
    }
  }
  return y;
}

const preAct: Forward = (net, image) => {
  const y = stages(net, net.conv(image, 'conv1', 1, 1), ['bn1', 'bn2', 'shortcut.0']);
  return net.linear(mean(net.has('bn.weight') ? relu(net.norm(y, 'bn')) : y), 'linear');
};

const preActImagenette: Forward = (net, image) => {
  const stem = maxPool(relu(net.norm(net.conv(image, 'conv1', 2, 3), 'bn1')), 3, 2, 1);
  return net.linear(mean(relu(net.norm(stages(net, stem, ['pre_bn', 'bn1_2', 'downsample.0']), 'final_bn'))), 'fc');
};

const vgg =
  (pools: number[]): Forward =>
  (net, image) => {
    let y = image;
    for (let i = 0; i < 29; i++) {
      if (pools.includes(i)) y = maxPool(y, 2);
      else if (net.has(`features.${i}.running_mean`)) y = relu(net.norm(y, `features.${i}`));
      else if (net.has(`features.${i}.weight`)) y = net.conv(y, `features.${i}`, 1, 1);
    }
    return net.linear(mean(y), 'classifier');
  };

const plain: Forward = (net, image) => {
  let y = image;
  for (let n = 1; net.has(`conv${n}.weight`); n++) y = relu(net.norm(net.conv(n > 1 ? maxPool(y, 2) : y, `conv${n}`, 1, 1), `bn${n}`));
  return net.linear(mean(y), 'logits');
};

const NARROW: { title: string; id: string; given: Record<string, number[]>; input?: ImageShape; forward: Forward }[] = [
  { title: 'PreActResNet-18', id: 'preact-resnet-18', given: { 'conv1.weight': [4] }, forward: preAct },
  {
    title: 'PreActResNet-18 with a batch norm before the mean, on 28×28 grey images',
    ...{ id: 'preact-resnet-18', given: { 'conv1.weight': [4], 'bn.weight': [32] }, input: [28, 28, 1], forward: preAct },
  },
  {
    title: "PreActResNet-18 with ImageNette's stem",
    ...{ id: 'preact-resnet-18-imagenette', given: { 'conv1.weight': [2] }, input: [96, 96, 3], forward: preActImagenette },
  },
  { title: 'VGG-11', id: 'vgg-11-bn', given: { 'features.0.weight': [4] }, forward: vgg([3, 7, 14, 21]) },
  { title: 'VGG-11 with a fifth max pool', id: 'vgg-11-bn-max', given: { 'features.0.weight': [4] }, forward: vgg([3, 7, 14, 21, 28]) },
  {
    title: 'a plain chain',
    ...{ id: 'plain-cnn', given: { 'conv1.weight': [6], 'conv2.weight': [5], 'conv3.weight': [7] }, forward: plain },
  },
];

const transposed = ([height, width, channels]: ImageShape, nhwc: Float32Array): Planes => ({
  shape: [channels, height, width],
  data: Float64Array.from(nhwc, (_, i) => nhwc[(i % (height * width)) * channels + Math.floor(i / (height * width))]),
});

describe.each(NARROW)('a narrow $title', ({ id, given, input: stated, forward }) => {
  const architecture = ARCHITECTURES.get(id) as Architecture;
  const input = stated ?? architecture.input;
  const tensors = randomStateDict(architecture, { input, classes: 7, given });
  const pixels = draw(
    input.reduce((a, b) => a * b),
    3,
    0,
    1,
  );
  const normalization = { mean: [0.5, 0.4, 0.3].slice(0, input[2]), std: [0.2, 0.25, 0.3].slice(0, input[2]) };
  const { mean: m, std: s } = normalization;
  const normalized = Float32Array.from(pixels, (v, i) => (v - m[i % input[2]]) / s[i % input[2]]);
  const expected = forward(new TorchForward(tensors), transposed(input, normalized));
  const largest = Math.max(...expected.map(Math.abs));
  const converted = convert(architecture, tensors, { input, classes: 7, normalization });
  if (!converted.ok) throw new Error(converted.reasons.join('\n'));
  const { files } = converted.value;

  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it("has the logits of PyTorch's layers", async () => {
    const model = await readModel(files);
    if (!model.ok) throw new Error(model.reasons.join('\n'));
    // Batch norms are folded into float32 convolutions as the model is read; all else is float64 on both sides.
    expect(maxDifference(forward64(model.value.graph, pixels), expected) / largest).toBeLessThan(2e-6);
  });

  it('is the same to tfjs', async () => {
    expect(maxDifference(await oracleOutput(files, pixels, [1, ...input]), expected) / largest).toBeLessThan(1e-5);
  });
});
