/**
 * The one act: an evaluation of one model on one board. Splits the work into units, hands them to a laboratory (this
 * thread, other threads, other machines), and folds the results in the order of the samples, so that the report does not
 * depend on who measured what when.
 */
import { ATTACK_INFO, type AttackId, type Condition, isRanking } from '../attacks/catalogue';
import { DATASETS, type DataSource, type SplitInfo } from '../data/datasets';
import { Failure } from '../failure';
import type { Model } from '../model/preflight';
import type { Split } from '../random';
import type { Board } from './boards';
import { PROTOCOL } from './boards';
import { CollapseStage, LayerStage } from './collapse-stage';
import { packBitmap, toBase64 } from './evidence';
import { wilson95 } from './interval';
import type { LayerTask, MeasureJob, MeasureResult } from './measure';
import { FORWARD, imageCost, plannedCost, trainConditionsOf } from './plan';
import type { Report } from './report';

/** Somebody who measures units. */
export interface Laboratory {
  /** Units that may be under way at once. */
  readonly capacity: number;
  measure(job: MeasureJob): Promise<MeasureResult>;
}

export interface EvaluationRequest {
  model: Model;
  board: Board;
  level: 'pgd';
  attacks: AttackId[];
  samples: number;
  trainSamples: number;
  batch: number;
  seed: number;
  restarts: number;
  layers: boolean;
}

/** What the evaluation needs from the world. */
export interface EvaluationWorld {
  laboratory: Laboratory;
  data: DataSource;
  environment: Omit<Report['environment'], 'batch'>;
  /** Milliseconds, monotonic. */
  now(): number;
  /** ISO date of the start. */
  startedAt: string;
  signal?: AbortSignal;
  onEvent?(event: EvaluationEvent): void;
}

export type Part = 'test' | 'train' | 'layers';

export type EvaluationEvent =
  | { type: 'stage'; part: Part; condition: Condition; stage: number; stages: number }
  /** Work is counted in image-steps: one image through forward and input gradient. */
  | { type: 'progress'; done: number; total: number; elapsedMs: number }
  | { type: 'accuracy'; condition: Condition; correct: number; samples: number }
  | {
      type: 'collapse';
      condition: Condition;
      values: Report['collapse'] extends infer C | null ? (C extends Partial<Record<string, infer V>> ? V : never) : never;
    };

interface Tally {
  predictions: Int32Array;
  losses: Float64Array;
  linfMax: number;
  l2Max: number;
  zeroGradients: number;
  forwards: number;
  backwards: number;
  durationMs: number;
  perturbed: (Float32Array | undefined)[];
}

export async function evaluate(request: EvaluationRequest, world: EvaluationWorld): Promise<Report> {
  return new Evaluation(request, world).run();
}

class Evaluation {
  private done = 0;
  private total = 0;
  private stageIndex = 0;
  private stages = 0;
  private forwards = 0;
  private backwards = 0;
  private readonly startedMs: number;
  private readonly dataset;

  constructor(
    private readonly request: EvaluationRequest,
    private readonly world: EvaluationWorld,
  ) {
    this.dataset = DATASETS[request.board.dataset];
    this.startedMs = world.now();
  }

  async run(): Promise<Report> {
    const { request, world } = this;
    const { model, board, attacks } = request;
    const testInfo = request.samples > 0 ? await this.split('test', request.samples) : undefined;
    const trainInfo = request.trainSamples > 0 ? await this.split('train', request.trainSamples) : undefined;
    const testConditions: Condition[] = testInfo ? ['clean', ...attacks] : [];
    const collapseReason =
      'missing' in model.feature ? model.feature.missing : trainInfo ? undefined : 'no training images were asked for (--train-samples 0)';
    const trainConditions: Condition[] = trainInfo && !('missing' in model.feature) ? trainConditionsOf(attacks) : [];
    const withLayers = request.layers && trainConditions.length > 0;
    this.total = plannedCost({ ...request, trainSamples: trainConditions.length ? request.trainSamples : 0 });
    this.stages =
      testConditions.length + trainConditions.length + (withLayers ? testConditions.filter((c) => c !== 'pgd-margin').length : 0);

    const tallies = new Map<Condition, Tally>();
    for (const condition of testConditions) tallies.set(condition, await this.testStage(condition, withLayers));
    const collapse = new CollapseStage(model, this.dataset.classNames.length);
    const layers = withLayers ? new LayerStage(model, this.dataset.classNames.length) : undefined;
    for (const condition of trainConditions) await this.trainStage(condition, collapse, layers);
    if (layers) for (const condition of testConditions) await this.layerTestStage(condition, layers, tallies.get(condition) as Tally);

    const labels = testInfo ? (await world.data.read('test', 0, request.samples)).labels : new Uint8Array();
    const clean = tallies.get('clean');
    return {
      schema: 'report/1',
      protocol: PROTOCOL,
      board: board.id,
      level: request.level,
      seed: request.seed,
      restarts: request.restarts,
      model: {
        sha256: model.sha256,
        params: model.graph.params,
        macs: model.macs,
        layers: model.graph.layers,
        featureLayer: 'name' in model.feature ? model.feature.name : null,
        featureDim: 'name' in model.feature ? model.feature.dim : null,
        classes: this.dataset.classNames.length,
        notes: model.graph.notes,
      },
      environment: { ...world.environment, batch: request.batch },
      startedAt: world.startedAt,
      durationMs: world.now() - this.startedMs,
      data: { ...(testInfo ? { test: testInfo } : {}), ...(trainInfo ? { train: trainInfo } : {}) },
      counts: { samples: request.samples, trainSamples: request.trainSamples, forwards: this.forwards, backwards: this.backwards },
      clean: clean ? { ...accuracy(clean, labels), loss: mean(clean.losses) } : null,
      attacks: Object.fromEntries(
        attacks.filter((a) => tallies.has(a)).map((a) => [a, this.attackReport(a, tallies.get(a) as Tally, labels)]),
      ),
      ...robustness(tallies, attacks, labels),
      collapse: trainConditions.length ? collapse.values : null,
      ...(collapseReason && !trainConditions.length ? { collapseReason } : {}),
      simplex: collapse.simplex,
      ...(layers ? { layers: layers.report(request.samples, request.trainSamples) } : {}),
      flags: flags(tallies, request.samples),
      evidence: Object.fromEntries(
        [...tallies].map(([c, t]) => [c, toBase64(packBitmap(Array.from(labels, (y, i) => t.predictions[i] === y)))]),
      ),
    };
  }

