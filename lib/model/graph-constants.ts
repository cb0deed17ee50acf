/** Arithmetic of constants, as far as a frozen graph leaves some: in float64, rounded once to float32. */
import { type Constant, elements } from './graph';
import type { NodeReader } from './graph-node';

export const UNARY: Record<string, (a: number) => number> = {
  Sqrt: Math.sqrt,
  Rsqrt: (a) => 1 / Math.sqrt(a),
  Square: (a) => a * a,
  Neg: (a) => -a,
};

export const BINARY: Record<string, (a: number, b: number) => number> = {
  Add: (a, b) => a + b,
  AddV2: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  RealDiv: (a, b) => a / b,
  Maximum: Math.max,
  Minimum: Math.min,
  Pow: (a, b) => a ** b,
};

function finite(node: NodeReader, constant: Constant): Constant {
  if (!constant.values.every(Number.isFinite)) node.refuse('its result must hold finite numbers only');
  return constant;
}

export function unary(node: NodeReader, a: Constant): Constant {
  node.draft.ledger.compute(a.values.length);
  return finite(node, { shape: a.shape, values: a.values.map(UNARY[node.op]) });
}

/** The shape that both are stretched to, sizes of 1 repeated; aligned at the last axis. */
function common(node: NodeReader, a: Constant, b: Constant): number[] {
  const rank = Math.max(a.shape.length, b.shape.length);
  const at = ({ shape }: Constant, i: number) => shape[shape.length - rank + i] ?? 1;
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [at(a, i), at(b, i)];
    if (m !== n && m !== 1 && n !== 1) node.refuse(`[${a.shape}] and [${b.shape}] do not fit together`);
    return Math.max(m, n);
  });
}

export function binary(node: NodeReader, a: Constant, b: Constant): Constant {
  const shape = common(node, a, b);
  const count = elements(shape);
  node.draft.ledger.compute(count);
  const [placeA, placeB] = [placesOf(a, shape), placesOf(b, shape)];
  const values = new Float32Array(count).map((_, i) => BINARY[node.op](a.values[placeA(i)], b.values[placeB(i)]));
  return finite(node, { shape, values });
}

/** Where a constant's value for the i-th place of a larger shape lies. */
function placesOf({ shape, values }: Constant, whole: readonly number[]): (i: number) => number {
  if (values.length === 1) return () => 0;
  if (values.length === elements(whole)) return (i) => i;
  return (i) => {
    let [at, stride, rest] = [0, 1, i];
    for (let k = 1; k <= whole.length; k++) {
      const size = whole[whole.length - k];
      const own = shape[shape.length - k] ?? 1;
      if (own > 1) at += (rest % size) * stride;
      stride *= own;
      rest = Math.floor(rest / size);
    }
    return at;
  };
}
