/** Readers of activations, batch norms and arithmetic, where one side is a constant or both depend on the image. */
import { type Activation, OPEN_END } from '../engine/kernels/activation';
import type { Constant, Operation } from './graph';
import { BINARY, binary, UNARY, unary } from './graph-constants';
import { channelsLast } from './graph-kernels';
import type { NodeReader, OpReader, Value } from './graph-node';
import { PRODUCT_NEEDS, productShape } from './product';

const activation =
  (read: (node: NodeReader) => Activation): OpReader =>
  (node) => {
    node.arity(1);
    return node.activation(read(node));
  };

const batchNorm: OpReader = (node) => {
  node.arity(5);
  channelsLast(node);
  if (node.attributes.flag('is_training')) node.refuse('is_training must be false');
  const epsilon = node.attributes.float('epsilon') ?? node.refuse('epsilon is missing');
  const channels = node.image(0)[2];
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => node.perChannel(i, channels));
  if (variance.values.some((v) => !(v + epsilon > 0))) node.refuse('variance + epsilon must be positive');
  node.parameters(gamma, beta);
  const factor = (c: number) => gamma.values[c] / Math.sqrt(variance.values[c] + epsilon);
  const from = node.tensor(0);
  return node.append(
    [from],
    node.affine(from, factor, (c) => beta.values[c] - mean.values[c] * factor(c)),
  );
};

/** The constant's value for each channel of a tensor: it is one number, or one a channel. */
function spread(node: NodeReader, { shape, values }: Constant, tensor: number): (c: number) => number {
  const of = node.draft.nodes[tensor].shape;
  if (values.length === 1 && shape.length <= of.length + 1) return () => values[0];
  const channels = of[of.length - 1];
  const good = values.length === channels && shape[shape.length - 1] === channels && shape.length <= of.length + 1;
  if (!good) node.refuse(`its constant has shape [${shape}]; one number, or one for each of the ${channels} channels, is needed`);
  return (c) => values[c];
}

const one = () => 1;
const zero = () => 0;
const minusOne = () => -1;

/** A constant added to a convolution or dense layer that has no bias yet is its bias. */
function shifted(node: NodeReader, tensor: number, constant: Constant): Value {
  const { op, inputs, shape } = node.draft.nodes[tensor];
  const shift = spread(node, constant, tensor);
  const whole = constant.shape[constant.shape.length - 1] === shape[shape.length - 1];
  if (whole) node.parameters(constant);
  if (whole && 'kernel' in op && !op.bias && !op.relu) {
    return node.append(inputs, { op: { ...op, bias: constant.values } as Operation, shape });
  }
  return node.append([tensor], node.affine(tensor, one, shift));
}

/** One tensor and one constant. */
function mixed(node: NodeReader, tensor: number, constant: Constant, constantFirst: boolean): Value {
  if (node.op === 'Add' || node.op === 'AddV2') return shifted(node, tensor, constant);
  const value = spread(node, constant, tensor);
  if (constant.values.length > 1) node.parameters(constant);
  const affine = (scale: (c: number) => number, shift: (c: number) => number) => node.append([tensor], node.affine(tensor, scale, shift));
  switch (node.op) {
    case 'Sub':
      return constantFirst ? affine(minusOne, value) : affine(one, (c) => -value(c));
    case 'Mul':
      return affine(value, zero);
    case 'RealDiv':
      if (constantFirst) node.refuse('divides by what depends on the image; only division by a constant is supported');
      return affine((c) => 1 / value(c), zero);
    case 'Maximum':
      return clipped(node, tensor, number(node, constant), OPEN_END);
    case 'Minimum':
      return clipped(node, tensor, -OPEN_END, number(node, constant));
    default:
      return power(node, tensor, constantFirst ? undefined : number(node, constant));
  }
}

function number(node: NodeReader, { shape, values }: Constant): number {
  if (values.length !== 1) node.refuse(`its constant has shape [${shape}]; one number is needed`);
  return values[0];
}

function clipped(node: NodeReader, tensor: number, low: number, high: number): Value {
  if (!(Math.abs(low) <= OPEN_END && Math.abs(high) <= OPEN_END && low <= high))
    node.refuse(`its ends must be numbers, the lower one first, got ${low} and ${high}`);
  return node.activation({ name: 'clip', alpha: low, beta: high }, tensor);
}

function power(node: NodeReader, tensor: number, exponent: number | undefined): Value {
  const { shape } = node.draft.nodes[tensor];
  const times = (a: number): Value => node.append([a, tensor], { op: { kind: 'multiply' }, shape });
  if (exponent === 2) return times(tensor);
  if (exponent === 3) return times(node.push({ op: { kind: 'multiply' }, shape }, [tensor, tensor], true));
  return node.refuse('raises to the power 2 or 3 only; the exponent must be a constant');
}

/** Of one shape, or an image and its gate. */
function product(node: NodeReader, a: number, b: number): Value {
  const shapes = [a, b].map((t) => node.draft.nodes[t].shape);
  const shape = productShape(shapes[0], shapes[1]);
  if (!shape) return node.refuse(`multiplies [${shapes[0]}] and [${shapes[1]}]; ${PRODUCT_NEEDS}`);
  return node.append([a, b], { op: { kind: 'multiply' }, shape });
}

