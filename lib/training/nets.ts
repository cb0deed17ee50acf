/** The networks that can be trained here, by name. */

import type { TrainableLayer } from './layer';
import { batchNormReluLayer } from './layers/batch-norm';
import { convLayer } from './layers/conv';
import { denseLayer } from './layers/dense';
import { normalizeLayer, type PixelStatistics } from './layers/normalize';
import { globalAverageLayer, maxPoolLayer } from './layers/pool';
import { TrainableNetwork } from './network';
import { preactResNet18Cifar, preactResNet18Imagenette } from './preact-resnet-18';

export interface NetOptions {
  /** height, width, channels */
  input: readonly [number, number, number];
  classes: number;
  pixels: PixelStatistics;
  seed: number;
  /** Factor of every convolution's filters; 1 by default. */
  width?: number;
}

export type Shape = readonly [number, number, number];
export const widened = (filters: number, width: number) => Math.max(1, Math.round(filters * width));

/** What lies between two pools: filters of the convolutions there. */
type Stages = readonly (readonly number[])[];

/**
 * 3×3 convolutions, each with batch norm and ReLU, halved in size between the stages (where there is a pixel to halve); the
 * mean over the image; a dense layer.
 */
function plainConvNet(stages: Stages) {
  return ({ input, classes, pixels, seed, width = 1 }: NetOptions): TrainableLayer[] => {
    const layers = [normalizeLayer('normalize', input, pixels)];
    const last = () => layers[layers.length - 1].shape as Shape;
    let index = 0;
    stages.forEach((filters, stage) => {
      if (stage > 0 && Math.min(last()[0], last()[1]) > 1) layers.push(maxPoolLayer(`pool${stage}`, last(), 2));
      for (const n of filters) {
        layers.push(convLayer({ name: `conv${index + 1}`, input: last(), filters: widened(n, width), window: 3, seed, index }));
        layers.push(batchNormReluLayer(`bn${index + 1}`, last()));
        index++;
      }
    });
    layers.push(globalAverageLayer('gap', last()));
    layers.push(denseLayer({ name: 'logits', input: last(), units: classes, seed, index }));
    return layers;
  };
}

const BUILDERS = {
  /** CNN-4: 48 000 parameters for ten classes. */
  small: plainConvNet([[16], [32], [48], [64]]),
  /** VGG-11 with batch norm (Simonyan & Zisserman, arXiv 1409.1556) and one dense layer: 9.2 M parameters at full width. */
  'vgg-11': plainConvNet([[64], [128], [256, 256], [512, 512], [512, 512], []]),
  /** He et al., arXiv 1603.05027: 11.2 M parameters at full width. */
  'preact-resnet-18': preactResNet18Cifar,
  'preact-resnet-18-imagenette': preactResNet18Imagenette,
} satisfies Record<string, (options: NetOptions) => TrainableLayer[]>;

export type NetId = keyof typeof BUILDERS;
export const NET_IDS = Object.keys(BUILDERS) as NetId[];

/** A network with its initial weights; the caller disposes. */
export const openNet = (id: NetId, name: string, options: NetOptions) => new TrainableNetwork(name, options.input, BUILDERS[id](options));
