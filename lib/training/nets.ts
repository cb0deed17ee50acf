/** The networks that can be trained here, by name. */

import type { TrainableLayer } from './layer';
import { batchNormReluLayer } from './layers/batch-norm';
import { convLayer } from './layers/conv';
import { denseLayer } from './layers/dense';
import { normalizeLayer, type PixelStatistics } from './layers/normalize';
import { globalAverageLayer, maxPoolLayer } from './layers/pool';
import { TrainableNetwork } from './network';

export interface NetOptions {
  /** height, width, channels */
  input: readonly [number, number, number];
  classes: number;
  pixels: PixelStatistics;
  seed: number;
}

/** 3×3 convolutions, each with batch norm and ReLU, halved in size between them; the mean over the image; a dense layer. */
function plainConvNet(filters: readonly number[]) {
  return ({ input, classes, pixels, seed }: NetOptions): TrainableLayer[] => {
    const layers = [normalizeLayer('normalize', input, pixels)];
    const last = () => layers[layers.length - 1].shape as [number, number, number];
    filters.forEach((n, i) => {
      if (i > 0) layers.push(maxPoolLayer(`pool${i}`, last(), 2));
      layers.push(convLayer({ name: `conv${i + 1}`, input: last(), filters: n, window: 3, seed, index: i }));
      layers.push(batchNormReluLayer(`bn${i + 1}`, last()));
    });
    layers.push(globalAverageLayer('gap', last()));
    layers.push(denseLayer({ name: 'logits', input: last(), units: classes, seed, index: filters.length }));
    return layers;
  };
}

const BUILDERS = {
  /** 48 000 parameters for ten classes. */
  small: plainConvNet([16, 32, 48, 64]),
} satisfies Record<string, (options: NetOptions) => TrainableLayer[]>;

export type NetId = keyof typeof BUILDERS;
export const NET_IDS = Object.keys(BUILDERS) as NetId[];

/** A network with its initial weights; the caller disposes. */
export const openNet = (id: NetId, name: string, options: NetOptions) => new TrainableNetwork(name, options.input, BUILDERS[id](options));
