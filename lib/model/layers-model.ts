/**
 * A tfjs LayersModel (Keras 2 topology, Sequential or functional, nested models expanded) → {@link ModelGraph}.
 * All layers are looked at before anything is refused, so that one reading names every reason.
 */
import { type Checked, LIMITS, type ModelBundle, refuse } from './bundle';
import { finishGraph } from './finish-graph';
import type { Constant, GraphNode, ModelGraph } from './graph';
import { isObject, LayerConfig, LayerRefusal } from './layer-config';
import { JOIN_READERS } from './layer-joins';
import { READERS } from './layer-readers';
import { BeyondLimits, checkOutput, Ledger } from './ledger';

interface RawLayer {
  className: string;
  name: string;
  config: Record<string, unknown>;
  /** One entry per call of the layer: the tensors it was called with. */
  calls: { layer: string; call: number }[][];
}

const MODEL_CLASSES = new Set(['Sequential', 'Functional', 'Model']);
const JOINING = new Set(Object.keys(JOIN_READERS));

class TooManyLayers extends BeyondLimits {
  constructor() {
    super(`model.json: the model has more than ${LIMITS.nodes} layers`);
  }
}

function rawLayers(config: unknown, className: string): RawLayer[] {
  const list = Array.isArray(config) ? config : isObject(config) ? config.layers : undefined;
  if (!Array.isArray(list) || list.length === 0) throw new LayerRefusal(`model.json: ${className} holds no layers`);
  if (list.length > LIMITS.nodes + 1) throw new TooManyLayers(); // the input does not count
  const names = new Set<string>();
  return list.map((entry, i) => {
    if (!isObject(entry) || typeof entry.class_name !== 'string' || (!isObject(entry.config) && !Array.isArray(entry.config))) {
      throw new LayerRefusal(`model.json: layer ${i} needs class_name and config`);
    }
    const inner = isObject(entry.config) ? entry.config : { layers: entry.config };
    const name = typeof entry.name === 'string' ? entry.name : typeof inner.name === 'string' ? inner.name : `layer${i}`;
    if (names.has(name)) throw new LayerRefusal(`model.json: two layers are called ${name}`);
    names.add(name);
    return { className: entry.class_name, name, config: inner, calls: inboundCalls(entry.inbound_nodes, name) };
  });
}

function inboundCalls(nodes: unknown, name: string): RawLayer['calls'] {
  if (nodes === undefined) return [];
  const bad = () => new LayerRefusal(`layer ${name}: inbound_nodes is not in the Keras 2 form; save the model with Keras 2 (tf_keras)`);
  if (!Array.isArray(nodes)) throw bad();
  return nodes.map((call) => {
    if (!Array.isArray(call)) throw bad();
    return call.map((source) => {
      if (!Array.isArray(source) || typeof source[0] !== 'string' || !Number.isInteger(source[1])) throw bad();
      if (source[2] !== 0)
        throw new LayerRefusal(`layer ${name}: reads output ${JSON.stringify(source[2])} of ${source[0]}; layers have one output`);
      return { layer: source[0], call: source[1] as number };
    });
  });
}

class Builder {
  readonly nodes: GraphNode[] = [];
  readonly reasons: string[] = [];
  readonly notes: string[] = [];
  layers = 0;
  readonly ledger = new Ledger();
  /** Nodes behind which a softmax was dropped. */
  readonly softmaxed = new Map<number, string>();
  private readonly counted = new Set<string>();
  private calls = 0;
  /** Names of the weights by `layer/role`; a path of scopes may stand before the layer's name, which may hold slashes. */
  private readonly weightNames = new Map<string, string[]>();

  constructor(private readonly weights: ReadonlyMap<string, Constant>) {
    for (const key of weights.keys()) {
      const parts = key.replace(/:0$/, '').split('/');
      const role = (parts.pop() as string).replace(/_\d+$/, '');
      const tails = parts.length <= 16 ? parts.map((_, i) => parts.slice(i).join('/')) : [];
      for (const scope of new Set([...parts, ...tails])) {
        const place = `${scope}/${role}`;
        const names = this.weightNames.get(place);
        if (names) names.push(key);
        else this.weightNames.set(place, [key]);
      }
    }
  }

  /** Expands one model; returns the node of its output. A name may be undefined where an earlier reason broke the chain. */
  model(className: string, config: unknown, input: number | undefined, depth = 0): number | undefined {
    if (depth > 8) throw new LayerRefusal('model.json: models are nested more than 8 deep');
    const layers = rawLayers(config, className);
    return className === 'Sequential' ? this.sequential(layers, input, depth) : this.functional(layers, config, input, depth);
  }

