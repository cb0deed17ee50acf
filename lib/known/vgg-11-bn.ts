/**
 * VGG-11 with batch norm (Simonyan & Zisserman 2015, arXiv 1409.1556, configuration A) and one linear layer, as code bases
 * for CIFAR build it. They agree in every tensor and differ in what ends the convolutions, which no file can tell:
 * the paper's takes the mean over the last image, others take a fifth max pool first.
 */
import { type Architecture, batchNorm, conv, globalMean, type KnownLayer, linear, maxPool, relu } from './architecture';

/** Filters in units of the stem's 64; `M` halves the image. */
const PLAN = [1, 'M', 2, 'M', 4, 4, 'M', 8, 8, 'M', 8, 8] as const;

/** Numbered as in PyTorch's Sequential: a convolution, its batch norm, its ReLU, or a pool. */
function features(input: number, width: number, plan: readonly (number | 'M')[]): KnownLayer[] {
  const layers: KnownLayer[] = [];
  let [channels, index] = [input, 0];
  const next = () => `features.${index++}`;
  for (const entry of plan) {
    if (entry === 'M') {
      layers.push(maxPool(next(), 2));
      continue;
    }
    const filters = entry * width;
    layers.push(...conv(next(), { channels, filters, window: 3, bias: true }), batchNorm(next(), filters), relu(next()));
    channels = filters;
  }
  return layers;
}

const build =
  (plan: readonly (number | 'M')[]): Architecture['build'] =>
  ({ input: [, , channels], classes, shapeOf }) => {
    const width = shapeOf('features.0.weight')?.[0] ?? 64;
    return [...features(channels, width, plan), globalMean(), linear('classifier', 8 * width, classes)];
  };

const shared = { input: [32, 32, 3], head: 'classifier.weight' } as const;

export const VGG_11_BN: Architecture = {
  ...{ id: 'vgg-11-bn', title: 'VGG-11 with batch norm: four max pools, then the mean' },
  ...shared,
  build: build(PLAN),
};

/** With 160×160 images this is what the paper's code builds for ImageNette. */
export const VGG_11_BN_MAX: Architecture = {
  ...{ id: 'vgg-11-bn-max', title: 'VGG-11 with batch norm: five max pools, then the mean' },
  ...shared,
  build: build([...PLAN, 'M']),
};
