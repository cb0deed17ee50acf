/**
 * A tfjs GraphModel (a frozen TensorFlow graph) → {@link ModelGraph}, the same that a LayersModel becomes. One reading
 * names every unknown operation or, where there is none, every node that is wrong.
 */
import { type Checked, type ModelBundle, refuseFor } from './bundle';
import { finishGraph } from './finish-graph';
import type { ModelGraph } from './graph';
import { type NodeDef, nodesOf, outputName, shapeOf } from './graph-def';
import { GraphDraft, NodeReader, type Value } from './graph-node';
import { ANY_TYPE, NO_LAYER, OPS, unknownOp } from './graph-ops';
import { isObject, LayerRefusal } from './layer-config';
import { BeyondLimits } from './ledger';

/** Most whole numbers in one constant: axes, shapes and paddings are short. */
const MOST_INTEGERS = 64;

/** The nodes so that each stands behind its inputs, otherwise in the order of the file. */
function inOrder(nodes: readonly NodeDef[]): NodeDef[] {
  const byName = new Map(nodes.map((n) => [n.name, n]));
  for (const { name, op, inputs } of nodes) {
    for (const input of inputs) {
      if (!byName.has(input.name)) throw new LayerRefusal(`node ${name} (${op}): its input ${input.name} does not exist`);
      if (input.output !== 0)
        throw new LayerRefusal(`node ${name} (${op}): reads output ${input.output} of ${input.name}; the first only is supported`);
    }
  }
  const sorted: NodeDef[] = [];
  const state = new Map<NodeDef, 'open' | 'done'>();
  for (const start of nodes) {
    const stack = [start];
    while (stack.length) {
      const node = stack[stack.length - 1];
      const waiting = state.has(node) ? [] : node.inputs.map((i) => byName.get(i.name) as NodeDef).filter((n) => state.get(n) !== 'done');
      if (state.get(node) === undefined) state.set(node, 'open');
      const ring = waiting.find((n) => state.get(n) === 'open');
      if (ring) throw new LayerRefusal(`node ${ring.name} (${ring.op}): it and ${node.name} are in a cycle`);
      if (waiting.length) {
        stack.push(...waiting.reverse());
        continue;
      }
      stack.pop();
      if (state.get(node) === 'done') continue;
      state.set(node, 'done');
      sorted.push(node);
    }
  }
  return sorted;
}

/** The tensors that a signature names, by node; undefined where it names none. */
function signed(signature: unknown, side: 'inputs' | 'outputs') {
  const entries = isObject(signature) && isObject(signature[side]) ? Object.values(signature[side]) : [];
  if (entries.length === 0) return undefined;
  if (entries.length > 1) throw new LayerRefusal(`model.json: signature.${side} must name one tensor, got ${entries.length}`);
  const [entry] = entries;
  if (!isObject(entry) || typeof entry.name !== 'string') throw new LayerRefusal(`model.json: signature.${side} has no tensor's name`);
  return { ...outputName(entry.name), shape: shapeOf(entry.tensorShape) };
}

function inputOf(nodes: readonly NodeDef[], signature: unknown): { name: string; shape: number[]; single: boolean } {
  const found = nodes.filter((n) => n.op === 'Placeholder');
  if (found.length !== 1)
    throw new LayerRefusal(
      `model.json: the graph must have one Placeholder, its input; got ${
        found
          .map((n) => n.name)
          .slice(0, 5)
          .join(', ') || 'none'
      }`,
    );
  const [{ name, attributes }] = found;
  const named = signed(signature, 'inputs');
  if (named && named.name !== name)
    throw new LayerRefusal(`model.json: signature.inputs names ${named.name}, the graph's input is ${name}`);
  const type = attributes.type('dtype');
  if (type !== undefined && type !== 'DT_FLOAT') throw new LayerRefusal(`node ${name} (Placeholder): dtype is ${type}; DT_FLOAT is needed`);
  const shape = attributes.shape('shape') ?? named?.shape;
  const [images, ...rest] = shape ?? [];
  if (rest.length !== 3 || (images !== -1 && images !== 1) || !rest.every((n) => n >= 1 && n <= 4096)) {
    throw new LayerRefusal(
      `node ${name} (Placeholder): the input must be images [-1, height, width, channels] of fixed size, got ${shape ? `[${shape}]` : 'no shape'}`,
    );
  }
  return { name, shape: rest, single: images === 1 };
}

function outputOf(nodes: readonly NodeDef[], signature: unknown): string {
  const named = signed(signature, 'outputs');
  if (named) {
    if (named.output !== 0)
      throw new LayerRefusal(`model.json: signature.outputs names output ${named.output} of ${named.name}; the first only is supported`);
    if (!nodes.some((n) => n.name === named.name)) throw new LayerRefusal(`model.json: output node ${named.name} does not exist`);
    return named.name;
  }
  const read = new Set(nodes.flatMap((n) => n.inputs.map((i) => i.name)));
  const ends = nodes.filter((n) => !read.has(n.name) && n.op !== 'Const' && n.op !== 'NoOp');
  if (ends.length !== 1)
    throw new LayerRefusal(
      `model.json: the graph must have one output; got ${
        ends
          .map((n) => n.name)
          .slice(0, 5)
          .join(', ') || 'none'
      }`,
    );
  return ends[0].name;
}