function sum(node: NodeReader, tensors: number[]): Value {
  const shapes = tensors.map((t) => node.draft.nodes[t].shape);
  if (shapes.some((s) => s.join() !== shapes[0].join()))
    node.refuse(`inputs must have one shape, got ${shapes.map((s) => `[${s}]`).join(', ')}`);
  return node.append(tensors, { op: { kind: 'add' }, shape: shapes[0] });
}

/** x·sigmoid(x) and x·(a·relu6(x + 3)). */
function gated(node: NodeReader, x: number, gate: number): Value | undefined {
  const { nodes } = node.draft;
  const { op, inputs } = nodes[gate];
  if (op.kind === 'activation' && op.activation.name === 'sigmoid' && inputs[0] === x) return node.activation({ name: 'swish' }, x);
  const outer = op.kind === 'affine' && !op.relu ? op : undefined;
  const clip = outer ? nodes[inputs[0]] : nodes[gate];
  if (clip.op.kind !== 'activation' || clip.op.activation.name !== 'relu6') return undefined;
  const inner = nodes[clip.inputs[0]];
  const byThree =
    inner.op.kind === 'affine' && inner.inputs[0] === x && inner.op.scale.every((s) => s === 1) && inner.op.shift.every((s) => s === 3);
  if (!byThree || outer?.shift.some((s) => s !== 0)) return undefined;
  const hardSwish = { op: { kind: 'activation', activation: { name: 'hardSwish' } }, shape: nodes[x].shape } as const;
  return node.append(
    [x],
    hardSwish,
    node.affine(x, (c) => 6 * (outer ? outer.scale[c] : 1), zero),
  );
}

const arithmetic: OpReader = (node) => {
  node.arity(2);
  const [a, b] = node.inputs;
  if (a.kind === 'floats' && b.kind === 'floats') return { kind: 'floats', constant: binary(node, a.constant, b.constant) };
  if (a.kind === 'tensor' && b.kind === 'floats') return mixed(node, node.tensor(0), b.constant, false);
  if (a.kind === 'floats' && b.kind === 'tensor') return mixed(node, node.tensor(1), a.constant, true);
  const [x, y] = [node.tensor(0), node.tensor(1)];
  switch (node.op) {
    case 'Add':
    case 'AddV2':
      return sum(node, [x, y]);
    case 'Sub':
      return sum(node, [x, node.push(node.affine(y, minusOne, zero), [y], true)]);
    case 'Mul':
      return gated(node, x, y) ?? gated(node, y, x) ?? product(node, x, y);
    default:
      return node.refuse('both inputs depend on the image; a constant is needed on one side');
  }
};

const biasAdd: OpReader = (node) => {
  node.arity(2);
  channelsLast(node);
  const shape = node.shape(0);
  return shifted(node, node.tensor(0), node.perChannel(1, shape[shape.length - 1]));
};

const addN: OpReader = (node) => {
  node.arity(1, 64);
  return sum(
    node,
    node.inputs.map((_, i) => node.tensor(i)),
  );
};

const clip: OpReader = (node) => {
  node.arity(3);
  return clipped(node, node.tensor(0), number(node, node.floats(1)), number(node, node.floats(2)));
};

const prelu: OpReader = (node) => {
  node.arity(2);
  return node.append([node.tensor(0)], node.prelu(node.floats(1), node.shape(0)));
};

/** Of constants; of what depends on the image, the two that a frozen PReLU and GELU hold. */
const single: OpReader = (node) => {
  node.arity(1);
  if (node.inputs[0].kind === 'floats') return { kind: 'floats', constant: unary(node, node.floats(0)) };
  const x = node.tensor(0);
  if (node.op === 'Square') return power(node, x, 2);
  if (node.op === 'Neg') return node.append([x], node.affine(x, minusOne, zero));
  return node.refuse('takes constants only');
};

const softmax: OpReader = (node) => {
  node.arity(1);
  if (node.shape(0).length !== 1) node.refuse(`needs a vector as input, got [${node.shape(0)}]`);
  return { kind: 'tensor', node: node.tensor(0), softmax: node.name };
};

export const ELEMENTWISE_OPS: Record<string, OpReader> = {
  Relu: activation(() => ({ name: 'relu' })),
  Relu6: activation(() => ({ name: 'relu6' })),
  LeakyRelu: activation((node) => ({ name: 'leakyRelu', alpha: node.attributes.float('alpha') ?? 0.2 })),
  Elu: activation(() => ({ name: 'elu', alpha: 1 })),
  Selu: activation(() => ({ name: 'selu' })),
  Sigmoid: activation(() => ({ name: 'sigmoid' })),
  Tanh: activation(() => ({ name: 'tanh' })),
  Erf: activation(() => ({ name: 'erf' })),
  Softplus: activation(() => ({ name: 'softplus' })),
  Softsign: activation(() => ({ name: 'softsign' })),
  ClipByValue: clip,
  Prelu: prelu,
  Softmax: softmax,
  FusedBatchNorm: batchNorm,
  FusedBatchNormV2: batchNorm,
  FusedBatchNormV3: batchNorm,
  BiasAdd: biasAdd,
  AddN: addN,
  ...Object.fromEntries(Object.keys(BINARY).map((op) => [op, arithmetic])),
  ...Object.fromEntries(Object.keys(UNARY).map((op) => [op, single])),
};