  private async split(split: Split, wanted: number): Promise<SplitInfo> {
    const { sha256, records, official } = await this.world.data.info(split);
    if (wanted > records)
      throw new Failure('arguments', `the ${split} split of ${this.dataset.title} has ${records} records here, ${wanted} were asked for`);
    return { sha256, records, official };
  }

  private announce(part: Part, condition: Condition): void {
    this.world.onEvent?.({ type: 'stage', part, condition, stage: ++this.stageIndex, stages: this.stages });
  }

  /** Measures `count` images unit by unit, as many at once as the laboratory takes; results in the order of the samples. */
  private async units(
    split: Split,
    condition: Condition,
    count: number,
    perImage: number,
    options: { wantFeatures?: boolean; wantPerturbed?: boolean; layers?: LayerTask[]; perturbed?: (Float32Array | undefined)[] },
    onUnit?: (result: MeasureResult, labels: Uint8Array) => void,
  ): Promise<MeasureResult[]> {
    const { batch } = this.request;
    const { laboratory, data, signal } = this.world;
    const results: MeasureResult[] = [];
    let next = 0;
    let failing = false;
    const take = async (): Promise<void> => {
      while (next * batch < count && !failing) {
        if (signal?.aborted) throw new Failure('stopped', 'stopped');
        const index = next++;
        const first = index * batch;
        const { images, labels } = await data.read(split, first, Math.min(batch, count - first));
        const perturbed = options.perturbed?.[index];
        const result = await laboratory.measure({
          split,
          first,
          condition,
          images,
          labels,
          ...(perturbed ? { perturbed } : {}),
          wantFeatures: options.wantFeatures ?? false,
          wantPerturbed: options.wantPerturbed ?? false,
          layers: options.layers ?? [],
        });
        if (condition === 'clean' && first === 0 && result.looksLikeProbabilities) {
          throw new Failure(
            'model-refused',
            `layer ${this.request.model.graph.nodes[this.request.model.graph.output].name}: the outputs are probabilities but no softmax layer ends the model; attacks need logits`,
          );
        }
        results[index] = result;
        this.forwards += result.forwards;
        this.backwards += result.backwards;
        this.done += perImage * labels.length;
        onUnit?.(result, labels);
        this.world.onEvent?.({ type: 'progress', done: this.done, total: this.total, elapsedMs: this.world.now() - this.startedMs });
      }
    };
    const workers = Array.from({ length: Math.max(1, laboratory.capacity) }, () =>
      take().catch((error) => {
        failing = true; // no unit is begun after this
        throw error;
      }),
    );
    // All have to come to rest before a failure is reported: nothing may go on in the background.
    const settled = await Promise.allSettled(workers);
    const failed = settled.find((s) => s.status === 'rejected');
    if (failed) throw failed.reason;
    return results;
  }

