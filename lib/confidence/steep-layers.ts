/**
 * Activations that act as thresholds. Operations without a gradient (rounding, sign, floor, comparison, top-k) are refused when a
 * model is read; what is left to hide a gradient in a graph is a bounded activation so steep that it steps.
 */
import { type Activation, OPEN_END } from '../engine/kernels/activation';
import type { GraphNode, ModelGraph, Operation } from '../model/graph';

/** Width of the stretch of its argument on which a bounded activation has nearly all of its rise; undefined: not bounded. */
function riseWidth({ name }: Activation): number | undefined {
  switch (name) {
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

/** Operations that move values without stretching them. */
const PASSING: readonly Operation['kind'][] = ['reshape', 'pad', 'maxPool', 'avgPool'];
const isPassing = ({ op, inputs }: GraphNode) => PASSING.includes(op.kind) && inputs.length === 1;

/** What is left of the line after this operation, where it cuts it: clips and ReLUs do. */
function kept(op: Operation): [low: number, high: number] | undefined {
  if ('relu' in op && op.relu) return [0, Infinity];
  if (op.kind !== 'activation') return undefined;
  const { name, alpha = 0, beta = 0 } = op.activation;
  if (name === 'relu') return [0, Infinity];
  if (name === 'relu6') return [0, 6];
  return name === 'clip' ? [alpha, beta] : undefined;
}

/** The largest slope of an activation that is bounded on no side or on one; undefined: it is bounded, or none. */
function largestSlope(op: Operation): number | undefined {
  if (op.kind !== 'activation' || riseWidth(op.activation) !== undefined) return undefined;
  const { name, alpha = 0 } = op.activation;
  if (name === 'clip' || name === 'relu6') return undefined;
  return name === 'leakyRelu' || name === 'elu' ? Math.max(1, Math.abs(alpha)) : 1;
}

const largest = (list: Float64Array) => list.reduce((most, gain) => Math.max(most, gain), 0);

/** Of a sum, channel by channel; of a side that is not known by channels, its largest. */
function summed(lists: readonly Float64Array[]): Float64Array {
  const channels = Math.max(...lists.map((list) => list.length));
  return Float64Array.from({ length: channels }, (_, i) =>
    lists.reduce((sum, list) => sum + (list.length === channels ? list[i] : largest(list)), 0),
  );
}

/**
 * What a change by 1 of one input changes an output by at the most, through one linear operation after another, channel by channel of
 * the last one; 1 where there is none. ReLUs end the way up: of those every network has many in a row.
 */
function gainAt(nodes: readonly GraphNode[], at: number, known: Map<number, Float64Array> = new Map()): Float64Array {
  let node = nodes[at];
  while (isPassing(node)) node = nodes[node.inputs[0]];
  if (node.op.kind === 'add' || node.op.kind === 'concat') {
    // Kept, since both branches of a residual network come by the same nodes.
    const lists = known.has(at) ? [] : node.inputs.map((i) => gainAt(nodes, i, known));
    const found = known.get(at) ?? (node.op.kind === 'add' ? summed(lists) : Float64Array.from(lists.flatMap((list) => [...list])));
    known.set(at, found);
    return found;
  }
  const own = gains(node.op);
  if (!own) return Float64Array.of(1);
  let before = nodes[node.inputs[0]];
  while (isPassing(before)) before = nodes[before.inputs[0]];
  if (kept(before.op)) return own;
  const further = largest(gainAt(nodes, node.inputs[0], known));
  return own.map((gain) => gain * further);
}

/**
 * Names of the bounded activations that step in at least half of their channels: one grey level, 1/255, of one input of the linear
 * operations before them is enough for their whole rise. Clips and ReLUs in a row are one activation, and activations without a bound
 * right before it only stretch. A clip that is put together out of ReLUs and linear operations, relu(u) − relu(u − 1), is not seen.
 */
export function steepLayers({ nodes }: ModelGraph): string[] {
  return nodes.flatMap(({ name, op, inputs }) => {
    if (op.kind !== 'activation') return [];
    const own = kept(op);
    let width = riseWidth(op.activation);
    let at = inputs[0];
    if (own) {
      let [low, high] = own;
      for (let cut = kept(nodes[at].op); cut || isPassing(nodes[at]); cut = kept(nodes[at].op)) {
        if (cut) [low, high] = [Math.max(low, cut[0]), Math.min(high, cut[1])];
        if (nodes[at].op.kind !== 'activation' && !isPassing(nodes[at])) break;
        at = nodes[at].inputs[0];
      }
      width = high - low < OPEN_END ? high - low : undefined;
    }
    if (width === undefined || width <= 0) return [];
    let stretch = 1;
    for (let slope = largestSlope(nodes[at].op); slope !== undefined || isPassing(nodes[at]); slope = largestSlope(nodes[at].op)) {
      stretch *= slope ?? 1;
      at = nodes[at].inputs[0];
    }
    const list = gainAt(nodes, at);
    const steep = list.filter((gain) => (stretch * gain) / 255 >= width).length;
    return 2 * steep >= list.length ? [name] : [];
  });
}