class Reader {
  readonly draft = new GraphDraft();
  readonly reasons: string[] = [];
  private readonly values = new Map<string, Value | undefined>();

  constructor(
    private readonly bundle: ModelBundle,
    input: { name: string; shape: number[]; single: boolean },
  ) {
    this.draft.single = input.single;
    this.draft.nodes.push({ name: input.name, op: { kind: 'input' }, inputs: [], shape: input.shape });
  }

  value = (name: string) => this.values.get(name);

  read(node: NodeDef): void {
    try {
      this.values.set(node.name, this.valueOf(node));
    } catch (error) {
      if (!(error instanceof LayerRefusal) || error instanceof BeyondLimits) throw error;
      this.reasons.push(error.message);
    }
  }

  private valueOf(node: NodeDef): Value | undefined {
    const { name, op, attributes } = node;
    if (op === 'NoOp') return undefined;
    if (op === 'Placeholder') return { kind: 'tensor', node: 0 };
    if (op === 'Const') return this.constant(node);
    const reader = OPS.get(op);
    if (!reader) throw new LayerRefusal(`node ${name} (${op}): ${unknownOp(op)}`);
    if (!NO_LAYER.has(op)) this.draft.layers++;
    const type = ANY_TYPE.has(op) ? undefined : attributes.type('T');
    if (type !== undefined && type !== 'DT_FLOAT') throw new LayerRefusal(`node ${name} (${op}): T is ${type}; DT_FLOAT is needed`);
    const inputs = node.inputs.map((i) => this.values.get(i.name));
    if (inputs.some((v) => v === undefined)) return this.broken(node);
    return reader(new NodeReader(node, inputs as Value[], this.draft));
  }

  /** An input was refused before, or is no tensor at all. */
  private broken({ name, op, inputs }: NodeDef): undefined {
    const missing = inputs.find((i) => this.values.get(i.name) === undefined);
    if (this.reasons.length === 0) throw new LayerRefusal(`node ${name} (${op}): its input ${missing?.name} has no value`);
    return undefined;
  }

  private constant({ name, op, attributes }: NodeDef): Value {
    const refuse = (message: string): never => {
      throw new LayerRefusal(`node ${name} (${op}): ${message}`);
    };
    const type = attributes.type('dtype') ?? 'DT_FLOAT';
    const [floats, integers] = [this.bundle.weights.get(name), this.bundle.integers.get(name)];
    if (!floats && !integers) return refuse('its value is not in the weights manifest');
    const wanted = floats ? ['DT_FLOAT'] : ['DT_INT32', 'DT_INT64'];
    if (attributes.type('dtype') !== undefined && !wanted.includes(type))
      return refuse(`dtype is ${type}, its weight ${floats ? 'float32' : 'int32'}`);
    if (floats) return { kind: 'floats', constant: floats };
    const { shape, values } = integers as { shape: number[]; values: Int32Array };
    if (values.length > MOST_INTEGERS) return refuse(`holds ${values.length} whole numbers; at most ${MOST_INTEGERS} are read`);
    return { kind: 'integers', shape, values: [...values] };
  }
}

export function readGraphModel(bundle: ModelBundle): Checked<ModelGraph> {
  const { topology, signature, initializer } = bundle.json;
  try {
    if (isObject(initializer) && Array.isArray(initializer.node) && initializer.node.length > 0)
      throw new LayerRefusal('model.json: modelInitializer fills tables, which are not supported');
    const nodes = nodesOf(topology);
    const unknown = nodes.filter((n) => !OPS.has(n.op) && !['Const', 'Placeholder', 'NoOp'].includes(n.op));
    if (unknown.length) return refuseFor(unknown.map((n) => `node ${n.name} (${n.op}): ${unknownOp(n.op)}`));
    const input = inputOf(nodes, signature);
    const output = outputOf(nodes, signature);
    const reader = new Reader(bundle, input);
    for (const node of inOrder(nodes)) reader.read(node);
    const { draft, reasons } = reader;
    const end = reader.value(output);
    if (reasons.length === 0 && end?.kind !== 'tensor') reasons.push(`model.json: output ${output} does not depend on the image`);
    const [at, softmax] = end?.kind === 'tensor' ? [end.node, end.softmax] : [undefined, undefined];
    const notes = softmax === undefined ? [] : [`the softmax of layer ${softmax} was removed: attacks need logits`];
    const { nodes: steps, layers, ledger } = draft;
    return finishGraph({ nodes: steps, output: at, notes, reasons, layers, ledger });
  } catch (error) {
    if (!(error instanceof LayerRefusal)) throw error;
    return refuseFor([error.message]);
  }
}
