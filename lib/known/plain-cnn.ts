/**
 * A plain chain like the bundled models: 3×3 convolutions `conv1`, `conv2` … without bias, each with batch norm `bn1` … and
 * ReLU, halved by a max pool between them; the mean over the image; a linear layer `logits`. Their number and widths are
 * the file's.
 */
import { type Architecture, batchNorm, conv, globalMean, linear, maxPool, relu } from './architecture';

/** More would leave nothing of any board's image. */
const MOST_CONVOLUTIONS = 8;

export const PLAIN_CNN: Architecture = {
  id: 'plain-cnn',
  title: 'a plain chain of convolutions, as the bundled models are',
  input: [28, 28, 1],
  head: 'logits.weight',
  build({ input: [, , channels], classes, shapeOf }) {
    const widths: number[] = [];
    for (let n = 1; n <= MOST_CONVOLUTIONS; n++) {
      const filters = shapeOf(`conv${n}.weight`)?.[0];
      if (filters === undefined) break;
      widths.push(filters);
    }
    if (widths.length === 0) widths.push(16); // so that conv1 is missed by name
    return [
      ...widths.flatMap((filters, i) => [
        ...(i > 0 ? [maxPool(`pool${i}`, 2)] : []),
        ...conv(`conv${i + 1}`, { channels: i > 0 ? widths[i - 1] : channels, filters, window: 3 }),
        batchNorm(`bn${i + 1}`, filters),
        relu(`relu${i + 1}`),
      ]),
      globalMean('gap'),
      linear('logits', widths[widths.length - 1], classes),
    ];
  },
};
