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

interface BlockOptions {
  name: string;
  /** height, width, channels of the input */
  input: readonly [number, number, number];
  filters: number;
  stride: number;
  seed: number;
  /** Number of its first kernel among the network's; it has {@link blockKernels} of them. */
  index: number;
}

type Shape = readonly [number, number, number];
const reshapes = ({ input, filters, stride }: Pick<BlockOptions, 'input' | 'filters' | 'stride'>) => stride !== 1 || input[2] !== filters;

/** Convolutions in a block. */
export const blockKernels = (options: Pick<BlockOptions, 'input' | 'filters' | 'stride'>) => (reshapes(options) ? 3 : 2);

/** Parts are named as in lib/known, so that one reader serves both. */
export function preactBlockLayer(options: BlockOptions): TrainableLayer {
  const { name, input, filters, stride, seed, index } = options;
  const part = (of: string) => `${name}.${of}`;
  const even = { filters, padding: 'even', seed } as const;
  const norm1 = batchNormReluLayer(part('bn1'), input, part('relu1'));
  const conv1 = convLayer({ ...even, name: part('conv1'), input, window: 3, stride, index });
  const shape = conv1.shape as Shape;
  const norm2 = batchNormReluLayer(part('bn2'), shape, part('relu2'));
  const conv2 = convLayer({ ...even, name: part('conv2'), input: shape, window: 3, index: index + 1 });
  const shortcut = reshapes(options)
    ? convLayer({ ...even, name: part('shortcut.0'), input, window: 1, stride, index: index + 2 })
    : undefined;
  const parts = [norm1, conv1, norm2, conv2, ...(shortcut ? [shortcut] : [])];

  return {
    name,
    shape,
    parameters: parts.flatMap((p) => p.parameters),
    forward(x, mode) {
      const active = norm1.forward(x, mode);
      const first = conv1.forward(active.y, mode);
      const second = norm2.forward(first.y, mode);
      const last = conv2.forward(second.y, mode);
      const beside = shortcut?.forward(active.y, mode);
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
          const dx = active.toInput(slopes(dy).atActive);
          return beside ? dx : tf.add(dx, dy);
        },
        toParameters(dy) {
          const { atSecond, atFirst, atActive } = slopes(dy);
          return [
            ...active.toParameters(atActive),
            ...first.toParameters(atFirst),
            ...second.toParameters(atSecond),
            ...last.toParameters(dy),
            ...(beside ? beside.toParameters(dy) : []),
          ];
        },
      };
    },
    written(from) {
      const main = writtenLayers([norm1, conv1, norm2, conv2], from);
      const sum: WrittenLayer = {
        className: 'Add',
        config: { name: part('add'), trainable: true, dtype: 'float32' },
        inputs: [conv2.name, shortcut ? shortcut.name : from],
      };
      const [side, ...more] = shortcut?.written(part('relu1')) ?? [];
      return [...main, ...(side ? [{ ...side, inputs: [part('relu1')] }, ...more] : []), sum];
    },
    restoreAverages(values) {
      for (const p of parts) p.restoreAverages?.(values);
    },
    dispose() {
      for (const p of parts) p.dispose();
    },
  };
}
