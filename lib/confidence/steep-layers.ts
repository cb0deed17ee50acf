/**
 * Activations that act as thresholds. Operations without a gradient (rounding, sign, floor, comparison, top-k) are refused when a
 * model is read; what is left to hide a gradient in a graph is a bounded activation so steep that it steps.
 */
import type { Activation } from '../engine/kernels/activation';
import type { ModelGraph, Operation } from '../model/graph';

/** Width of the stretch of its argument on which a bounded activation has nearly all of its rise; undefined: not bounded. */
function riseWidth({ name, alpha = 0, beta = 0 }: Activation): number | undefined {
  switch (name) {
    case 'relu6':
      return 6;
    case 'clip':
      return beta - alpha;
    case 'hardSigmoid':
      return 5;
    case 'sigmoid':
      return 8;
    case 'tanh':
    case 'erf':
      return 4;
    case 'softsign':
      return 8;
    default:
      return undefined;
  }
}

/** What a change by 1 of one input changes an output by at the most, channel by channel; undefined: not a linear operation. */
function gains(op: Operation): Float64Array | undefined {
  if (op.kind === 'affine') return Float64Array.from(op.scale, Math.abs);
  if (op.kind !== 'conv' && op.kind !== 'depthwise' && op.kind !== 'dense') return undefined;
  const { shape, values } = op.kernel;
  // Output channels are the last axis, for depthwise kernels the last two taken together.
  const channels = op.kind === 'depthwise' ? shape[2] * shape[3] : shape[shape.length - 1];
  const most = new Float64Array(channels);
  for (let i = 0; i < values.length; i++) most[i % channels] = Math.max(most[i % channels], Math.abs(values[i]));
  return most;
}

/**
 * Names of the bounded activations that step in at least half of their channels: one grey level, 1/255, of one input of the linear
 * operation before them is enough for their whole rise. Where nothing linear stands before, the gain is 1.
 */
export function steepLayers({ nodes }: ModelGraph): string[] {
  return nodes.flatMap(({ name, op, inputs }) => {
    const width = op.kind === 'activation' ? riseWidth(op.activation) : undefined;
    if (width === undefined) return [];
    const list = gains(nodes[inputs[0]].op) ?? Float64Array.of(1);
    const steep = list.filter((gain) => gain / 255 >= width).length;
    return 2 * steep >= list.length ? [name] : [];
  });
}