  private sequential(layers: RawLayer[], input: number | undefined, depth: number): number | undefined {
    let at = input;
    for (const layer of layers) {
      const statesInput = layer.className === 'InputLayer' || (this.nodes.length === 0 && !MODEL_CLASSES.has(layer.className));
      if (statesInput) at ??= this.input(layer);
      if (layer.className !== 'InputLayer') at = this.layer(layer, [at], depth);
    }
    return at;
  }

  private functional(layers: RawLayer[], config: unknown, input: number | undefined, depth: number): number | undefined {
    const end = (key: string) => {
      const value = isObject(config) ? config[key] : undefined;
      const list = Array.isArray(value) && typeof value[0] === 'string' ? [value] : value;
      if (!Array.isArray(list) || list.length !== 1 || !Array.isArray(list[0]) || typeof list[0][0] !== 'string')
        throw new LayerRefusal(`model.json: ${key} must name exactly one tensor`);
      return { layer: list[0][0] as string, call: typeof list[0][1] === 'number' ? list[0][1] : 0 };
    };
    // A second input would be fed the same image, but its share of the gradient would be lost.
    const inputs = layers.filter((l) => l.className === 'InputLayer').map((l) => l.name);
    if (inputs.length !== 1 || inputs[0] !== end('input_layers').layer) {
      throw new LayerRefusal(`model.json: a model must have one input layer, named in input_layers; got ${inputs.join(', ') || 'none'}`);
    }
    const done = new Map<string, number | undefined>();
    const waiting: { layer: RawLayer; call: number; sources: RawLayer['calls'][number] }[] = [];
    for (const layer of layers) {
      if (layer.className === 'InputLayer') done.set(`${layer.name}:0`, input ?? this.input(layer));
      else for (const [call, sources] of layer.calls.entries()) waiting.push({ layer, call, sources });
    }
    if (waiting.length > LIMITS.nodes || waiting.reduce((n, w) => n + w.sources.length, 0) > 10 * LIMITS.nodes) throw new TooManyLayers();
    const known = new Set(layers.map((l) => l.name));
    for (const { layer, sources } of waiting) {
      for (const s of sources) if (!known.has(s.layer)) throw new LayerRefusal(`layer ${layer.name}: its input ${s.layer} does not exist`);
    }
    while (waiting.length) {
      const next = waiting.findIndex((w) => w.sources.every((s) => done.has(`${s.layer}:${s.call}`)));
      if (next < 0)
        throw new LayerRefusal(
          `model.json: layers ${waiting
            .map((w) => w.layer.name)
            .slice(0, 5)
            .join(', ')} form a cycle or lack an input`,
        );
      const [{ layer, call, sources }] = waiting.splice(next, 1);
      done.set(
        `${layer.name}:${call}`,
        this.layer(
          layer,
          sources.map((s) => done.get(`${s.layer}:${s.call}`)),
          depth,
        ),
      );
    }
    const output = end('output_layers');
    if (!done.has(`${output.layer}:${output.call}`)) throw new LayerRefusal(`model.json: output layer ${output.layer} does not exist`);
    return done.get(`${output.layer}:${output.call}`);
  }

  private input(layer: RawLayer): number | undefined {
    const shape = layer.config.batch_input_shape ?? layer.config.batch_shape ?? layer.config.batchInputShape;
    if (!Array.isArray(shape)) throw new LayerRefusal(`layer ${layer.name}: the first layer must state batch_input_shape`);
    const rest = shape.slice(1);
    if (rest.length !== 3 || !rest.every((n) => Number.isInteger(n) && n >= 1 && n <= 4096)) {
      throw new LayerRefusal(`layer ${layer.name}: the input must be an image [height, width, channels], got ${JSON.stringify(rest)}`);
    }
    this.nodes.push({
      name: layer.className === 'InputLayer' ? layer.name : 'input',
      op: { kind: 'input' },
      inputs: [],
      shape: rest as number[],
    });
    return this.nodes.length - 1;
  }

