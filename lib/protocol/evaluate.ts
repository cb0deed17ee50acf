/**
 * The one act: an evaluation of one model on one board. Splits the work into units, hands them to a laboratory (this
 * thread, other threads, other machines), and folds the results in the order of the samples, so that the report does not
 * depend on who measured what when.
 */
import { type AttackId, type Condition, conditionBefore, type Level } from '../attacks/catalogue';
import { fewClassesNotes } from '../attacks/few-classes';
import { jointNotes } from '../attacks/joint-notes';
import type { Collapse } from '../collapse/nc';
import { assess } from '../confidence/assess';
import { featureSpread } from '../confidence/feature-spread';
import type { Findings } from '../confidence/finding';
import { DATASETS, type DataSource } from '../data/datasets';
import { Failure } from '../failure';
import type { Model } from '../model/preflight';
import { type Board, PROTOCOL } from './boards';
import { CollapseStage } from './collapse-stage';
import { isAutoAttack, testCount } from './counts';
import { curves } from './curves';
import { type LayerPass, LayerStage, layerWork } from './layer-stage';
import { FORWARD, imageCost, plannedCost, probeCost } from './plan';
import { isAttacked, type Probe } from './probes';
import type { Report } from './report';
import { splitOf, stagesOf } from './stages';
import { attackReport, cleanReport, evidence, outcomes, outputs, perClass, robustness, type Tally, tallyUnits } from './tally';
import { Reached } from './unit-progress';
import { type Laboratory, type MeasuredUnit, measureUnits, type UnitHooks, type UnitSpec } from './units';

export interface EvaluationRequest {
  model: Model;
  board: Board;
  level: Level;
  attacks: AttackId[];
  samples: number;
  /** Of those, from the first, the ones that AutoAttack's attacks run on; all by default. */
  autoattackSamples?: number;
  trainSamples: number;
  batch: number;
  seed: number;
  restarts: number;
  layers: boolean;
  /** Confidence checks that need attacks of their own, and curves, on the first `checkSamples` test images (probes.ts). */
  checks?: boolean;
  curves?: boolean;
  checkSamples?: number;
  /** Of the network that checks may climb on (surrogates.ts): its digest, or why there is none. The laboratory has its files. */
  surrogate?: string | { notRun: string };
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

export type Part = 'test' | 'checks' | 'curves' | 'train' | 'layers';

export type EvaluationEvent =
  | { type: 'stage'; part: Part; condition: Condition; stage: number; stages: number; variant?: string }
  /** Work is counted in image-steps: one image through forward and input gradient. */
  /** `standing`: images that an attack of AutoAttack is at just now, where one is. */
  | { type: 'progress'; done: number; total: number; elapsedMs: number; standing?: number }
  | { type: 'accuracy'; condition: Condition; correct: number; samples: number }
  | { type: 'collapse'; condition: Condition; values: Collapse };

export async function evaluate(request: EvaluationRequest, world: EvaluationWorld): Promise<Report> {
  return new Evaluation(request, world).run();
}

/** Absent where no attack of AutoAttack runs. */
export const autoattackCount = (request: Pick<EvaluationRequest, 'attacks' | 'samples' | 'autoattackSamples'>) => {
  const attack = request.samples > 0 ? request.attacks.find(isAutoAttack) : undefined;
  return attack ? { autoattackSamples: testCount(attack, request) } : {};
};

class Evaluation {
  private readonly reached = new Reached();
  private total = 0;
  private stageIndex = 0;
  private stages = 0;
  private layerSet = 0;
  private forwards = 0;
  private backwards = 0;
  private features: Findings['features'] = { missing: 'no training image was measured' };
  /** Images that an attack of AutoAttack will have to work on, as far as it is known. */
  private readonly expected = new Map<Condition, number>();
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
    const { model, board, attacks, samples, trainSamples } = request;
    const classes = this.dataset.classNames.length;
    const testInfo = samples > 0 ? await splitOf(world.data, board, 'test', samples) : undefined;
    const trainInfo = trainSamples > 0 ? await splitOf(world.data, board, 'train', trainSamples) : undefined;
    const { test: testConditions, probes, train: trainConditions, layers: layerTests, withoutCollapse } = stagesOf(request);
    const withLayers = request.layers && trainConditions.length > 0;
    this.total = plannedCost({ ...request, layerWork: layerWork(model), trainSamples: trainConditions.length ? trainSamples : 0 });
    this.stages = testConditions.length + probes.length + trainConditions.length + layerTests.length;

