/**
 * The lab's training: a small network on Glyphs, measured after every epoch. It needs an engine that is open and nothing of
 * a browser; what it hands over after an epoch is enough to go on from there, to the last bit on one backend.
 */
import type { Condition } from '../../lib/attacks/catalogue';
import { NORMS } from '../../lib/attacks/norms';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { readModel } from '../../lib/model/preflight';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { type DynamicsPoint, dynamicsOf } from '../../lib/protocol/dynamics';
import { exportModel } from '../../lib/training/export';
import { pixelStatistics } from '../../lib/training/layers/normalize';
import { TRAINING_MODES } from '../../lib/training/modes';
import { openNet } from '../../lib/training/nets';
import { accuracyOf } from '../../lib/training/score';
import { startFrom } from '../../lib/training/start-from';
import { readStartingModel } from '../../lib/training/starting-model';
import { type EpochResult, train } from '../../lib/training/train';
import { learntImages } from './lab-images';
import { type LabRequest, recipeOf, refusalsOf } from './lab-request';
import { type SetProbes, setProbes } from './lab-set-probes';

export interface LabEpoch extends EpochResult, DynamicsPoint, SetProbes {}

/** A training as an epoch left it. */
export interface LabState {
  request: LabRequest;
  epochs: LabEpoch[];
  files: Map<string, Uint8Array>;
  velocities: Float32Array[];
  /** Features of the measured images by condition, clean first, [images × dim]. */
  features: { condition: Condition; features: Float32Array }[];
  dim: number;
  labels: Uint8Array;
  /** How the training went wrong after this epoch: going on from here would end the same way. */
  diverged?: string;
}

export interface LabWorld {
  signal: AbortSignal;
  rest(): Promise<void>;
  onStatus(text: string): void;
  onStep(done: number, total: number, loss: number): void;
  /** After every epoch; once more after the last good one of a training that diverges. */
  onEpoch(state: LabState): Promise<void>;
}

const TEST_IMAGES = 500;

function checked(request: LabRequest) {
  const [refusal] = refusalsOf(request);
  if (refusal) throw new Failure('arguments', refusal.sentence);
  const mode = TRAINING_MODES.get(request.mode);
  if (!mode) throw new Failure('arguments', `mode must be one of ${[...TRAINING_MODES.keys()].join(', ')}, got ${request.mode}`);
  return mode;
}

export async function runLab(request: LabRequest, begun: LabState | undefined, world: LabWorld): Promise<void> {
  const mode = checked(request);
  const board = BOARDS.get('glyphs/linf') as Board;
  const dataset = DATASETS.glyphs;
  const data = builtInSource(dataset);
  if (!data) throw new Error('expected Glyphs to be built in');
  world.onStatus('Drawing the images…');
  const images = await learntImages(request);
  const plain = await data.read('train', 0, Math.min(request.measured, images.labels.length));
  const test = await data.read('test', 0, TEST_IMAGES);
  const size = images.images.length / images.labels.length;
  const count = Math.min(request.measured, images.labels.length);
  const measured = { images: images.images.subarray(0, count * size), labels: images.labels.slice(0, count) };
  const { seed, epochs } = request;
  const recipe = recipeOf(request);
  const { net, width, ...rates } = recipe;
  const { recipe: _, ...asked } = request;
  const options = { input: dataset.shape, classes: dataset.classNames.length, pixels: pixelStatistics(images.images, 1), seed, width };
  const network = openNet(net, `glyphs_${mode.id}`, options);
  let last = begun;
  try {
    if (begun) {
      const model = await readStartingModel(begun.files);
      const started = model.ok ? startFrom(network, model.value) : model;
      if (!started.ok) throw new Failure('model-refused', started.reasons.join('\n'));
    }
    const done: LabEpoch[] = [...(begun?.epochs ?? [])];
    const { norm, epsilon, alpha, steps } = board;
    const rest = async () => {
      await world.rest();
      if (world.signal.aborted) throw new Failure('stopped', 'stopped');
    };
    world.onStatus('Training…');
    const training = {
      ...{ ...rates, mode, epochs, seed },
      threat: { norm: NORMS[norm], epsilon, alpha, steps, seed },
      ...(begun ? { begun: { epochs: done.length, velocities: begun.velocities } } : {}),
    };
    await train(network, images, training, {
      ...{ signal: world.signal, rest, onStep: world.onStep },
      async onEpoch(result, velocities) {
        world.onStatus(`Measuring collapse after epoch ${result.epoch}…`);
        const testAccuracy = await accuracyOf(network, test); // refuses a network that is lost, before the last good one gives way to it
        const about = { board: board.id, ...asked, ...recipe, history: [...done, result] };
        const files = await exportModel(network, about);
        const model = await readModel(files);
        if (!model.ok || 'missing' in model.value.feature) throw new Error(`expected a model with features, got ${JSON.stringify(model)}`);
        const features: LabState['features'] = [];
        const options = { board, seed, batch: 50, rest };
        const point = await dynamicsOf(model.value, measured, {
          ...{ ...options, byLayer: ['pgd-10'] },
          onFeatures: (condition, values) => features.push({ condition, features: values }),
        });
        const probes = await setProbes(model.value, request, { labels: measured.labels, features: features[0].features, plain }, options);
        done.push({ ...result, testAccuracy, ...point, ...probes });
        const { dim } = model.value.feature;
        last = { request, epochs: [...done], files, velocities: await velocities(), features, dim, labels: measured.labels };
        await world.onEpoch(last);
        world.onStatus('Training…');
      },
    });
  } catch (error) {
    if (last && error instanceof Failure && error.code === 'diverged') await world.onEpoch({ ...last, diverged: error.message });
    throw error;
  } finally {
    network.dispose();
  }
}
