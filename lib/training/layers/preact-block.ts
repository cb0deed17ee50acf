/**
 * A block of a pre-activation residual network (He et al., arXiv 1603.05027): with a = ReLU(BN(x)),
 * y = conv3×3(ReLU(BN(conv3×3(a)))) + x; where the shape changes, a 1×1 convolution of a stands in for x.
 *
 * Backward: dy goes to both sides of the sum; what comes back through the convolutions meets the shortcut's share at a, or,
 * where x itself was added, at x.
 */
import * as tf from '@tensorflow/tfjs-core';
import { type TrainableLayer, type WrittenLayer, writtenLayers } from '../layer';
import { batchNormReluLayer } from './batch-norm';
import { convLayer } from './conv';

/** How an implementation calls the parts of a block. */
export interface BlockNames {
  bn1: string;
  bn2: string;
  shortcut: string;
}

interface BlockOptions {
  name: string;
  names: BlockNames;
  /** height, width, channels of the input */
  input: readonly [number, number, number];
  filters: number;
  stride: number;
  /** False: x has been through batch norm and ReLU already, and is a itself. True by default. */
  preactivate?: boolean;
  seed: number;
  /** Number of its first kernel among the network's; it has {@link blockKernels} of them. */
  index: number;
}

type Shape = readonly [number, number, number];
const reshapes = ({ input, filters, stride }: Pick<BlockOptions, 'input' | 'filters' | 'stride'>) => stride !== 1 || input[2] !== filters;

/** Convolutions in a block. */
export const blockKernels = (options: Pick<BlockOptions, 'input' | 'filters' | 'stride'>) => (reshapes(options) ? 3 : 2);

export function preactBlockLayer(options: BlockOptions): TrainableLayer {
  const { name, names, input, filters, stride, preactivate = true, seed, index } = options;
  const part = (of: string) => `${name}.${of}`;
  const even = { filters, padding: 'even', seed } as const;
  const norm1 = preactivate ? batchNormReluLayer(part(names.bn1), input, part('relu1')) : undefined;
  const conv1 = convLayer({ ...even, name: part('conv1'), input, window: 3, stride, index });
  const shape = conv1.shape as Shape;
  const norm2 = batchNormReluLayer(part(names.bn2), shape, part('relu2'));
  const conv2 = convLayer({ ...even, name: part('conv2'), input: shape, window: 3, index: index + 1 });
  const shortcut = reshapes(options)
    ? convLayer({ ...even, name: part(names.shortcut), input, window: 1, stride, index: index + 2 })
    : undefined;
  const chain = [...(norm1 ? [norm1] : []), conv1, norm2, conv2];
  const parts = shortcut ? [...chain, shortcut] : chain;

  return {
    name,
    shape,
    parameters: parts.flatMap((p) => p.parameters),
    forward(x, mode) {
      const active = norm1?.forward(x, mode);
      const a = active ? active.y : x;
      const first = conv1.forward(a, mode);
      const second = norm2.forward(first.y, mode);
      const last = conv2.forward(second.y, mode);
      const beside = shortcut?.forward(a, mode);
      let known: { dy: tf.Tensor; atSecond: tf.Tensor; atFirst: tf.Tensor; atActive: tf.Tensor } | undefined;
      /** Gradients at the outputs of the parts; the weights and the input both need them. */
      const slopes = (dy: tf.Tensor) => {
        if (known?.dy === dy) return known;
        const atSecond = last.toInput(dy);
        const atFirst = second.toInput(atSecond);
        const through = first.toInput(atFirst);
        known = { dy, atSecond, atFirst, atActive: beside ? tf.add(through, beside.toInput(dy)) : through };
        return known;
      };
      return {
        y: tf.add(last.y, beside ? beside.y : x),
        toInput(dy) {
          const { atActive } = slopes(dy);
          const dx = active ? active.toInput(atActive) : atActive;
          return beside ? dx : tf.add(dx, dy);
        },
        toParameters(dy) {
          const { atSecond, atFirst, atActive } = slopes(dy);
          return [
            ...(active ? active.toParameters(atActive) : []),
            ...first.toParameters(atFirst),
            ...second.toParameters(atSecond),
            ...last.toParameters(dy),
            ...(beside ? beside.toParameters(dy) : []),
          ];
        },
      };
    },
    written(from) {
      const main = writtenLayers(chain, from);
      const active = norm1 ? part('relu1') : from;
      const sum: WrittenLayer = {
        className: 'Add',
        config: { name: part('add'), trainable: true, dtype: 'float32' },
        inputs: [conv2.name, shortcut ? shortcut.name : from],
      };
      const beside = shortcut ? shortcut.written(active).map((layer) => ({ ...layer, inputs: [active] })) : [];
      return [...main, ...beside, sum];
    },
    restoreAverages(values) {
      for (const p of parts) p.restoreAverages?.(values);
    },
    dispose() {
      for (const p of parts) p.dispose();
    },
  };
}
