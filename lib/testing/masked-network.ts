/** A network whose gradients say nothing although it is no more robust than a linear one: its logits are rounded. */
import type { ModelGraph } from '../model/graph';

const STEP = 0.5;
/** Thresholds on both sides of 0. */
const STEPS = 24;
const STEEP = 1e5;
/** Of pairs, whose differences lose digits in float32. */
const STEEP_PAIR = 1e3;

/**
 * Logits Σ_k clip(10⁵·(w_c·x − t_k), 0, 1), t_k = −12 … 12 by 0.5: w·x rounded to halves, but for a constant. The slope is 0 nearly
 * everywhere. `rows`: w_c over the flat NHWC image. `inPairs`: each clip as relu(u) − relu(u − 1), and 10³ instead of 10⁵.
 */
export function roundedNetwork(inputShape: [number, number, number], rows: readonly ArrayLike<number>[], inPairs = false): ModelGraph {
  const size = rows[0].length;
  const thresholds = Array.from({ length: 2 * STEPS + 1 }, (_, k) => (k - STEPS) * STEP);
  const width = rows.length * thresholds.length;
  const kernel = new Float32Array(size * width);
  const bias = new Float32Array(width);
  const sum = new Float32Array(width * rows.length);
  for (let j = 0; j < width; j++) {
    const c = Math.floor(j / thresholds.length);
    for (let i = 0; i < size; i++) kernel[i * width + j] = rows[c][i];
    bias[j] = -thresholds[j % thresholds.length];
    sum[j * rows.length + c] = 1;
  }
  if (inPairs) return paired(inputShape, rows.length, { kernel, bias, sum });
  return {
    nodes: [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: inputShape },
      { name: 'flat', op: { kind: 'reshape' }, inputs: [0], shape: [size] },
      {
        name: 'above',
        op: { kind: 'dense', kernel: { shape: [size, width], values: kernel }, bias, relu: false },
        inputs: [1],
        shape: [width],
      },
      {
        name: 'steep',
        op: { kind: 'affine', scale: new Float32Array(width).fill(STEEP), shift: new Float32Array(width), relu: false },
        inputs: [2],
        shape: [width],
      },
      { name: 'steps', op: { kind: 'activation', activation: { name: 'clip', alpha: 0, beta: 1 } }, inputs: [3], shape: [width] },
      {
        name: 'logits',
        op: { kind: 'dense', kernel: { shape: [width, rows.length], values: sum }, relu: false },
        inputs: [4],
        shape: [rows.length],
      },
    ],
    output: 5,
    lastDense: 5,
    notes: [],
    layers: 5,
    params: 0,
  };
}

interface Weights {
  /** [pixels × width], [width] and [width × classes]. */
  kernel: Float32Array;
  bias: Float32Array;
  sum: Float32Array;
}

/** Of every unit u two ReLUs, of 10³·u and 10³·u − 1, and their difference. */
function paired(inputShape: [number, number, number], classes: number, { kernel, bias, sum }: Weights): ModelGraph {
  const width = bias.length;
  const size = kernel.length / width;
  const steep = Float32Array.from(
    { length: 2 * kernel.length },
    (_, k) => STEEP_PAIR * kernel[Math.floor(k / (2 * width)) * width + (k % width)],
  );
  const shifts = Float32Array.from({ length: 2 * width }, (_, j) => STEEP_PAIR * bias[j % width] - (j < width ? 0 : 1));
  const differences = Float32Array.from({ length: 2 * sum.length }, (_, k) => (k < sum.length ? sum[k] : -sum[k - sum.length]));
  return {
    nodes: [
      { name: 'input', op: { kind: 'input' }, inputs: [], shape: inputShape },
      { name: 'flat', op: { kind: 'reshape' }, inputs: [0], shape: [size] },
      {
        name: 'pairs',
        op: { kind: 'dense', kernel: { shape: [size, 2 * width], values: steep }, bias: shifts, relu: true },
        inputs: [1],
        shape: [2 * width],
      },
      {
        name: 'logits',
        op: { kind: 'dense', kernel: { shape: [2 * width, classes], values: differences }, relu: false },
        inputs: [2],
        shape: [classes],
      },
    ],
    output: 3,
    lastDense: 3,
    notes: [],
    layers: 3,
    params: 0,
  };
}
