/** PyTorch weights of a known network → the files of a tfjs layers model. Nothing is guessed: every tensor has its place. */
import { type Checked, refuseFor } from '../model/bundle';
import { layersModelFiles, type StoredLayer, type StoredTensor } from '../model/layers-files';
import type { Architecture, ImageShape, KnownLayer, Source } from './architecture';
import { laidOut } from './layouts';
import type { Tensor } from './safetensors';
import { findNormalization, type Normalization, plainNames } from './state-dict';

export interface ConvertOptions {
  input: ImageShape;
  classes: number;
  /** Of the pixels, before the network; absent: the file's own, if it holds one. */
  normalization?: Normalization;
  /** Goes into model.json: what was converted. */
  about?: Record<string, unknown>;
}

export interface Converted {
  files: Map<string, Uint8Array>;
  normalization?: Normalization;
  /** What was passed over or found, one sentence each. */
  notes: string[];
}

export function convert(architecture: Architecture, file: ReadonlyMap<string, Tensor>, options: ConvertOptions): Checked<Converted> {
  const { input, classes, about = {} } = options;
  const { tensors, prefix } = plainNames(file, architecture.head);
  const known = architecture.build({ input, classes, shapeOf: (name) => tensors.get(name)?.shape });
  const notes = prefix ? [`the names' prefix ${prefix} was taken off`] : [];
  const reasons: string[] = [];

  const extra = new Map(tensors);
  const layers = known.map((layer) => {
    for (const { tensor } of Object.values(layer.sources ?? {})) extra.delete(tensor);
    return withWeights(layer, tensors, reasons);
  });
  const found = findNormalization(extra, input[2]);
  for (const name of found?.names ?? []) extra.delete(name);
  if (found && options.normalization) reasons.push(`${found.names.join(' and ')} normalise the pixels; leave --mean and --std out`);
  else if (found) notes.push(`the pixels are normalised by the file's own ${found.names.join(' and ')}`);
  for (const [name, { shape }] of extra) reasons.push(`tensor ${name} of shape [${shape}] has no place in ${architecture.id}`);
  const normalization = options.normalization ?? (found && { mean: found.mean, std: found.std });
  if (normalization) reasons.push(...normalizationReasons(normalization, input[2]));
  if (reasons.length) return refuseFor(reasons);

  const model = {
    name: architecture.id.replaceAll('-', '_'),
    input,
    layers: normalization ? [normalize(normalization), ...layers] : layers,
    generatedBy: 'simplexity convert',
    about: { architecture: architecture.id, normalization: normalization ?? null, ...about },
  };
  return { ok: true, value: { files: layersModelFiles(model), normalization, notes } };
}

function withWeights(
  { className, config, inputs, sources = {} }: KnownLayer,
  tensors: Map<string, Tensor>,
  reasons: string[],
): StoredLayer {
  const weights: Record<string, StoredTensor> = {};
  for (const [role, source] of Object.entries(sources)) {
    const values = valuesOf(source, tensors.get(source.tensor));
    if (typeof values === 'string') reasons.push(values);
    else weights[role] = laidOut(source.layout, source.shape, values);
  }
  return { className, config, inputs, weights };
}

/** The numbers, or why they can't be had. */
function valuesOf({ tensor: name, shape }: Source, tensor: Tensor | undefined): Float32Array | string {
  if (!tensor) return `tensor ${name} of shape [${shape}] is missing`;
  if (tensor.shape.join() !== shape.join()) return `tensor ${name} has shape [${tensor.shape}]; [${shape}] is needed`;
  const values = tensor.floats();
  if (!values) return `tensor ${name} has type ${tensor.dtype}; F32, F16, BF16 or F64 is needed`;
  const bad = values.findIndex((v) => !Number.isFinite(v));
  return bad < 0 ? values : `tensor ${name} holds ${values[bad]} at position ${bad}; every weight must be a finite float32`;
}

function normalizationReasons({ mean, std }: Normalization, channels: number): string[] {
  const reasons: string[] = [];
  for (const [what, list] of [
    ['mean', mean],
    ['std', std],
  ] as const) {
    if (list.length !== channels) reasons.push(`the ${what} has ${list.length} numbers; ${channels} are needed, one for each channel`);
    if (!list.every(Number.isFinite)) reasons.push(`the ${what} must be finite, got ${list.join(', ')}`);
  }
  if (std.some((s) => s <= 0)) reasons.push(`the std must be above 0, got ${std.join(', ')}`);
  return reasons;
}

/** (x − mean)/std as a frozen batch norm, which every reader of layers models knows. */
function normalize({ mean, std }: Normalization): StoredLayer {
  const vector = (numbers: readonly number[]): StoredTensor => ({ shape: [numbers.length], values: Float32Array.from(numbers) });
  return {
    className: 'BatchNormalization',
    config: {
      ...{ name: 'normalize', trainable: false, dtype: 'float32' },
      axis: -1,
      momentum: 0.99,
      epsilon: 0,
      center: false,
      scale: false,
    },
    weights: { moving_mean: vector(mean), moving_variance: vector(std.map((s) => s * s)) },
  };
}
