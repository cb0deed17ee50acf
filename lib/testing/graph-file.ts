/**
 * Writes what the tfjs converter writes: model.json with a GraphDef as protobuf's JSON has it, and one weight shard, from
 * nodes in code with deterministic random weights.
 */
import { draw } from './draw';
import { jsonBytes, SHARD } from './keras-model';

type Attribute = Record<string, unknown>;
export const word = (text: string): Attribute => ({ s: btoa(text) });
export const words = (...texts: string[]): Attribute => ({ list: { s: texts.map((t) => btoa(t)) } });
export const ints = (...values: number[]): Attribute => ({ list: { i: values.map(String) } });
export const int = (value: number): Attribute => ({ i: String(value) });
export const float = (value: number): Attribute => ({ f: value });
export const flag = (value: boolean): Attribute => ({ b: value });
export const type = (name: string): Attribute => ({ type: name });
export const sizes = (shape: readonly number[]) => ({ dim: shape.map((n) => ({ size: String(n) })) });

export interface GraphNodeJson {
  name: string;
  op: string;
  input?: string[];
  attr?: Record<string, Attribute>;
}
interface WrittenConstant {
  name: string;
  shape: number[];
  dtype: string;
  quantization?: Record<string, unknown>;
}
export interface GraphJson {
  format: string;
  generatedBy: string;
  convertedBy: string;
  signature?: { inputs: Record<string, unknown>; outputs: Record<string, unknown> };
  userDefinedMetadata?: unknown;
  modelInitializer?: unknown;
  modelTopology: { node: GraphNodeJson[]; library: Record<string, unknown>; versions: { producer: number } };
  weightsManifest: { paths: string[]; weights: WrittenConstant[] }[];
}

/** Names of nodes go in and out; every node is called by its operation and number unless named. */
export class GraphFile {
  readonly nodes: GraphNodeJson[] = [];
  readonly constants: (WrittenConstant & { bytes: Uint8Array })[] = [];

  constructor(
    readonly input: readonly [number, number, number],
    images = -1,
  ) {
    this.nodes.push({ name: 'x', op: 'Placeholder', attr: { dtype: type('DT_FLOAT'), shape: { shape: sizes([images, ...input]) } } });
  }

  op(op: string, inputs: string[], attr: Record<string, Attribute> = {}, name = `${op}_${this.nodes.length}`): string {
    this.nodes.push({ name, op, input: inputs, attr: { T: type('DT_FLOAT'), ...attr } });
    return name;
  }

  private constant(name: string, shape: number[], dtype: string, bytes: Uint8Array, quantization?: Record<string, unknown>): string {
    const protobuf = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32';
    const value = { tensor: { dtype: protobuf, tensorShape: sizes(shape) } };
    this.nodes.push({ name, op: 'Const', attr: { dtype: type(protobuf), value } });
    this.constants.push({ name, shape, dtype, bytes, ...(quantization ? { quantization } : {}) });
    return name;
  }

  floats(shape: number[], values: ArrayLike<number>, name = `const_${this.nodes.length}`): string {
    return this.constant(name, shape, 'float32', new Uint8Array(Float32Array.from(values).buffer));
  }

  halves(shape: number[], values: ArrayLike<number>, name = `half_${this.nodes.length}`): string {
    const bytes = new Uint8Array(Uint16Array.from(values, numberToHalf).buffer);
    return this.constant(name, shape, 'float32', bytes, { dtype: 'float16', original_dtype: 'float32' });
  }

  /** Random numbers; kernels by the number of products that meet in a sum. */
  random(shape: number[], low?: number, high?: number): string {
    const count = shape.reduce((a, b) => a * b, 1);
    const bound = Math.sqrt((3 * (shape.at(-1) ?? 1)) / count);
    return this.floats(shape, draw(count, 500 + this.nodes.length, low ?? -bound, high ?? bound));
  }

  integers(values: number[], shape = [values.length]): string {
    return this.constant(`ints_${this.nodes.length}`, shape, 'int32', new Uint8Array(Int32Array.from(values).buffer));
  }

  /** The file as the converter writes it for a saved model. */
  json(output: string): GraphJson {
    const tensor = (name: string, shape: number[]) => ({ name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: sizes(shape) });
    const json: GraphJson = {
      format: 'graph-model',
      generatedBy: '2.15.0',
      convertedBy: 'TensorFlow.js Converter v4.22.0',
      signature: { inputs: { image: tensor('x', [-1, ...this.input]) }, outputs: { logits: tensor(output, [-1]) } },
      modelTopology: { node: this.nodes, library: {}, versions: { producer: 1482 } },
      weightsManifest: [{ paths: [SHARD], weights: this.constants.map(({ bytes, ...weight }) => weight) }],
    };
    return structuredClone(json);
  }

  shard(): Uint8Array {
    return joined(this.constants.map((c) => c.bytes));
  }

  files(output: string): Map<string, Uint8Array> {
    return filesOf(this.json(output), this.shard());
  }
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const filesOf = (json: unknown, shard: Uint8Array) =>
  new Map([
    ['model.json', jsonBytes(json)],
    [SHARD, shard],
  ]);

/** The nearest half-precision number's bits, for |v| < 65520. */
export function numberToHalf(v: number): number {
  const size = Math.abs(v);
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1e-9)));
  const steps = Math.round(size * 2 ** (10 - exponent)); // a carry runs on into the exponent
  return (v < 0 ? 0x8000 : 0) | (((exponent + 14) << 10) + steps);
}

/** The same file in the other spelling that protobuf's JSON allows: numbers for types and sizes, codes for characters. */
export function inNumbers(json: GraphJson): GraphJson {
  const TYPES: Record<string, number> = { DT_FLOAT: 1, DT_INT32: 3 };
  const codes = (text: string) => [...atob(text)].map((c) => c.charCodeAt(0));
  const spelt = (value: unknown, key: string): unknown => {
    if (Array.isArray(value)) return value.map((v) => spelt(v, key));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, spelt(v, k)]));
    if (key === 's') return codes(value as string);
    if (key === 'i' || key === 'size') return Number(value);
    return key === 'type' ? TYPES[value as string] : value;
  };
  return { ...json, modelTopology: spelt(json.modelTopology, '') as GraphJson['modelTopology'] };
}
