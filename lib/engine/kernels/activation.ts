/**
 * The usual activations and their derivatives, each written once as a formula in JavaScript and once in WGSL, so that
 * every backend computes the same function whatever kernels tfjs ships for it.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { defineKernel } from '../own-kernel';

interface Formula {
  value: (x: number, alpha: number, beta: number) => number;
  /** Derivative at the input x. */
  slope: (x: number, alpha: number, beta: number) => number;
  wgsl: { value: string; slope: string };
}

const sigmoid = (x: number) => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));
const SELU_SCALE = 1.0507009873554805;
const SELU_ALPHA = 1.6732632423543772;
const GELU_C = 0.7978845608028654; // √(2/π)
const geluTanh = (x: number) => Math.tanh(GELU_C * (x + 0.044715 * x ** 3));

/** Error function, Abramowitz & Stegun 7.1.26 has only 1.5e-7; this is the series/continued-fraction pair to 1e-15. */
function erf(x: number): number {
  const a = Math.abs(x);
  if (a > 6) return Math.sign(x);
  if (a < 2.5) {
    let term = a;
    let sum = a;
    for (let n = 1; n < 60; n++) {
      term *= (-a * a) / n;
      sum += term / (2 * n + 1);
    }
    return Math.sign(x) * (2 / Math.sqrt(Math.PI)) * sum;
  }
  let fraction = 0;
  for (let k = 60; k > 0; k--) fraction = k / 2 / (a + fraction);
  return Math.sign(x) * (1 - Math.exp(-a * a) / (Math.sqrt(Math.PI) * (a + fraction)));
}

/**
 * x is the input, a and b the activation's parameters; derivatives at a kink take the value from the left (ReLU'(0) = 0), but
 * a clip passes them on at both ends, as TensorFlow's does: pixels that are exactly 0 or 1 keep their gradient.
 */
export const FORMULAS = {
  relu: {
    value: (x) => (x <= 0 ? 0 : x), // NaN passes
    slope: (x) => (x > 0 ? 1 : 0),
    wgsl: { value: 'max(x, 0.0)', slope: 'select(0.0, 1.0, x > 0.0)' },
  },
  relu6: {
    value: (x) => Math.min(Math.max(x, 0), 6),
    slope: (x) => (x > 0 && x < 6 ? 1 : 0),
    wgsl: { value: 'clamp(x, 0.0, 6.0)', slope: 'select(0.0, 1.0, x > 0.0 && x < 6.0)' },
  },
  leakyRelu: {
    value: (x, a) => (x > 0 ? x : a * x),
    slope: (x, a) => (x > 0 ? 1 : a),
    wgsl: { value: 'select(a * x, x, x > 0.0)', slope: 'select(a, 1.0, x > 0.0)' },
  },
  elu: {
    value: (x, a) => (x > 0 ? x : a * Math.expm1(x)),
    slope: (x, a) => (x > 0 ? 1 : a * Math.exp(x)),
    wgsl: { value: 'select(a * (exp(min(x, 0.0)) - 1.0), x, x > 0.0)', slope: 'select(a * exp(min(x, 0.0)), 1.0, x > 0.0)' },
  },
  selu: {
    value: (x) => SELU_SCALE * (x > 0 ? x : SELU_ALPHA * Math.expm1(x)),
    slope: (x) => SELU_SCALE * (x > 0 ? 1 : SELU_ALPHA * Math.exp(x)),
    wgsl: {
      value: `${SELU_SCALE} * select(${SELU_ALPHA} * (exp(min(x, 0.0)) - 1.0), x, x > 0.0)`,
      slope: `${SELU_SCALE} * select(${SELU_ALPHA} * exp(min(x, 0.0)), 1.0, x > 0.0)`,
    },
  },
  sigmoid: {
    value: sigmoid,
    slope: (x) => sigmoid(x) * sigmoid(-x),
    wgsl: { value: 'sx_sigmoid(x)', slope: 'sx_sigmoid(x) * sx_sigmoid(-x)' },
  },
  hardSigmoid: {
    value: (x) => Math.min(Math.max(0.2 * x + 0.5, 0), 1),
    slope: (x) => (x > -2.5 && x < 2.5 ? 0.2 : 0),
    wgsl: { value: 'clamp(0.2 * x + 0.5, 0.0, 1.0)', slope: 'select(0.0, 0.2, x > -2.5 && x < 2.5)' },
  },
  tanh: {
    value: Math.tanh,
    slope: (x) => 1 / Math.cosh(x) ** 2,
    wgsl: { value: 'sx_tanh(x)', slope: '1.0 - sx_tanh(x) * sx_tanh(x)' },
  },
  clip: {
    value: (x, a, b) => Math.min(Math.max(x, a), b),
    slope: (x, a, b) => (x >= a && x <= b ? 1 : 0),
    wgsl: { value: 'clamp(x, a, b)', slope: 'select(0.0, 1.0, x >= a && x <= b)' },
  },
  erf: {
    value: erf,
    slope: (x) => (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x),
    wgsl: { value: 'sx_erf(x)', slope: '1.12837917 * exp(-x * x)' },
  },
  softplus: {
    value: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    slope: sigmoid,
    wgsl: { value: 'max(x, 0.0) + log(1.0 + exp(-abs(x)))', slope: 'sx_sigmoid(x)' },
  },
  softsign: {
    value: (x) => x / (1 + Math.abs(x)),
    slope: (x) => 1 / (1 + Math.abs(x)) ** 2,
    wgsl: { value: 'x / (1.0 + abs(x))', slope: '1.0 / ((1.0 + abs(x)) * (1.0 + abs(x)))' },
  },
  swish: {
    value: (x) => x * sigmoid(x),
    slope: (x) => sigmoid(x) * (1 + x * sigmoid(-x)),
    wgsl: { value: 'x * sx_sigmoid(x)', slope: 'sx_sigmoid(x) * (1.0 + x * sx_sigmoid(-x))' },
  },
  hardSwish: {
    value: (x) => (x * Math.min(Math.max(x + 3, 0), 6)) / 6,
    slope: (x) => (x <= -3 ? 0 : x > 3 ? 1 : (2 * x + 3) / 6),
    wgsl: {
      value: 'x * clamp(x + 3.0, 0.0, 6.0) / 6.0',
      slope: 'select(select((2.0 * x + 3.0) / 6.0, 1.0, x > 3.0), 0.0, x <= -3.0)',
    },
  },
  gelu: {
    value: (x) => 0.5 * x * (1 + erf(x / Math.SQRT2)),
    slope: (x) => 0.5 * (1 + erf(x / Math.SQRT2)) + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI),
    wgsl: {
      value: '0.5 * x * (1.0 + sx_erf(x * 0.70710678))',
      slope: '0.5 * (1.0 + sx_erf(x * 0.70710678)) + x * exp(-0.5 * x * x) * 0.39894228',
    },
  },
  geluTanh: {
    value: (x) => 0.5 * x * (1 + geluTanh(x)),
    slope: (x) => {
      const t = geluTanh(x);
      return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * GELU_C * (1 + 3 * 0.044715 * x * x);
    },
    wgsl: {
      value: '0.5 * x * (1.0 + sx_gelu(x))',
      slope: '0.5 * (1.0 + sx_gelu(x)) + 0.5 * x * (1.0 - sx_gelu(x) * sx_gelu(x)) * 0.79788456 * (1.0 + 0.134145 * x * x)',
    },
  },
} as const satisfies Record<string, Formula>;