  private async testStage(condition: Condition, keepPerturbed: boolean): Promise<Tally> {
    this.announce('test', condition);
    const started = this.world.now();
    let [correct, seen] = [0, 0];
    const results = await this.units(
      'test',
      condition,
      this.request.samples,
      imageCost(condition, this.request),
      { wantPerturbed: keepPerturbed && condition !== 'clean' && condition !== 'pgd-margin' },
      (result, labels) => {
        seen += labels.length;
        correct += labels.reduce((n, y, i) => n + (result.predictions[i] === y ? 1 : 0), 0);
        this.world.onEvent?.({ type: 'accuracy', condition, correct, samples: seen });
      },
    );
    return {
      predictions: Int32Array.from(results.flatMap((r) => [...r.predictions])),
      losses: Float64Array.from(results.flatMap((r) => [...r.losses])),
      linfMax: results.reduce((m, r) => r.linf.reduce((a, b) => Math.max(a, b), m), 0),
      l2Max: results.reduce((m, r) => r.l2.reduce((a, b) => Math.max(a, b), m), 0),
      zeroGradients: results.reduce((n, r) => n + (r.zeroGradient?.reduce((a, b) => a + b, 0) ?? 0), 0),
      forwards: results.reduce((n, r) => n + r.forwards, 0),
      backwards: results.reduce((n, r) => n + r.backwards, 0),
      durationMs: this.world.now() - started,
      perturbed: results.map((r) => r.perturbed),
    };
  }

  private async trainStage(condition: Condition, collapse: CollapseStage, layers?: LayerStage): Promise<void> {
    this.announce('train', condition);
    const { trainSamples } = this.request;
    const { labels } = await this.world.data.read('train', 0, trainSamples);
    const results = await this.units('train', condition, trainSamples, imageCost(condition, this.request), {
      wantFeatures: true,
      wantPerturbed: layers !== undefined && condition !== 'clean',
      layers: layers?.firstPass() ?? [],
    });
    const values = collapse.add(
      condition,
      results.map((r) => r.features as Float32Array),
      Int32Array.from(results.flatMap((r) => [...r.predictions])),
      labels,
    );
    this.world.onEvent?.({ type: 'collapse', condition, values });
    if (!layers) return;
    layers.takeSums(condition, results);
    const second = await this.units('train', condition, trainSamples, FORWARD, {
      layers: layers.secondPass(condition),
      perturbed: results.map((r) => r.perturbed),
    });
    layers.takeWithin(condition, second);
  }

  private async layerTestStage(condition: Condition, layers: LayerStage, tally: Tally): Promise<void> {
    if (condition === 'pgd-margin') {
      this.done += FORWARD * this.request.samples;
      return;
    }
    this.announce('layers', condition);
    layers.takeTest(
      condition,
      await this.units('test', condition, this.request.samples, FORWARD, { layers: layers.testPass(), perturbed: tally.perturbed }),
    );
  }

  private attackReport(id: AttackId, tally: Tally, labels: Uint8Array): NonNullable<Report['attacks'][AttackId]> {
    const classes = this.dataset.classNames.length;
    const hits = labels.reduce((n, y, i) => n + (tally.predictions[i] === (y + 1) % classes ? 1 : 0), 0);
    return {
      ...accuracy(tally, labels),
      loss: mean(tally.losses),
      linfMax: tally.linfMax,
      l2Max: tally.l2Max,
      durationMs: tally.durationMs,
      forwards: tally.forwards,
      backwards: tally.backwards,
      ...(ATTACK_INFO[id].targeted ? { targetRate: hits / labels.length } : {}),
    };
  }
}

const mean = (values: Float64Array) => values.reduce((a, b) => a + b, 0) / values.length;

function accuracy({ predictions }: Tally, labels: Uint8Array) {
  const correct = labels.reduce((n, y, i) => n + (predictions[i] === y ? 1 : 0), 0);
  return { accuracy: correct / labels.length, correct };
}

/** Worst case per sample over clean and every attack confined to the ball and not aimed; absent if none ran. */
function robustness(tallies: Map<Condition, Tally>, attacks: AttackId[], labels: Uint8Array): Pick<Report, 'robust'> {
  const counted = attacks.filter((a) => isRanking(a) && tallies.has(a));
  if (counted.length === 0) return {};
  const clean = tallies.get('clean') as Tally;
  let standing = Array.from(labels, (y, i) => clean.predictions[i] === y);
  const brokenBy: Record<string, number> = {};
  for (const attack of counted) {
    const { predictions } = tallies.get(attack) as Tally;
    const next = standing.map((alive, i) => alive && predictions[i] === labels[i]);
    brokenBy[attack] = standing.filter((alive, i) => alive && !next[i]).length;
    standing = next;
  }
  const correct = standing.filter(Boolean).length;
  return { robust: { accuracy: correct / labels.length, correct, interval95: wilson95(correct, labels.length) ?? [0, 1], brokenBy } };
}

/** zero-gradient: share of test images whose loss gradient is exactly zero where PGD starts. */
function flags(tallies: Map<Condition, Tally>, samples: number): Report['flags'] {
  const pgd = tallies.get('pgd-10');
  return pgd ? [{ id: 'zero-gradient', value: pgd.zeroGradients / samples, threshold: 0 }] : [];
}