    const tallies = new Map<Condition, Tally>();
    const units = new Map<string, MeasuredUnit[]>();
    const probed = new Map<string, Tally>();
    for (const condition of testConditions) {
      const before = conditionBefore(condition, testConditions);
      const stage = await this.testStage(condition, layerTests.includes(condition), before && units.get(before));
      tallies.set(condition, stage.tally);
      const begunFrom = probes.some(({ before: from }) => from === condition);
      if (begunFrom || testConditions.some((c) => conditionBefore(c, testConditions) === condition)) units.set(condition, stage.units);
    }
    for (const probe of probes) {
      const measured = await this.probe(probe, probe.before === undefined ? undefined : units.get(probe.before));
      units.set(probe.variant.id, measured);
      probed.set(probe.variant.id, tallyUnits(measured, 0));
    }
    units.clear();
    const collapse = new CollapseStage(model, classes);
    const layers = withLayers ? new LayerStage(model, classes) : undefined;
    for (const condition of trainConditions) await this.trainStage(condition, collapse, layers);
    if (layers) for (const condition of layerTests) await this.layerTestStage(condition, layers, tallies.get(condition) as Tally);

    if (withoutCollapse !== undefined) this.features = { missing: withoutCollapse };
    const clean = tallies.get('clean');
    const holds = new Map([...tallies, ...probed].map(([id, tally]) => [id, outcomes(tally)]));
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
        classes,
        notes: [...model.graph.notes, ...fewClassesNotes(classes, attacks), ...jointNotes(model.graph, attacks)],
      },
      environment: { ...world.environment, batch: request.batch },
      startedAt: world.startedAt,
      durationMs: world.now() - this.startedMs,
      data: { ...(testInfo ? { test: testInfo } : {}), ...(trainInfo ? { train: trainInfo } : {}) },
      counts: { samples, ...autoattackCount(request), trainSamples, forwards: this.forwards, backwards: this.backwards },
      clean: clean ? cleanReport(clean) : null,
      ...perClass(tallies, classes),
      attacks: Object.fromEntries(
        attacks.flatMap((id) => {
          const tally = tallies.get(id);
          return tally ? [[id, attackReport(id, tally, classes)]] : [];
        }),
      ),
      ...robustness(tallies, attacks),
      collapse: withoutCollapse === undefined ? collapse.values : null,
      ...(withoutCollapse === undefined ? {} : { collapseReason: withoutCollapse }),
      simplex: collapse.simplex,
      ...(withoutCollapse === undefined ? { cosines: collapse.cosines } : {}),
      ...(layers ? { layers: layers.report(samples, trainSamples) } : {}),
      ...assess(this.findings(tallies, probed, holds), isAttacked(request)),
      ...outputs(tallies),
      ...curves(request, holds),
      evidence: evidence(tallies),
    };
  }

  private findings(tallies: ReadonlyMap<Condition, Tally>, probed: ReadonlyMap<string, Tally>, holds: Findings['holds']): Findings {
    const { model, samples, checks, surrogate } = this.request;
    return {
      ...{ graph: model.graph, classes: this.dataset.classNames.length, holds, features: this.features },
      zeroGradients: tallies.get('pgd-10')?.zeroGradients,
      looksLikeProbabilities: tallies.get('clean')?.looksLikeProbabilities,
      ambiguous: tallies.get('clean')?.ambiguous,
      spread: probed.get('check-passes')?.spread,
      mustBreak: probed.get('check-must-break')?.mustBreak,
      ...(checks && typeof surrogate !== 'string' ? { noSurrogate: surrogate?.notRun ?? 'no surrogate was handed in' } : {}),
      notProbed:
        samples === 0 || !checks ? (samples === 0 ? 'no test image was measured' : 'checks were not asked for') : 'no image was checked',
    };
  }

  private announce(part: Part, condition: Condition, variant?: string): void {
    const stage = ++this.stageIndex;
    this.world.onEvent?.({ type: 'stage', part, condition, stage, stages: this.stages, ...(variant ? { variant } : {}) });
  }

  private report(standing: boolean): void {
    const { total, reached, world } = this;
    const elapsedMs = world.now() - this.startedMs;
    world.onEvent?.({ type: 'progress', done: reached.done, total, elapsedMs, ...(standing ? { standing: reached.standing } : {}) });
  }

  /** Measures units, keeping count of the passes and the progress. `perImage`: cost in image-steps. */
  private units(spec: Omit<UnitSpec, 'batch'>, perImage: number, hooks: UnitHooks = {}): Promise<MeasuredUnit[]> {
    return measureUnits(
      this.world,
      { ...spec, batch: this.request.batch },
      {
        underWay: (index, progress) => {
          this.reached.hear(index, progress);
          this.report(isAutoAttack(spec.condition));
        },
        arrived: (unit, index) => {
          this.forwards += unit.forwards;
          this.backwards += unit.backwards;
          this.reached.arrive(index, perImage * (unit.attacked ?? unit.labels.length));
          hooks.arrived?.(unit, index);
          this.report(isAutoAttack(spec.condition));
        },
        inOrder: hooks.inOrder,
      },
    );
  }

  /** Of AutoAttack's attacks, this and those that follow cost only what the images cost that stand before it. */
  private expectStanding(condition: Condition, before: readonly MeasuredUnit[]): void {
    const { request } = this;
    const [predictions, labels] = [before.flatMap((u) => [...u.predictions]), before.flatMap((u) => [...u.labels])];
    const standing = labels.slice(0, testCount(condition, request)).filter((y, i) => predictions[i] === y).length;
    for (const id of request.attacks.slice(request.attacks.indexOf(condition as AttackId)).filter(isAutoAttack)) {
      this.total -= imageCost(id, request) * ((this.expected.get(id) ?? testCount(id, request)) - standing);
      this.expected.set(id, standing);
    }
  }

  private async testStage(
    condition: Condition,
    keepPerturbed: boolean,
    before?: readonly MeasuredUnit[],
  ): Promise<{ tally: Tally; units: MeasuredUnit[] }> {
    this.announce('test', condition);
    if (before) this.expectStanding(condition, before);
    const started = this.world.now();
    let [correct, seen] = [0, 0];
    const spec = {
      ...{ split: 'test' as const, condition, count: testCount(condition, this.request) },
      ...{ wantPerturbed: keepPerturbed && condition !== 'clean', before },
    };
    const units = await this.units(spec, imageCost(condition, this.request), {
      arrived: ({ predictions, labels }) => {
        seen += labels.length;
        correct += labels.reduce((n, y, i) => n + (predictions[i] === y ? 1 : 0), 0);
        this.world.onEvent?.({ type: 'accuracy', condition, correct, samples: seen });
      },
    });
    this.refuseProbabilities(condition, units);
    return { tally: tallyUnits(units, this.world.now() - started), units };
  }

  private async probe(probe: Probe, before?: readonly MeasuredUnit[]): Promise<MeasuredUnit[]> {
    const { condition, variant, count } = probe;
    this.announce(probe.for, condition, variant.id);
    const cost = probeCost(probe, this.request);
    const units = await this.units({ split: 'test', condition, variant, count, before }, cost);
    // An attack on standing images costs only what it costs on those.
    for (const { attacked, labels } of units) this.total -= cost * (labels.length - (attacked ?? labels.length));
    return units;
  }

  private async trainStage(condition: Condition, collapse: CollapseStage, layers?: LayerStage): Promise<void> {
    this.announce('train', condition);
    const train = { split: 'train' as const, condition, count: this.request.trainSamples };
    const extra = layers ? layerWork(this.request.model) : 0;
    const sums = layers?.sumsPass(condition);
    const units = await this.units(
      { ...train, wantFeatures: true, wantPerturbed: layers !== undefined && condition !== 'clean', ...this.tasks(sums) },
      imageCost(condition, this.request),
      { inOrder: (unit) => sums?.take(unit.layers) },
    );
    this.refuseProbabilities(condition, units);
    const values = collapse.add(condition, units);
    if (condition === 'clean' && 'dim' in this.request.model.feature) {
      const rows = units.flatMap(({ features }) => (features ? [features] : []));
      const classes = new Set(units.flatMap(({ labels }) => [...labels])).size;
      const everyClass = classes === this.dataset.classNames.length;
      this.features = { ...featureSpread(rows, this.request.model.feature.dim), rank: values.rank, everyClass };
    }
    this.world.onEvent?.({ type: 'collapse', condition, values });
    if (!layers) return;
    sums?.finish();
    const within = layers.withinPass(condition);
    const perturbed = units.map((u) => u.perturbed);
    await this.units({ ...train, perturbed, ...this.tasks(within) }, FORWARD + 2 * extra, { inOrder: (unit) => within.take(unit.layers) });
    within.finish();
  }

  private async layerTestStage(condition: Condition, layers: LayerStage, { perturbed }: Tally): Promise<void> {
    this.announce('layers', condition);
    const nearest = layers.nearestPass(condition);
    const spec = { split: 'test' as const, condition, count: this.request.samples, perturbed, ...this.tasks(nearest) };
    await this.units(spec, FORWARD + layerWork(this.request.model), { inOrder: (unit) => nearest.take(unit.layers) });
    nearest.finish();
  }

  /** Attacks need logits; where every output of every image looks like a softmax's, the gradient has been squashed. */
  private refuseProbabilities(condition: Condition, units: readonly MeasuredUnit[]): void {
    if (condition !== 'clean' || !units.every((u) => u.looksLikeProbabilities)) return;
    const { nodes, output } = this.request.model.graph;
    const what = 'the outputs are probabilities but no softmax layer ends the model; attacks need logits';
    throw new Failure('model-refused', `layer ${nodes[output].name}: ${what}`);
  }

  private tasks(pass: LayerPass | undefined): Pick<UnitSpec, 'layers' | 'layerSet'> {
    return pass ? { layers: pass.tasks, layerSet: ++this.layerSet } : {};
  }
}
