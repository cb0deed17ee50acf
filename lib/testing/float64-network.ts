/**
 * The slow twin of model/network.ts: one image through a graph by plain loops in float64, forward only. Central
 * differences of it are exact to about 1e-9, so gradients in float32 can be held to float32's own rounding.
 */
import { type Activation, FORMULAS } from '../engine/kernels/activation';
import type { GraphNode, ModelGraph } from '../model/graph';

interface Value {
  shape: readonly number[];
  data: Float64Array;
}
const size = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

/** Visits every (output cell, window cell) pair that lies inside the image. */
function overWindow(
  input: readonly number[],
  output: readonly number[],
  { window, strides, pads, dilations = [1, 1] }: WindowGeometry,
  visit: (out: number, cell: number, tap: number) => void,
): void {
  for (let oy = 0; oy < output[0]; oy++) {
    for (let ox = 0; ox < output[1]; ox++) {
      for (let ky = 0; ky < window[0]; ky++) {
        const y = oy * strides[0] + ky * dilations[0] - pads[0];
        if (y < 0 || y >= input[0]) continue;
        for (let kx = 0; kx < window[1]; kx++) {
          const x = ox * strides[1] + kx * dilations[1] - pads[2];
          if (x >= 0 && x < input[1]) visit(oy * output[1] + ox, y * input[1] + x, ky * window[1] + kx);
        }
      }
    }
  }
}
interface WindowGeometry {
  window: readonly number[];
  strides: readonly number[];
  pads: readonly number[];
  dilations?: readonly number[];
}

function pool(x: Value, shape: readonly number[], geometry: WindowGeometry, kind: 'maxPool' | 'avgPool'): Float64Array {
  const channels = shape[2];
  const out = new Float64Array(size(shape)).fill(kind === 'maxPool' ? -Infinity : 0);
  const counts = new Float64Array(shape[0] * shape[1]);
  overWindow(x.shape, shape, geometry, (o, cell) => {
    counts[o]++;
    for (let c = 0; c < channels; c++) {
      const v = x.data[cell * channels + c];
      const at = o * channels + c;
      out[at] = kind === 'maxPool' ? Math.max(out[at], v) : out[at] + v;
    }
  });
  return kind === 'maxPool' ? out : out.map((v, i) => v / counts[Math.floor(i / channels)]);
}

function compute({ op, shape }: GraphNode, inputs: Value[], image: ArrayLike<number>): Float64Array {
  const out = new Float64Array(size(shape));
  const [x] = inputs;
  switch (op.kind) {
    case 'input':
      return Float64Array.from(image);
    case 'conv': {
      const [kh, kw, cin, cout] = op.kernel.shape;
      const w = Float64Array.from(op.kernel.values);
      overWindow(x.shape, shape, { ...op, window: [kh, kw] }, (o, cell, tap) => {
        for (let i = 0; i < cin; i++) {
          const v = x.data[cell * cin + i];
          if (v === 0) continue; // half of them, after a ReLU
          const from = (tap * cin + i) * cout;
          for (let c = 0; c < cout; c++) out[o * cout + c] += v * w[from + c];
        }
      });
      return finish(out, op);
    }
    case 'depthwise': {
      const [kh, kw, cin, multiplier] = op.kernel.shape;
      overWindow(x.shape, shape, { ...op, window: [kh, kw] }, (o, cell, tap) => {
        for (let k = 0; k < cin * multiplier; k++) {
          const v = x.data[cell * cin + Math.floor(k / multiplier)];
          out[o * cin * multiplier + k] += v * op.kernel.values[tap * cin * multiplier + k];
        }
      });
      return finish(out, op);
    }
    case 'dense': {
      const [cin, cout] = op.kernel.shape;
      for (let i = 0; i < cin; i++) for (let c = 0; c < cout; c++) out[c] += x.data[i] * op.kernel.values[i * cout + c];
      return finish(out, op);
    }
    case 'affine': {
      const n = op.scale.length;
      x.data.forEach((v, i) => {
        out[i] = v * op.scale[i % n];
      });
      return finish(out, { bias: op.shift, relu: op.relu });
    }
    case 'activation': {
      const { name, alpha = 0, beta = 0 }: Activation = op.activation;
      const value = FORMULAS[name].value as (v: number, a: number, b: number) => number;
      return x.data.map((v) => value(v, alpha, beta));
    }
    case 'prelu':
      return x.data.map((v, i) => (v > 0 ? v : op.alpha[i % op.alpha.length] * v));
    case 'maxPool':
    case 'avgPool':
      return pool(x, shape, op, op.kind);
    case 'add':
      for (const input of inputs) for (let i = 0; i < out.length; i++) out[i] += input.data[i];
      return out;
    case 'multiply':
      return out.map((_, i) => inputs.reduce((product, input) => product * input.data[stretched(input.shape, shape, i)], 1));
    case 'concat': {
      const total = shape[shape.length - 1];
      let at = 0;
      for (const input of inputs) {
        const n = input.shape[input.shape.length - 1];
        for (let i = 0; i < input.data.length; i++) out[Math.floor(i / n) * total + at + (i % n)] = input.data[i];
        at += n;
      }
      return out;
    }
    case 'pad': {
      const [h, w, c] = x.shape;
      for (let y = 0; y < h; y++) {
        for (let i = 0; i < w * c; i++) out[((y + op.pads[0]) * shape[1] + op.pads[2]) * c + i] = x.data[y * w * c + i];
      }
      return out;
    }
    case 'reshape':
      return x.data;
  }
}

/** Where the value for place i of a larger shape lies in a smaller one, whose sizes of 1 are repeated. */
function stretched(own: readonly number[], whole: readonly number[], i: number): number {
  let [at, stride, rest] = [0, 1, i];
  for (let axis = whole.length - 1; axis >= 0; axis--) {
    at += own[axis] === 1 ? 0 : (rest % whole[axis]) * stride;
    stride *= own[axis];
    rest = Math.floor(rest / whole[axis]);
  }
  return at;
}

/** Bias and ReLU over the last axis. */
function finish(out: Float64Array, { bias, relu }: { bias?: Float32Array; relu: boolean }): Float64Array {
  for (let i = 0; i < out.length; i++) {
    if (bias) out[i] += bias[i % bias.length];
    if (relu && out[i] < 0) out[i] = 0;
  }
  return out;
}

/** The graph's output for one image (flat NHWC). */
export function forward64(graph: ModelGraph, image: ArrayLike<number>): Float64Array {
  const values: Value[] = [];
  for (const node of graph.nodes) {
    const data = compute(
      node,
      node.inputs.map((i) => values[i]),
      image,
    );
    values.push({ shape: node.shape, data });
  }
  return values[graph.output].data;
}

const inner = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
};

/** (L(x + hv) − L(x − hv)) / 2h of L = ⟨weights, output⟩. */
export function slopeAlong(
  graph: ModelGraph,
  image: ArrayLike<number>,
  direction: ArrayLike<number>,
  weights: ArrayLike<number>,
  h = 1e-6,
): number {
  const loss = (step: number) =>
    inner(
      weights,
      forward64(
        graph,
        Float64Array.from(image, (v, i) => v + step * direction[i]),
      ),
    );
  return (loss(h) - loss(-h)) / (2 * h);
}

/** dL/dx of L = ⟨weights, output⟩, every entry by a central difference. */
export function gradient64(graph: ModelGraph, image: ArrayLike<number>, weights: ArrayLike<number>): Float64Array {
  return Float64Array.from(image, (_, i) => {
    const unit = new Float64Array(image.length);
    unit[i] = 1;
    return slopeAlong(graph, image, unit, weights);
  });
}
