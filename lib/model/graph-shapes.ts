/** Readers of pools, paddings, joins and of what moves shapes about, the converter's computed shapes among them. */
import { elements, type Pads } from './graph';
import { windowOf } from './graph-kernels';
import type { NodeReader, OpReader, Size, Value } from './graph-node';

const pool =
  (kind: 'maxPool' | 'avgPool'): OpReader =>
  (node) => {
    node.arity(1);
    const [h, w, channels] = node.image(0);
    const { window, strides, pads, outH, outW } = windowOf(node, [h, w]);
    return node.append([node.tensor(0)], { op: { kind, window, strides, pads }, shape: [outH, outW, channels] });
  };

/** Over height and width, the batch being axis 0. */
const globalPool =
  (kind: 'maxPool' | 'avgPool'): OpReader =>
  (node) => {
    node.arity(2);
    const [h, w, channels] = node.image(0);
    const axes = node.integers(1).map((a) => (a < 0 ? a + 4 : a));
    if ([...axes].sort().join() !== '1,2') node.refuse(`axes must be height and width [1,2], got [${node.integers(1)}]`);
    const step = { op: { kind, window: [h, w], strides: [h, w], pads: [0, 0, 0, 0] }, shape: [1, 1, channels] } as const;
    const pooled = { ...step, shape: [...step.shape] };
    const keep = node.attributes.flag('keep_dims') ?? false;
    return keep
      ? node.append([node.tensor(0)], pooled)
      : node.append([node.tensor(0)], pooled, { op: { kind: 'reshape' }, shape: [channels] });
  };

const pad: OpReader = (node) => {
  node.arity(2, 3);
  if (node.inputs.length === 3 && node.floats(2).values.some((v) => v !== 0)) node.refuse('pads with zeros only');
  const [h, w, c] = node.image(0);
  const { shape } = node.sizes(1);
  const list = node.integers(1);
  const [n0, n1, top, bottom, left, right, c0, c1] = list;
  const good = shape.join() === '4,2' && [n0, n1, c0, c1].every((n) => n === 0) && list.every((n) => n >= 0 && n <= 1024);
  if (!good) node.refuse(`paddings must be [[0,0],[top,bottom],[left,right],[0,0]], got [${list}]`);
  const pads: Pads = [top, bottom, left, right];
  return node.append([node.tensor(0)], { op: { kind: 'pad', pads }, shape: [h + top + bottom, w + left + right, c] });
};

function joinedSizes(node: NodeReader, count: number): Value {
  if (node.integers(count).join() !== '0') node.refuse('joins shapes along axis 0 only');
  const values = Array.from({ length: count }, (_, i) => node.sizes(i)).flatMap((s) => s.values);
  return vector(node, values);
}

const concat: OpReader = (node) => {
  node.arity(2, 65);
  const count = node.inputs.length - 1;
  if (node.inputs[0].kind === 'integers') return joinedSizes(node, count);
  const tensors = Array.from({ length: count }, (_, i) => node.tensor(i));
  const shapes = tensors.map((_, i) => node.shape(i));
  const rank = shapes[0].length;
  const [axis, ...more] = node.integers(count);
  if (more.length || (axis !== -1 && axis !== rank)) node.refuse(`axis must be the last one, got [${[axis, ...more]}]`);
  const head = (s: number[]) => s.slice(0, -1).join();
  if (shapes.some((s) => s.length !== rank || head(s) !== head(shapes[0])))
    node.refuse(`inputs must agree in all but the last size, got ${shapes.map((s) => `[${s}]`).join(', ')}`);
  if (count === 1) return node.inputs[0];
  const last = shapes.reduce((n, s) => n + s[rank - 1], 0);
  return node.append(tensors, { op: { kind: 'concat' }, shape: [...shapes[0].slice(0, -1), last] });
};

/** Sizes without the batch, from a target that must keep the images apart. */
function target(node: NodeReader, sizes: readonly Size[], shape: readonly number[]): number[] {
  const [first, ...rest] = sizes;
  const said = `[${sizes.map((n) => n ?? 'images')}]`;
  if (rest.length === 0 || rest.length > 4 || rest.some((n) => n === null || (n !== -1 && n < 1)))
    node.refuse(`the new shape must be the batch and one to four sizes of at least 1, got ${said}`);
  const list = rest as number[];
  const open = list.indexOf(-1);
  const known = list.filter((n) => n !== -1);
  const batch = first === null || (first === -1 && open < 0) || (first === 1 && node.draft.single);
  if (!batch) node.refuse(`the new shape must leave the batch as it is, got ${said}`);
  if (list.length - known.length > 1) node.refuse(`the new shape must have at most one open size, got ${said}`);
  if (open >= 0) list[open] = elements(shape) / elements(known);
  if (elements(list) !== elements(shape) || !list.every(Number.isInteger)) node.refuse(`[${shape}] cannot be reshaped to ${said}`);
  return list;
}

