/** Readers of activations, as layers of their own and inside others. */
import { type Activation, OPEN_END } from '../engine/kernels/activation';
import { type LayerConfig, plainWord } from './layer-config';
import type { Reader, Reading, Step } from './layer-reading';
import { repeatsAlong } from './product';

const ACTIVATIONS: Record<string, Activation | 'linear' | 'softmax'> = {
  linear: 'linear',
  softmax: 'softmax',
  relu: { name: 'relu' },
  relu6: { name: 'relu6' },
  leakyrelu: { name: 'leakyRelu', alpha: 0.2 },
  elu: { name: 'elu', alpha: 1 },
  selu: { name: 'selu' },
  sigmoid: { name: 'sigmoid' },
  hardsigmoid: { name: 'hardSigmoid' },
  tanh: { name: 'tanh' },
  softplus: { name: 'softplus' },
  softsign: { name: 'softsign' },
  swish: { name: 'swish' },
  silu: { name: 'swish' },
  gelu: { name: 'gelu' },
  gelunew: { name: 'geluTanh' },
};

export function withActivation(config: LayerConfig, steps: Step[], key = 'activation'): { steps: Step[]; softmax?: boolean } {
  const value = config.get(key) ?? 'linear';
  if (typeof value !== 'string') config.refuse(`${key} must be the name of an activation, got ${JSON.stringify(value)}`);
  const activation = Object.hasOwn(ACTIVATIONS, plainWord(value as string)) ? ACTIVATIONS[plainWord(value as string)] : undefined;
  if (activation === undefined)
    config.refuse(`activation ${JSON.stringify(value)} is not supported; known: ${Object.keys(ACTIVATIONS).join(', ')}`);
  if (activation === 'linear') return { steps };
  if (activation === 'softmax') return { steps, softmax: true };
  const { shape } = steps[steps.length - 1];
  return { steps: [...steps, { op: { kind: 'activation', activation: activation as Activation }, shape }] };
}

const single = (activation: Activation, shape: number[]): Reading => ({
  steps: [{ op: { kind: 'activation', activation }, shape }],
  params: 0,
});

const relu: Reader = (config, [shape]) => {
  if (config.number('threshold', 0) !== 0) config.refuse('threshold must be 0: the output would jump there');
  const slope = config.number('negative_slope', 0);
  const max = config.get('max_value') === undefined ? undefined : config.number('max_value');
  if (slope < 0 || (max !== undefined && max < 0)) config.refuse('negative_slope and max_value must be at least 0');
  if (max === 6 && slope === 0) return single({ name: 'relu6' }, shape);
  const { steps } = single(slope === 0 ? { name: 'relu' } : { name: 'leakyRelu', alpha: slope }, shape);
  if (max !== undefined) steps.push({ op: { kind: 'activation', activation: { name: 'clip', alpha: -OPEN_END, beta: max } }, shape });
  return { steps, params: 0 };
};

const prelu: Reader = (config, [shape], weight) => {
  const shared = config.numbers('shared_axes') ?? [];
  const alpha = shape.map((n, i) => (shared.includes(i + 1) ? 1 : n));
  if (shared.some((a) => !Number.isInteger(a) || a < 1 || a > shape.length) || !repeatsAlong(shape, alpha))
    config.refuse(`shared_axes must be the first ones, such as [1,2], or none, got [${shared}]`);
  const { values } = weight('alpha', alpha);
  return { steps: [{ op: { kind: 'prelu', alpha: values }, shape }], params: values.length };
};

const activation: Reader = (config, [shape]) => {
  const { steps, softmax } = withActivation(config, [{ op: { kind: 'reshape' }, shape }]);
  return { steps: steps.slice(1), softmax, params: 0 };
};

const softmax: Reader = () => ({ steps: [], softmax: true, params: 0 });

export const ACTIVATION_READERS: Record<string, Reader> = {
  Activation: activation,
  ReLU: relu,
  PReLU: prelu,
  Softmax: softmax,
  LeakyReLU: (c, [s]) => single({ name: 'leakyRelu', alpha: c.number('alpha', c.number('negative_slope', 0.3)) }, s),
  ELU: (c, [s]) => single({ name: 'elu', alpha: c.number('alpha', 1) }, s),
};
