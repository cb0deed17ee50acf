/** The file of an earlier model, read as far as a training that begins with it needs: its layers in order and what each reads. */
import { z } from 'zod';
import { type Checked, type ModelBundle, readBundle, refuse } from '../model/bundle';
import { IMAGE_NAME } from '../model/layers-files';
import type { PixelStatistics } from './layers/normalize';

const plainLayer = { class_name: z.string(), config: z.record(z.string(), z.unknown()) };
const sequentialSchema = z.object({
  class_name: z.literal('Sequential'),
  config: z.object({ layers: z.array(z.object(plainLayer)).min(1) }),
});
/** Layers that are called once, each with outputs of layers that have one. */
const callSchema = z.array(z.tuple([z.string(), z.literal(0), z.literal(0)], z.unknown())).min(1);
const functionalSchema = z.object({
  class_name: z.enum(['Functional', 'Model']),
  config: z.object({
    layers: z.array(z.object({ ...plainLayer, name: z.string(), inbound_nodes: z.array(callSchema).max(1) })).min(2),
    output_layers: z.tuple([z.tuple([z.string()], z.unknown())]),
  }),
});
const modelSchema = z.union([sequentialSchema, functionalSchema]);
const topologySchema = z.union([z.object({ model_config: modelSchema }).transform((t) => t.model_config), modelSchema]);

export interface StartingLayer {
  class_name: string;
  config: Record<string, unknown>;
  /** Names of the layers that it reads; the image is {@link IMAGE_NAME}, whatever the file calls it. */
  inputs: readonly string[];
}

export interface StartingModel {
  bundle: ModelBundle;
  /** Without an input layer. */
  layers: readonly StartingLayer[];
  /** As the file states it: [null, height, width, channels]. */
  batchInputShape: unknown;
  /** Of its first layer, if that normalises pixels. */
  pixels?: PixelStatistics;
}

type Topology = z.infer<typeof modelSchema>;

function layersOf({ class_name, config }: Topology): StartingLayer[] {
  const hasInput = config.layers[0].class_name === 'InputLayer';
  if (class_name === 'Sequential') {
    const own = config.layers.slice(hasInput ? 1 : 0);
    return own.map((layer, i) => ({ ...layer, inputs: [i === 0 ? IMAGE_NAME : String(own[i - 1].config.name)] }));
  }
  const [first] = config.layers;
  return config.layers.slice(hasInput ? 1 : 0).map(({ class_name: of, config: own, inbound_nodes: [call = []] }) => ({
    class_name: of,
    config: own,
    inputs: call.map(([from]) => (hasInput && from === first.name ? IMAGE_NAME : from)),
  }));
}

export async function readStartingModel(files: ReadonlyMap<string, Uint8Array>): Promise<Checked<StartingModel>> {
  const bundle = await readBundle(files);
  if (!bundle.ok) return bundle;
  const { json, weights } = bundle.value;
  const parsed = topologySchema.safeParse(json.topology);
  if (json.format !== 'layers-model' || !parsed.success)
    return refuse('model.json must be a layers model, Sequential or of layers that are called once, as this command writes it');
  const layers = layersOf(parsed.data);
  const last = String(layers.at(-1)?.config.name);
  if (parsed.data.class_name !== 'Sequential') {
    const [[output]] = parsed.data.config.output_layers;
    if (output !== last) return refuse(`model.json: output_layers names ${output}; the last layer, ${last}, is expected`);
  }
  const [mean, variance] = ['moving_mean', 'moving_variance'].map((role) => weights.get(`${layers[0]?.config.name}/${role}`)?.values);
  const pixels = mean && variance && { mean: [...mean], deviation: Array.from(variance, Math.sqrt) };
  const { batch_input_shape: batchInputShape } = parsed.data.config.layers[0].config;
  return { ok: true, value: { bundle: bundle.value, layers, batchInputShape, ...(pixels ? { pixels } : {}) } };
}
