/**
 * PreActResNet-18 (He et al. 2016, arXiv 1603.05027) in training: the layers of lib/known/preact-resnet-18.ts under the same
 * names, so that what is trained here and what is converted from PyTorch are one network.
 */
import type { TrainableLayer } from './layer';
import { batchNormReluLayer } from './layers/batch-norm';
import { convLayer } from './layers/conv';
import { denseLayer } from './layers/dense';
import { normalizeLayer } from './layers/normalize';
import { globalAverageLayer, maxPoolLayer } from './layers/pool';
import { type BlockNames, blockKernels, preactBlockLayer } from './layers/preact-block';
import { type NetOptions, type Shape, widened } from './nets';

interface Plan {
  /** What stands between the normalised pixels and the first block, with one kernel. */
  stem(options: NetOptions): TrainableLayer[];
  blocks: BlockNames;
  /** False: the stem ends in batch norm and ReLU, and the first block has none of its own. */
  preactivateFirst: boolean;
  end: { norm: string; relu: string; dense: string };
}

/** Four stages of two blocks, of which all but the first halve the image; batch norm, ReLU, the mean, a dense layer. */
const preactResNet18 =
  ({ stem, blocks, preactivateFirst, end }: Plan) =>
  (options: NetOptions): TrainableLayer[] => {
    const { input, classes, pixels, seed, width = 1 } = options;
    const layers = [normalizeLayer('normalize', input, pixels), ...stem(options)];
    const last = () => layers[layers.length - 1].shape as Shape;
    let index = 1;
    [64, 128, 256, 512].forEach((filters, stage) => {
      for (const block of [0, 1]) {
        const size = { input: last(), filters: widened(filters, width), stride: stage > 0 && block === 0 ? 2 : 1 };
        const preactivate = preactivateFirst || stage + block > 0;
        layers.push(preactBlockLayer({ name: `layer${stage + 1}.${block}`, names: blocks, ...size, preactivate, seed, index }));
        index += blockKernels(size);
      }
    });
    layers.push(batchNormReluLayer(end.norm, last(), end.relu));
    layers.push(globalAverageLayer('mean', last()));
    layers.push(denseLayer({ name: end.dense, input: last(), units: classes, seed, index }));
    return layers;
  };

/** As the paper's code builds it for CIFAR: a 3×3 stem without pool. */
export const preactResNet18Cifar = preactResNet18({
  stem: ({ input, seed, width = 1 }) => [convLayer({ name: 'conv1', input, filters: widened(64, width), window: 3, seed, index: 0 })],
  blocks: { bn1: 'bn1', bn2: 'bn2', shortcut: 'shortcut.0' },
  preactivateFirst: true,
  end: { norm: 'bn', relu: 'bn.relu', dense: 'linear' },
});

/** As it builds it for ImageNette: a 7×7 stem of stride 2, batch norm, ReLU, a 3×3 max pool of stride 2. */
export const preactResNet18Imagenette = preactResNet18({
  stem({ input, seed, width = 1 }) {
    const conv = convLayer({ name: 'conv1', input, filters: widened(64, width), window: 7, stride: 2, padding: 'even', seed, index: 0 });
    return [conv, batchNormReluLayer('bn1', conv.shape, 'relu1'), maxPoolLayer('maxpool', conv.shape, 3, { stride: 2, pad: 1 })];
  },
  blocks: { bn1: 'pre_bn', bn2: 'bn1_2', shortcut: 'downsample.0' },
  preactivateFirst: false,
  end: { norm: 'final_bn', relu: 'final_relu', dense: 'fc' },
});
