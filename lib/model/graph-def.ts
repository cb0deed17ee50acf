/**
 * A GraphDef as the tfjs converter writes it (protobuf as JSON): nodes with their inputs and attributes, read carefully.
 * Whole numbers come as numbers or digits, strings in base64, types by name or number.
 */
import { LIMITS } from './bundle';
import { isObject, LayerRefusal } from './layer-config';

const TYPES: Record<string, string> = {
  1: 'DT_FLOAT',
  2: 'DT_DOUBLE',
  3: 'DT_INT32',
  4: 'DT_UINT8',
  7: 'DT_STRING',
  9: 'DT_INT64',
  10: 'DT_BOOL',
  14: 'DT_BFLOAT16',
  19: 'DT_HALF',
  20: 'DT_RESOURCE',
};

const own = (holder: Record<string, unknown>, key: string): unknown => (Object.hasOwn(holder, key) ? holder[key] : undefined);

function whole(value: unknown): number | undefined {
  const number = typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isSafeInteger(number) ? number : undefined;
}

/** Base64 as protobuf writes bytes, or the codes of its characters. */
function text(value: unknown): string | undefined {
  if (Array.isArray(value) && value.length <= 64 && value.every((c) => Number.isInteger(c) && c >= 0 && c < 256)) {
    return String.fromCharCode(...(value as number[]));
  }
  if (typeof value !== 'string' || value.length > 128) return undefined;
  try {
    return atob(value);
  } catch {
    return undefined;
  }
}

function typeName(value: unknown): string | undefined {
  const name = typeof value === 'number' ? (own(TYPES, String(value)) ?? `type ${value}`) : value;
  return typeof name === 'string' ? name : undefined;
}

/** −1 stands for a size that is not fixed; `null`: not even their number is known. */
export function shapeOf(value: unknown): number[] | null | undefined {
  if (!isObject(value)) return undefined;
  if (own(value, 'unknownRank') === true || own(value, 'unknown_rank') === true) return null;
  const dims = own(value, 'dim') ?? [];
  if (!Array.isArray(dims) || dims.length > 8) return undefined;
  const sizes = dims.map((d) => (isObject(d) ? whole(own(d, 'size') ?? 0) : undefined));
  return sizes.every((n) => n !== undefined) ? (sizes as number[]) : undefined;
}

/** The attributes of one node; each has one field, named after its kind. */
export class Attributes {
  constructor(
    private readonly values: Record<string, unknown>,
    private readonly refuse: (message: string) => never,
  ) {}

  private read<T>(key: string, field: string, what: string, parse: (value: unknown) => T | undefined): T | undefined {
    const attribute = own(this.values, key);
    if (attribute === undefined) return undefined;
    if (!isObject(attribute)) return this.refuse(`attribute ${key} must be an object, got ${JSON.stringify(attribute).slice(0, 80)}`);
    const value = own(attribute, field);
    if (value === undefined && Object.keys(attribute).length === 0) return undefined;
    return parse(value) ?? this.refuse(`attribute ${key} must be ${what}, got ${JSON.stringify(attribute).slice(0, 80)}`);
  }

  private list<T>(key: string, field: string, what: string, parse: (value: unknown) => T | undefined): T[] | undefined {
    return this.read(key, 'list', what, (list) => {
      const items = isObject(list) ? (own(list, field) ?? []) : undefined;
      if (!Array.isArray(items) || items.length > 64) return undefined;
      const parsed = items.map(parse);
      return parsed.every((item) => item !== undefined) ? (parsed as T[]) : undefined;
    });
  }

  word = (key: string) => this.read(key, 's', 'a word in base64', text);
  words = (key: string) => this.list(key, 's', 'a list of words in base64', text);
  int = (key: string) => this.read(key, 'i', 'a whole number', whole);
  ints = (key: string) => this.list(key, 'i', 'a list of whole numbers', whole);
  flag = (key: string) => this.read(key, 'b', 'true or false', (v) => (typeof v === 'boolean' ? v : undefined));
  float = (key: string) => this.read(key, 'f', 'a number', (v) => (typeof v === 'number' && Number.isFinite(v) ? v : undefined));
  type = (key: string) => this.read(key, 'type', 'a type', typeName);
  shape = (key: string) =>
    this.read(key, 'shape', 'a shape', (v) => {
      const sizes = shapeOf(v);
      return sizes === null ? { sizes } : sizes && { sizes };
    })?.sizes;
}

export interface NodeDef {
  name: string;
  op: string;
  /** Data inputs; control inputs only order what runs. */
  inputs: { name: string; output: number }[];
  attributes: Attributes;
}

/** `name`, `name:0`, `name:out:0` */
export function outputName(reference: string): { name: string; output: number } {
  const [, name, index] = /^([^:]*)(?::[^:]*)?:(\d{1,9})$/.exec(reference) ?? [];
  return name === undefined ? { name: reference, output: 0 } : { name, output: Number(index) };
}

/** Operations that hold no place in the count of nodes. */
export const PASSIVE = new Set(['Const', 'Placeholder', 'Identity', 'NoOp']);
const MOST_NODES = 20 * LIMITS.nodes;
const MOST_INPUTS_OF_ONE = 100;
const MOST_INPUTS = 100 * LIMITS.nodes;

export function nodesOf(topology: unknown): NodeDef[] {
  const list = isObject(topology) ? own(topology, 'node') : undefined;
  if (!Array.isArray(list) || list.length === 0) throw new LayerRefusal('model.json: modelTopology holds no nodes');
  const library = isObject(topology) ? own(topology, 'library') : undefined;
  const functions = isObject(library) ? own(library, 'function') : undefined;
  if (Array.isArray(functions) && functions.length > 0)
    throw new LayerRefusal('model.json: modelTopology.library holds functions; freeze the model so that its graph is flat');
  const active = list.filter((n) => !isObject(n) || !PASSIVE.has(own(n, 'op') as string)).length;
  if (active > LIMITS.nodes || list.length > MOST_NODES)
    throw new LayerRefusal(`model.json: the graph has more than ${active > LIMITS.nodes ? LIMITS.nodes : MOST_NODES} nodes`);
  const names = new Set<string>();
  let inputs = 0;
  return list.map((entry, i) => {
    const [name, op] = isObject(entry) ? [own(entry, 'name'), own(entry, 'op')] : [];
    if (!isObject(entry) || typeof name !== 'string' || name === '' || typeof op !== 'string')
      throw new LayerRefusal(`model.json: node ${i} needs name and op`);
    if (names.has(name)) throw new LayerRefusal(`model.json: two nodes are called ${name}`);
    names.add(name);
    const refuse = (message: string): never => {
      throw new LayerRefusal(`node ${name} (${op}): ${message}`);
    };
    const references = own(entry, 'input') ?? [];
    if (!Array.isArray(references) || !references.every((r) => typeof r === 'string')) return refuse('input must be a list of names');
    inputs += references.length;
    if (inputs > MOST_INPUTS) throw new LayerRefusal(`model.json: the nodes have more than ${MOST_INPUTS} inputs`);
    const attributes = own(entry, 'attr') ?? {};
    if (!isObject(attributes)) return refuse('attr must be an object');
    if (references.length > MOST_INPUTS_OF_ONE && op !== 'NoOp')
      return refuse(`has ${references.length} inputs; at most ${MOST_INPUTS_OF_ONE} are read`);
    const read = (references as string[]).filter((r) => !r.startsWith('^')).map(outputName);
    return { name, op, inputs: read, attributes: new Attributes(attributes, refuse) };
  });
}