export type ActivationName = keyof typeof FORMULAS;
export interface Activation {
  name: ActivationName;
  /** Slope of leakyRelu for x < 0, scale of elu, lower end of clip; unused elsewhere. */
  alpha?: number;
  /** Upper end of clip. */
  beta?: number;
}
/** The largest float32: an end of a clip that is open. */
export const OPEN_END = 3.4028234663852886e38;

// exp overflows in WGSL's f32 where the limit is plain: tanh is clamped, sigmoid split by sign. Its min, max and clamp may
// drop a NaN, which is put back at the end, and its pow knows no negative base.
const functions = `
fn sx_sigmoid(x : f32) -> f32 { let e = exp(-abs(x)); return select(e / (1.0 + e), 1.0 / (1.0 + e), x >= 0.0); }
fn sx_tanh(x : f32) -> f32 { return tanh(clamp(x, -20.0, 20.0)); }
fn sx_gelu(x : f32) -> f32 { return sx_tanh(0.79788456 * (x + 0.044715 * x * x * x)); }
fn sx_erf(x : f32) -> f32 {
  let a = abs(x);
  let t = 1.0 / (1.0 + 0.3275911 * a);
  let p = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))));
  return sign(x) * (1.0 - p * exp(-a * a));
}`;

const parameters = ({ alpha = 0, beta = 0 }: Activation) => [
  { name: 'alpha', type: 'float32' as const, value: alpha },
  { name: 'beta', type: 'float32' as const, value: beta },
];

const runValue = defineKernel<Activation>({
  name: 'SimplexityActivation',
  inputs: ['x'],
  outputShape: ([x]) => x,
  loop([x], out, _, { name, alpha = 0, beta = 0 }) {
    const { value } = FORMULAS[name] as Formula;
    for (let i = 0; i < x.length; i++) out[i] = value(x[i], alpha, beta);
  },
  wgsl: {
    uniforms: (_, a) => parameters(a),
    variant: (a) => a.name,
    body: (act) => ({
      functions,
      main: `let a = uniforms.alpha; let b = uniforms.beta; let x = x[index]; setOutputAtIndex(index, select(${FORMULAS[act.name].wgsl.value}, x, isnan(x)));`,
    }),
  },
});

const runGrad = defineKernel<Activation>({
  name: 'SimplexityActivationGrad',
  inputs: ['dy', 'x'],
  outputShape: ([, x]) => x,
  loop([dy, x], out, _, { name, alpha = 0, beta = 0 }) {
    if (name === 'relu') {
      for (let i = 0; i < x.length; i++) out[i] = x[i] > 0 ? dy[i] : 0;
      return;
    }
    const { slope } = FORMULAS[name] as Formula;
    for (let i = 0; i < x.length; i++) out[i] = dy[i] * slope(x[i], alpha, beta);
  },
  wgsl: {
    uniforms: (_, a) => parameters(a),
    variant: (a) => a.name,
    body: (act) => ({
      functions,
      main: `let a = uniforms.alpha; let b = uniforms.beta; let x = x[index]; setOutputAtIndex(index, dy[index] * (${FORMULAS[act.name].wgsl.slope}));`,
    }),
  },
});

/** Activations whose derivative can be read off their output, so that the input need not be kept. */
export const slopeFromOutput = (a: Activation) => a.name === 'relu' || a.name === 'relu6';

export function activate(x: tf.Tensor, activation: Activation): tf.Tensor {
  return runValue([x], activation);
}

/** dy · f′(x), elementwise; for ReLU and ReLU6 x may be the output. */
export function activationGrad(dy: tf.Tensor, x: tf.Tensor, activation: Activation): tf.Tensor {
  return runGrad([dy, x], activation);
}
