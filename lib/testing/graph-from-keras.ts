/**
 * A Sequential layers model of convolutions, batch norms, ReLU, pools and a dense layer as the graph model that the tfjs
 * converter would make of it; every node is called as its layer.
 */
import { readModelJson, shardPaths } from '../model/bundle';
import { flag, float, GraphFile, type GraphJson, int, ints, word, words } from './graph-file';
import type { WrittenModel } from './keras-model';

export interface GraphStyle {
  /** Batch norms multiplied into the convolutions before them. */
  folded?: boolean;
  /** Convolution, bias and ReLU in one node, as the converter's optimiser leaves them; implies `folded`. */
  fused?: boolean;
  /** Weights as float16. */
  halves?: boolean;
  /** The matrix of the dense layer is stored transposed. */
  transposed?: boolean;
  softmax?: boolean;
}
interface Layer {
  class_name: string;
  config: { name: string } & Record<string, unknown>;
}

/** The weights of a layers model in one shard or more, by name. */
function weightsOf(files: ReadonlyMap<string, Uint8Array>): Map<string, { shape: number[]; values: Float32Array }> {
  const json = readModelJson(files.get('model.json') as Uint8Array);
  if (!json.ok) throw new Error(json.reasons.join('\n'));
  const bytes = new Uint8Array(shardPaths(json.value).flatMap((p) => [...(files.get(p) as Uint8Array)]));
  let at = 0;
  return new Map(
    json.value.groups.flatMap((g) =>
      g.weights.map(({ name, shape }) => {
        const count = shape.reduce((a, b) => a * b, 1);
        const values = new Float32Array(bytes.buffer.slice(at, at + 4 * count));
        at += 4 * count;
        return [name, { shape, values }] as const;
      }),
    ),
  );
}

export function graphFromKeras(files: ReadonlyMap<string, Uint8Array>, style: GraphStyle = {}): { json: GraphJson; shard: Uint8Array } {
  const json = JSON.parse(new TextDecoder().decode(files.get('model.json'))) as WrittenModel;
  const topology = (json.modelTopology.model_config ?? json.modelTopology) as unknown as { config: { layers: Layer[] } };
  const { layers } = topology.config;
  const weights = weightsOf(files);
  const g = new GraphFile((layers[0].config.batch_input_shape as number[]).slice(1) as [number, number, number]);
  /** A batch norm without scale or centre multiplies by 1 and adds 0, which the converter writes out. */
  const weight = ({ config: { name } }: Layer, role: string): { shape: number[]; values: Float32Array } => {
    const stored = weights.get(`${name}/${role}`);
    if (stored) return stored;
    const { shape, values } = weights.get(`${name}/moving_mean`) as { shape: number[]; values: Float32Array };
    return { shape, values: values.map(() => (role === 'gamma' ? 1 : 0)) };
  };
  const store = (name: string, shape: number[], values: ArrayLike<number>) =>
    style.halves ? g.halves(shape, values, name) : g.floats(shape, values, name);
  const stored = (layer: Layer, role: string) => {
    const { shape, values } = weight(layer, role);
    return store(`${layer.config.name}/${role}`, shape, values);
  };
  const geometry = ({ config }: Layer, size?: unknown) => ({
    ...(size ? { ksize: ints(1, ...(size as number[]), 1) } : { dilations: ints(1, 1, 1, 1) }),
    strides: ints(1, ...(config.strides as number[]), 1),
    padding: word(String(config.padding).toUpperCase()),
    data_format: word('NHWC'),
  });

  /** Scale and shift of a batch norm. */
  const affineOf = (layer: Layer) => {
    const [gamma, beta, mean, variance] = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => weight(layer, role).values);
    const scale = Float64Array.from(variance, (v, c) => gamma[c] / Math.sqrt(v + (layer.config.epsilon as number)));
    return { scale: Float32Array.from(scale), shift: Float32Array.from(scale, (s, c) => beta[c] - mean[c] * s) };
  };

  /** A convolution and the batch norm and ReLU behind it; returns how many layers that were. */
  const foldedConv = (at: number, from: string): [string, number] => {
    const [conv, norm, relu] = layers.slice(at, at + 3);
    const { scale, shift } = affineOf(norm);
    const { shape, values } = weight(conv, 'kernel');
    const kernel = store(
      `${conv.config.name}/kernel`,
      shape,
      values.map((v, i) => v * scale[i % scale.length]),
    );
    const bias = store(`${norm.config.name}/bias`, [shift.length], shift);
    if (style.fused) {
      const attr = {
        ...geometry(conv),
        fused_ops: words('BiasAdd', 'Relu'),
        num_args: int(1),
        epsilon: float(0),
        leakyrelu_alpha: float(0.2),
      };
      return [g.op('_FusedConv2D', [from, kernel, bias], attr, relu.config.name), 3];
    }
    const y = g.op('Conv2D', [from, kernel], geometry(conv), conv.config.name);
    return [g.op('BiasAdd', [y, bias], { data_format: word('NHWC') }, norm.config.name), 2];
  };

  const dense = (layer: Layer, from: string): string => {
    const { name } = layer.config;
    const { shape, values } = weight(layer, 'kernel');
    const [rows, cols] = shape;
    const turned = Float32Array.from(values, (_, i) => values[(i % rows) * cols + Math.floor(i / rows)]);
    const matrix = style.transposed ? store(`${name}/kernel`, [cols, rows], turned) : store(`${name}/kernel`, shape, values);
    const attr = { transpose_a: flag(false), transpose_b: flag(style.transposed ?? false) };
    const bias = stored(layer, 'bias');
    if (style.fused) return g.op('_FusedMatMul', [from, matrix, bias], { ...attr, fused_ops: words('BiasAdd'), num_args: int(1) }, name);
    return g.op('BiasAdd', [g.op('MatMul', [from, matrix], attr, `${name}/MatMul`), bias], {}, name);
  };

  const single = (layer: Layer, from: string): string => {
    const { name } = layer.config;
    switch (layer.class_name) {
      case 'Conv2D':
        return g.op('Conv2D', [from, stored(layer, 'kernel')], geometry(layer), name);
      case 'BatchNormalization': {
        const roles = ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => stored(layer, role));
        return g.op(
          'FusedBatchNormV3',
          [from, ...roles],
          { epsilon: float(layer.config.epsilon as number), is_training: flag(false) },
          name,
        );
      }
      case 'Activation':
        return g.op('Relu', [from], {}, name);
      case 'MaxPooling2D':
        return g.op('MaxPool', [from], geometry(layer, layer.config.pool_size), name);
      case 'GlobalAveragePooling2D':
        return g.op('Mean', [from, g.integers([1, 2])], { keep_dims: flag(false) }, name);
      case 'Dense':
        return dense(layer, from);
      default:
        throw new Error(`${layer.class_name} has no graph here`);
    }
  };

  let [from, at] = ['x', 0];
  while (at < layers.length) {
    const foldable =
      (style.folded || style.fused) && layers[at].class_name === 'Conv2D' && layers[at + 1]?.class_name === 'BatchNormalization';
    const [next, taken] = foldable ? foldedConv(at, from) : [single(layers[at], from), 1];
    from = next;
    at += taken;
  }
  if (style.softmax) from = g.op('Softmax', [from], {}, 'probabilities');
  return { json: g.json(g.op('Identity', [from], {}, 'Identity')), shard: g.shard() };
}
