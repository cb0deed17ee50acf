/**
 * Puts a model that can be read to the test before it is sent: what its outputs are, whether they repeat, how it stands on
 * a few images. Says each check as it is done. What the model itself does wrong is a refused check; a lost device or data
 * that can't be had are thrown.
 */
import { type Condition, LEVEL_ATTACKS } from '../attacks/catalogue';
import { DATASETS, type DataSource } from '../data/datasets';
import { Failure } from '../failure';
import type { Model } from '../model/preflight';
import type { Board } from './boards';
import { toPixels } from './measure';
import { plannedCost } from './plan';
import {
  type Check,
  type CheckId,
  cleanCheck,
  determinismCheck,
  inputRangeCheck,
  logitsCheck,
  PREFLIGHT_SIZE,
  pgdCheck,
  refused,
  timeCheck,
  zeroGradientCheck,
} from './preflight-checks';
import { type Laboratory, type MeasuredUnit, measureUnits } from './units';

export interface PreflightWorld {
  model: Model;
  board: Board;
  laboratory: Laboratory;
  data: DataSource;
  /** Images in a unit. */
  batch: number;
  /** Milliseconds, monotonic. */
  now(): number;
  signal?: AbortSignal;
  onCheck(check: Check): void;
  /** A check that is under way. */
  onProgress(id: CheckId, done: number, total: number): void;
}

/** Image-steps a second, from the last attack; null where a check was refused before it. */
export async function runPreflight(world: PreflightWorld): Promise<{ rate: number | null }> {
  let at: CheckId = 'logits';
  try {
    return await new PreflightRun(world, (id) => {
      at = id;
    }).run();
  } catch (error) {
    // Outputs or gradients that are not finite; the device's own failures have other codes.
    if (!(error instanceof Failure) || error.code !== 'computation-failed') throw error;
    world.onCheck(refused(at, [`${error.message}.`]));
    return { rate: null };
  }
}

class PreflightRun {
  private readonly classes: number;

  constructor(
    private readonly world: PreflightWorld,
    private readonly begin: (id: CheckId) => void,
  ) {
    this.classes = DATASETS[world.board.dataset].classNames.length;
  }

  async run(): Promise<{ rate: number | null }> {
    const { model, onCheck } = this.world;
    const { records } = await this.world.data.info('test');
    const samples = Math.min(PREFLIGHT_SIZE.clean, records);
    const attacked = Math.min(PREFLIGHT_SIZE.attacked, records);

    this.begin('logits');
    const clean = await this.units('clean', 'clean', samples);
    const logits = logitsCheck(
      clean.every((u) => u.looksLikeProbabilities),
      model.graph.notes,
    );
    onCheck(logits);
    const right = correctOf(clean);
    onCheck(cleanCheck(count(right), samples, this.classes));
    if (logits.state === 'refused') return { rate: null };

    const seen = right.slice(0, attacked);
    this.begin('input-range');
    const [bytes, signed] = [await this.scaled(attacked, (p) => p * 255), await this.scaled(attacked, (p) => 2 * p - 1)];
    onCheck(inputRangeCheck({ unit: count(seen), bytes, signed }, attacked));

    this.begin('determinism');
    onCheck(determinismCheck(await this.passes(Math.min(PREFLIGHT_SIZE.repeated, records)), this.classes));

    this.begin('pgd');
    const pgd10 = await this.units('pgd', 'pgd-10', attacked, [0, 2]);
    const started = this.world.now();
    const margin = await this.units('pgd', 'pgd-margin', attacked, [1, 2]);
    const rate = (attacked * (this.world.board.steps + 0.4)) / (Math.max(1, this.world.now() - started) / 1000);
    const [a, b] = [correctOf(pgd10), correctOf(margin)];
    const worst = seen.filter((ok, i) => ok && a[i] && b[i]).length;
    onCheck(pgdCheck({ samples: attacked, clean: count(seen), pgd10: count(a), margin: count(b), worst }));
    onCheck(
      zeroGradientCheck(
        pgd10.reduce((n, u) => n + (u.zeroGradient?.reduce((x, y) => x + y, 0) ?? 0), 0),
        attacked,
      ),
    );
    onCheck(timeCheck(this.fullCost() / rate));
    return { rate };
  }

  private fullCost(): number {
    const { board } = this.world;
    const { records } = DATASETS[board.dataset];
    const size = { samples: records.test, trainSamples: Math.min(10000, records.train) };
    return plannedCost({ board, restarts: 1, attacks: [...LEVEL_ATTACKS.pgd], ...size, layers: false, layerWork: 0 });
  }

  /** `share`: which part of the check this is, of how many. */
  private units(id: CheckId, condition: Condition, total: number, [part, parts] = [0, 1]): Promise<MeasuredUnit[]> {
    let done = 0;
    this.world.onProgress(id, part * total, parts * total);
    return measureUnits(
      this.world,
      { split: 'test', condition, count: total, batch: this.world.batch },
      {
        arrived: ({ labels }) => {
          done += labels.length;
          this.world.onProgress(id, part * total + done, parts * total);
        },
      },
    );
  }

  /** Right answers on pixels of another scale; null where the outputs are not finite there. */
  private async scaled(total: number, scale: (pixel: number) => number): Promise<number | null> {
    this.world.onProgress('input-range', 0, total);
    try {
      const { images, labels } = await this.world.data.read('test', 0, total);
      const { predictions } = await this.world.laboratory.measure({
        split: 'test',
        first: 0,
        condition: 'clean',
        images,
        labels,
        perturbed: toPixels(images).map(scale),
        wantFeatures: false,
        wantPerturbed: false,
        layers: [],
      });
      return labels.reduce((n, y, i) => n + (predictions[i] === y ? 1 : 0), 0);
    } catch (error) {
      if (error instanceof Failure && error.code === 'computation-failed') return null;
      throw error;
    }
  }

  private async passes(total: number): Promise<Float32Array[]> {
    const { images, labels } = await this.world.data.read('test', 0, total);
    const passes: Float32Array[] = [];
    for (let i = 0; i < PREFLIGHT_SIZE.passes; i++) {
      this.world.onProgress('determinism', i, PREFLIGHT_SIZE.passes);
      const { logits } = await this.world.laboratory.measure({
        split: 'test',
        first: 0,
        condition: 'clean',
        images,
        labels,
        wantFeatures: false,
        wantPerturbed: false,
        wantLogits: true,
        layers: [],
      });
      passes.push(logits as Float32Array);
    }
    return passes;
  }
}

const correctOf = (units: readonly MeasuredUnit[]) =>
  units.flatMap(({ predictions, labels }) => Array.from(labels, (y, i) => predictions[i] === y));
const count = (outcomes: readonly boolean[]) => outcomes.filter(Boolean).length;
