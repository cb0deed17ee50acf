/** Readers of layers that take several inputs. */
import type { Reader, Step } from './layer-reading';
import { PRODUCT_NEEDS, productShape } from './product';

const add: Reader = (config, shapes) => {
  if (shapes.length < 2) config.refuse('needs at least two inputs');
  if (shapes.some((s) => s.join() !== shapes[0].join()))
    config.refuse(`inputs must have one shape, got ${shapes.map((s) => `[${s}]`).join(', ')}`);
  return { steps: [{ op: { kind: 'add' }, shape: shapes[0] }], params: 0 };
};

/** Of two inputs; a vector [channels] is stretched over an image as a gate [1, 1, channels] is. */
const multiply: Reader = (config, shapes) => {
  if (shapes.length !== 2) config.refuse(`takes two inputs, got ${shapes.length}; multiply in pairs`);
  const vector = shapes.findIndex((s, i) => s.length === 1 && shapes[1 - i].length === 3);
  const gate = [1, 1, ...(shapes[vector] ?? [])];
  const [a, b] = shapes.map((s, i) => (i === vector ? gate : s));
  const shape = productShape(a, b);
  if (!shape) return config.refuse(`multiplies [${shapes[0]}] and [${shapes[1]}]; ${PRODUCT_NEEDS}`);
  const product: Step = { op: { kind: 'multiply' }, shape };
  if (vector < 0) return { steps: [product], params: 0 };
  const stretched: Step = { op: { kind: 'reshape' }, shape: gate, reads: [vector] };
  return { steps: [stretched, { ...product, reads: [1 - vector, 'before'] }], params: 0 };
};

const concat: Reader = (config, shapes) => {
  const rank = shapes[0].length;
  const axis = config.number('axis', -1);
  if (axis !== -1 && axis !== rank) config.refuse('axis must be the last one');
  const head = (s: number[]) => s.slice(0, -1).join();
  if (shapes.length < 2 || shapes.some((s) => s.length !== rank || head(s) !== head(shapes[0]))) {
    config.refuse(`inputs must agree in all but the last size, got ${shapes.map((s) => `[${s}]`).join(', ')}`);
  }
  const last = shapes.reduce((n, s) => n + s[rank - 1], 0);
  return { steps: [{ op: { kind: 'concat' }, shape: [...shapes[0].slice(0, -1), last] }], params: 0 };
};

export const JOIN_READERS: Record<string, Reader> = { Add: add, Multiply: multiply, Concatenate: concat };