const reshape: OpReader = (node) => {
  node.arity(2);
  const sizes = node.sizes(1);
  if (sizes.shape.length !== 1) node.refuse(`its new shape must be a list, got one of shape [${sizes.shape}]`);
  const [value] = node.inputs;
  if (value.kind === 'floats') {
    const shape = node.integers(1);
    const { values } = value.constant;
    const open = shape.map((n) => (n === -1 ? values.length / elements(shape.filter((m) => m !== -1)) : n));
    if (open.some((n) => !Number.isInteger(n) || n < 1) || elements(open) !== values.length)
      node.refuse(`[${value.constant.shape}] cannot be reshaped to [${shape}]`);
    return { kind: 'floats', constant: { shape: open, values } };
  }
  const shape = node.shape(0);
  return node.append([node.tensor(0)], { op: { kind: 'reshape' }, shape: target(node, [...sizes.values], shape) });
};

const squeeze: OpReader = (node) => {
  node.arity(1);
  const shape = node.shape(0);
  const given = node.attributes.ints('squeeze_dims') ?? node.attributes.ints('axis') ?? [];
  const axes = given.length ? given.map((a) => (a < 0 ? a + shape.length + 1 : a)) : shape.flatMap((n, i) => (n === 1 ? [i + 1] : []));
  if (axes.some((a) => a < 1 || shape[a - 1] !== 1)) node.refuse(`axes [${given}] must be sizes of 1 among [images,${shape}]`);
  const left = shape.filter((_, i) => !axes.includes(i + 1));
  if (left.length === 0) node.refuse('must leave at least one size');
  return node.append([node.tensor(0)], { op: { kind: 'reshape' }, shape: left });
};

const expandDims: OpReader = (node) => {
  node.arity(2);
  const shape = node.shape(0);
  const [axis, ...more] = node.integers(1);
  const at = axis < 0 ? axis + shape.length + 2 : axis;
  if (more.length || !(at >= 1 && at <= shape.length + 1) || shape.length > 3)
    node.refuse(`axis must be a place behind the images of [images,${shape}], got [${node.integers(1)}]`);
  return node.append([node.tensor(0)], { op: { kind: 'reshape' }, shape: shape.toSpliced(at - 1, 0, 1) });
};

const shapeOf: OpReader = (node) => {
  node.arity(1);
  return vector(node, [null, ...node.shape(0)]);
};

function vector(node: NodeReader, values: Size[]): Value {
  if (values.length > 64) node.refuse('makes a shape of more than 64 sizes');
  return { kind: 'integers', shape: [values.length], values };
}

/** Of a shape: one size, or a run of them. */
const stridedSlice: OpReader = (node) => {
  node.arity(4);
  const { shape, values } = node.sizes(0);
  const [begin, end, step] = [1, 2, 3].map((i) => node.integers(i));
  const mask = (key: string) => node.attributes.int(key) ?? 0;
  const plain = shape.length === 1 && [begin, end, step].every((l) => l.length === 1) && step[0] === 1;
  if (!plain || mask('new_axis_mask') !== 0 || mask('ellipsis_mask') !== 0) node.refuse('slices the list of a shape with step 1 only');
  const from = mask('begin_mask') & 1 ? 0 : begin[0];
  if (mask('shrink_axis_mask') & 1) {
    const size = values.at(from);
    if (size === undefined) node.refuse(`reads size ${from} of a shape that has ${values.length}`);
    return { kind: 'integers', shape: [], values: [size as Size] };
  }
  const part = values.slice(from, mask('end_mask') & 1 ? undefined : end[0]);
  if (part.length === 0) node.refuse('its slice is empty');
  return vector(node, part);
};

const pack: OpReader = (node) => {
  node.arity(1, 64);
  if ((node.attributes.int('axis') ?? 0) !== 0) node.refuse('axis must be 0');
  const sizes = node.inputs.map((_, i) => node.sizes(i));
  if (sizes.some((s) => s.shape.length > 0)) node.refuse('packs single sizes only');
  return vector(
    node,
    sizes.flatMap((s) => s.values),
  );
};

const identity: OpReader = (node) => {
  node.arity(1);
  return node.inputs[0];
};

export const SHAPE_OPS: Record<string, OpReader> = {
  MaxPool: pool('maxPool'),
  AvgPool: pool('avgPool'),
  Mean: globalPool('avgPool'),
  Max: globalPool('maxPool'),
  Pad: pad,
  PadV2: pad,
  ConcatV2: concat,
  Reshape: reshape,
  Squeeze: squeeze,
  ExpandDims: expandDims,
  Shape: shapeOf,
  StridedSlice: stridedSlice,
  Pack: pack,
  Identity: identity,
};
