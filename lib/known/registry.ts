/** The networks whose PyTorch weights can be converted, by name. A new one is a file and a line here. */
import type { Architecture } from './architecture';
import { PLAIN_CNN } from './plain-cnn';
import { PREACT_RESNET_18, PREACT_RESNET_18_IMAGENETTE } from './preact-resnet-18';
import { VGG_11_BN, VGG_11_BN_MAX } from './vgg-11-bn';

export const ARCHITECTURES: ReadonlyMap<string, Architecture> = new Map(
  [PREACT_RESNET_18, PREACT_RESNET_18_IMAGENETTE, VGG_11_BN, VGG_11_BN_MAX, PLAIN_CNN].map((a) => [a.id, a]),
);
