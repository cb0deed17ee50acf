/** Readers of convolutions and matrix products, plain and fused with what follows them. */
import type { Activation } from '../engine/kernels/activation';
import type { Constant, Operation, Pads, Pair } from './graph';
import type { NodeReader, OpReader, Step } from './graph-node';
import { placeWindow } from './window';

/** Activations that may be fused; the grappler writes no others. */
const FUSED: Record<string, (node: NodeReader) => Activation> = {
  Relu: () => ({ name: 'relu' }),
  Relu6: () => ({ name: 'relu6' }),
  Elu: () => ({ name: 'elu', alpha: 1 }),
  LeakyRelu: (node) => ({ name: 'leakyRelu', alpha: node.attributes.float('leakyrelu_alpha') ?? 0.2 }),
  Sigmoid: () => ({ name: 'sigmoid' }),
  Tanh: () => ({ name: 'tanh' }),
};

export function channelsLast(node: NodeReader): void {
  const format = node.attributes.word('data_format') ?? 'NHWC';
  if (format !== 'NHWC') node.refuse(`data_format must be NHWC, got ${JSON.stringify(format)}`);
}

/** height and width of a list [1, height, width, 1]. */
function pair(node: NodeReader, key: string, fallback?: Pair): Pair {
  const list = node.attributes.ints(key);
  if (list === undefined && fallback) return fallback;
  const good = list?.length === 4 && list[0] === 1 && list[3] === 1 && list.every((n) => n >= 1 && n <= 65536);
  if (!good) node.refuse(`${key} must be [1, height, width, 1], each at least 1, got [${list ?? ''}]`);
  const [, height, width] = list as number[];
  return [height, width];
}

/** Geometry of a window whose size the node states (pools) or its kernel has. */
export function windowOf(node: NodeReader, size: Pair, kernel?: Pair) {
  channelsLast(node);
  const window = kernel ?? pair(node, 'ksize');
  const strides = pair(node, 'strides');
  const dilations = kernel ? pair(node, 'dilations', [1, 1]) : ([1, 1] as const);
  if (Math.max(...strides) > 1 && Math.max(...dilations) > 1) node.refuse('strides and dilations must not both be above 1');
  const padding = node.attributes.word('padding');
  const known = ['SAME', 'VALID', ...(kernel ? ['EXPLICIT'] : [])];
  if (padding === undefined || !known.includes(padding))
    node.refuse(`padding must be ${known.join(' or ')}, got ${JSON.stringify(padding)}`);
  const pads = padding === 'EXPLICIT' ? explicitPads(node) : padding === 'SAME' ? 'same' : 'valid';
  return { window, strides, dilations, ...placeWindow({ size, window, strides, dilations, padding: pads }, node.refuse) };
}

function explicitPads(node: NodeReader): Pads {
  const list = node.attributes.ints('explicit_paddings') ?? [];
  const [n0, n1, top, bottom, left, right, c0, c1] = list;
  const good = list.length === 8 && [n0, n1, c0, c1].every((n) => n === 0) && list.every((n) => n >= 0 && n <= 1024);
  if (!good) node.refuse(`explicit_paddings must be [0, 0, top, bottom, left, right, 0, 0], got [${list}]`);
  return [top, bottom, left, right];
}

/** Bias and activation of a fused node; its further inputs begin at the third. */
function fusedParts(node: NodeReader, channels: number): { bias?: Constant; activation?: Activation; alpha?: Constant } {
  if (!/Fused/.test(node.op)) {
    node.arity(2);
    return {};
  }
  const [first, second, ...more] = node.attributes.words('fused_ops') ?? [];
  const reader = second !== undefined && Object.hasOwn(FUSED, second) ? FUSED[second] : undefined;
  const learnt = second === 'Prelu';
  if (first !== 'BiasAdd' || more.length || (second !== undefined && !reader && !learnt)) {
    const got = [first, second, ...more].filter((w) => w !== undefined).join(', ');
    node.refuse(`fused_ops must be BiasAdd, then none or one of ${Object.keys(FUSED).join(', ')}, Prelu; got ${got || 'none'}`);
  }
  node.arity(learnt ? 4 : 3);
  if (learnt) return { bias: node.perChannel(2, channels), alpha: node.floats(3) };
  return { bias: node.perChannel(2, channels), activation: reader?.(node) };
}

function finished(node: NodeReader, op: Extract<Operation, { kernel: Constant }>, shape: number[], parts: ReturnType<typeof fusedParts>) {
  const { bias, activation, alpha } = parts;
  const steps: Step[] = [{ op: { ...op, bias: bias?.values }, shape }];
  if (activation) steps.push({ op: { kind: 'activation', activation }, shape });
  if (alpha) steps.push(node.prelu(alpha, shape));
  return node.append([node.tensor(0)], ...steps);
}

const convolution =
  (kind: 'conv' | 'depthwise'): OpReader =>
  (node) => {
    node.arity(2, 4);
    const [h, w, channels] = node.image(0);
    const kernel = node.floats(1);
    if (kernel.shape.length !== 4 || kernel.shape[2] !== channels)
      node.refuse(`its kernel has shape [${kernel.shape}], [height, width, ${channels}, …] expected; groups are not supported`);
    const [kh, kw, , last] = kernel.shape;
    const { strides, dilations, pads, outH, outW } = windowOf(node, [h, w], [kh, kw]);
    const out = kind === 'conv' ? last : channels * last;
    const parts = fusedParts(node, out);
    node.parameters(kernel, parts.bias);
    return finished(node, { kind, kernel, relu: false, strides, dilations, pads }, [outH, outW, out], parts);
  };

const matMul: OpReader = (node) => {
  node.arity(2, 4);
  const shape = node.shape(0);
  if (shape.length !== 1) node.refuse(`needs a vector as input, got [${shape}]`);
  if (node.attributes.flag('transpose_a')) node.refuse('transpose_a must be false');
  const stored = node.floats(1);
  if (stored.shape.length !== 2) node.refuse(`its matrix has shape [${stored.shape}]; two sizes are needed`);
  const turned = node.attributes.flag('transpose_b') ?? false;
  const [rows, units] = turned ? [stored.shape[1], stored.shape[0]] : stored.shape;
  if (rows !== shape[0]) node.refuse(`its matrix has shape [${stored.shape}]${turned ? ', transposed' : ''}; ${shape[0]} rows are needed`);
  const parts = fusedParts(node, units);
  node.parameters(stored, parts.bias); // before it is copied
  const kernel = turned ? node.draft.transposed(stored) : stored;
  return finished(node, { kind: 'dense', kernel, relu: false }, [units], parts);
};

export const KERNEL_OPS: Record<string, OpReader> = {
  Conv2D: convolution('conv'),
  _FusedConv2D: convolution('conv'),
  DepthwiseConv2dNative: convolution('depthwise'),
  FusedDepthwiseConv2dNative: convolution('depthwise'),
  MatMul: matMul,
  _FusedMatMul: matMul,
};