  private layer(layer: RawLayer, inputs: (number | undefined)[], depth: number): number | undefined {
    try {
      if (++this.calls > LIMITS.nodes) throw new TooManyLayers();
      if (inputs.length === 0) throw new LayerRefusal(`layer ${layer.name}: has no input`);
      if (inputs.length > 1 && !JOINING.has(layer.className))
        throw new LayerRefusal(`layer ${layer.name}: ${layer.className} takes one input, got ${inputs.length}`);
      if (MODEL_CLASSES.has(layer.className)) return this.model(layer.className, layer.config, inputs[0], depth + 1);
      this.layers++;
      const reader = Object.hasOwn(READERS, layer.className) ? READERS[layer.className] : undefined;
      if (!reader) throw new LayerRefusal(`layer ${layer.name}: ${layer.className} is not a supported layer${adviceOn(layer.className)}`);
      if (inputs.some((i) => i === undefined)) return undefined; // an earlier layer was refused
      const from = inputs as number[];
      for (const i of from) {
        const dropped = this.softmaxed.get(i);
        if (dropped) throw new LayerRefusal(`layer ${dropped}: a softmax is supported only as the network's output`);
      }
      const config = new LayerConfig(layer.className, layer.name, layer.config);
      const reading = reader(
        config,
        from.map((i) => this.nodes[i].shape),
        (role, shape) => this.weight(layer, role, shape),
        (numbers) => this.ledger.compute(numbers),
      );
      for (const { op, shape } of reading.steps) {
        checkOutput(shape, (message) => config.refuse(message));
        if (op.kind === 'affine' && ![op.scale, op.shift].every((list) => list.every(Number.isFinite)))
          config.refuse('its scale and shift must be finite numbers');
      }
      let at = from[0];
      reading.steps.forEach(({ op, shape, reads }, k) => {
        const last = k === reading.steps.length - 1;
        const inputs = reads?.map((r) => (r === 'before' ? at : from[r])) ?? (k === 0 ? from : [at]);
        this.nodes.push({ name: last ? layer.name : `${layer.name}/${op.kind}`, inner: !last, op, inputs, shape });
        at = this.nodes.length - 1;
      });
      if (reading.softmax) this.softmaxed.set(at, layer.name);
      this.ledger.count(layer.name, reading.params, this.counted.has(layer.name) ? 0 : reading.params);
      this.counted.add(layer.name);
      return at;
    } catch (error) {
      if (!(error instanceof LayerRefusal) || error instanceof BeyondLimits) throw error;
      this.reasons.push(error.message);
      return undefined;
    }
  }

  private weight(layer: RawLayer, role: string, shape: number[]): Constant {
    const found = this.weightNames.get(`${layer.name}/${role}`) ?? [];
    const where = `layer ${layer.name} (${layer.className})`;
    if (found.length === 0) throw new LayerRefusal(`${where}: weight ${layer.name}/${role} is not in the weights manifest`);
    if (found.length > 1) throw new LayerRefusal(`${where}: several weights match ${role}: ${found.slice(0, 5).join(', ')}`);
    const constant = this.weights.get(found[0]) as Constant;
    if (constant.shape.join() !== shape.join())
      throw new LayerRefusal(`${where}: weight ${found[0]} has shape [${constant.shape}], [${shape}] expected`);
    return constant;
  }
}

/** Keras writes operations between layers so. */
const adviceOn = (className: string) =>
  /^(TF|Slicing|ClassMethod|Instance)\w*Lambda$|^TensorFlowOpLayer$/.test(className)
    ? '; use a layer of Keras for it, or convert the SavedModel to a graph model'
    : '';

/** The topology's model class and config, under whichever of the two keys writers use. */
function topologyOf(topology: unknown): { className: string; config: unknown } | undefined {
  const config = isObject(topology) && isObject(topology.model_config) ? topology.model_config : topology;
  if (!isObject(config) || typeof config.class_name !== 'string') return undefined;
  return { className: config.class_name, config: config.config };
}

export function readLayersModel(bundle: ModelBundle): Checked<ModelGraph> {
  const topology = topologyOf(bundle.json.topology);
  if (!topology || !MODEL_CLASSES.has(topology.className)) {
    return refuse(`model.json: modelTopology must be a Sequential or Functional model${topology ? `, got ${topology.className}` : ''}`);
  }
  const builder = new Builder(bundle.weights);
  let output: number | undefined;
  try {
    output = builder.model(topology.className, topology.config, undefined);
  } catch (error) {
    if (!(error instanceof LayerRefusal)) throw error;
    builder.reasons.push(error.message);
  }
  for (const [node, name] of builder.softmaxed) {
    if (node === output) builder.notes.push(`the softmax of layer ${name} was removed: attacks need logits`);
  }
  return finishGraph({ ...builder, output });
}
