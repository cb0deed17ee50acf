/**
 * What an evaluation will cost before it starts, in image-steps (one image, one forward pass and one input gradient). Free
 * of tensors, so a page can ask without loading the engine.
 */
import { ATTACK_INFO, type AttackId, COLLAPSE_CONDITIONS, type Condition } from '../attacks/catalogue';
import { DATASETS, type DatasetId, imageBytes } from '../data/datasets';
import { testCount } from './counts';
import { type Probe, type ProbesRequest, probesOf } from './probes';

export interface Plan extends ProbesRequest {
  trainSamples: number;
  layers: boolean;
  /** Cost of the layers' statistics for one image, in image-steps (layer-stage.ts). */
  layerWork: number;
}

/** A forward pass costs about two fifths of an image-step. */
export const FORWARD = 0.4;

/** Cost of AutoAttack's attacks on an image that resists them all, in image-steps; less on every other one. */
const MOST: Partial<Record<AttackId, number>> = {
  'apgd-ce': 100 + FORWARD,
  'apgd-dlr': 100 + FORWARD,
  'apgd-t': 9 * (100 + FORWARD) + FORWARD,
  'fab-t': 9 * 100 * (1 + FORWARD) + FORWARD,
  square: 5001 * FORWARD,
  // Twice ten passes, every other one with the kernels' gradients.
  joint: 20 * 1.5 + FORWARD,
};

/** Cost of one image under a condition, in image-steps. */
export function imageCost(condition: Condition, { board, restarts }: Pick<Plan, 'board' | 'restarts'>): number {
  if (condition === 'clean') return FORWARD;
  return MOST[condition] ?? FORWARD + (ATTACK_INFO[condition].bounded ? board.steps * restarts : 0);
}

/** Cost of one image under a probe's variant, the most that it can be, in image-steps. */
export function probeCost(
  { condition, variant: { iterations = 100, passes = 1, steps, instead } }: Pick<Probe, 'condition' | 'variant'>,
  { board }: Pick<Plan, 'board'>,
): number {
  if (condition === 'clean') return FORWARD * passes;
  // 121 points of an altered network, and the attack on it.
  if (instead === 'must-break') return 100 + 122 * FORWARD;
  return ATTACK_INFO[condition].onStanding ? iterations + FORWARD : (steps ?? board.steps) + FORWARD;
}

/** Conditions that collapse is measured under. */
export const trainConditionsOf = (attacks: readonly AttackId[]) =>
  COLLAPSE_CONDITIONS.filter((c) => c === 'clean' || attacks.includes(c as AttackId));

/** What an evaluation will cost, in image-steps: divide by a device's rate for its time. */
export function plannedCost(plan: Plan): number {
  const test: Condition[] = plan.samples > 0 ? ['clean', ...plan.attacks] : [];
  const train = plan.trainSamples > 0 ? trainConditionsOf(plan.attacks) : [];
  const sum = (conditions: readonly Condition[], count: number) => conditions.reduce((n, c) => n + imageCost(c, plan) * count, 0);
  const probes = probesOf(plan).reduce((n, probe) => n + probeCost(probe, plan) * probe.count, 0);
  const attacked = test.reduce((n, c) => n + imageCost(c, plan) * testCount(c, plan), probes);
  if (!plan.layers || train.length === 0) return attacked + sum(train, plan.trainSamples);
  const again = test.filter((c) => COLLAPSE_CONDITIONS.includes(c));
  const second = train.length * plan.trainSamples * (FORWARD + 2 * plan.layerWork);
  const nearest = again.length * plan.samples * (FORWARD + plan.layerWork);
  return attacked + sum(train, plan.trainSamples) + second + nearest;
}

/** More than this for the layers' statistics and a run would end without memory, in a browser certainly. */
export const MAX_LAYERS_MEMORY = 2 ** 31;

/**
 * Bytes that layer by layer keeps at once: the class means (`layerBytes`, layer-stage.ts), and as float32 the perturbed images
 * of every test condition and of one training condition, which later passes look at again.
 */
export function layersMemory(
  { dataset, attacks, samples, trainSamples }: { dataset: DatasetId } & Pick<Plan, 'attacks' | 'samples' | 'trainSamples'>,
  layerBytes: number,
): number {
  const kept = COLLAPSE_CONDITIONS.filter((c) => c !== 'clean' && attacks.includes(c as AttackId)).length;
  return layerBytes + 4 * imageBytes(DATASETS[dataset]) * (kept * samples + Math.min(1, kept) * trainSamples);
}
