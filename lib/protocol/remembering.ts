/**
 * A laboratory with a memory in front of another one. Units are stateless and deterministic, so a run that is started again
 * with what it had measured before ends in the same report, bit for bit; so does one whose units were measured in several
 * places.
 */
import type { MeasureJob, MeasureResult } from './measure';
import { type StoredUnit, type UnitStore, unitKey } from './stored-unit';
import type { OnProgress } from './unit-progress';
import type { Laboratory } from './units';

export interface Memory {
  /** Where new units go, and the first place to look in. */
  own?: UnitStore;
  /** More places to look in. */
  others?: readonly UnitStore[];
  /**
   * Bytes of perturbed images that may still be kept. Where they are not, a layer's pass after an interruption has to run
   * the attack again; the outcome is the same.
   */
  pointsBudget: number;
  /** Milliseconds, monotonic. */
  now(): number;
  /** A unit could not be kept (from now on none will be) or not be read (it is measured again). */
  onLost(error: unknown): void;
}

export class RememberingLaboratory implements Laboratory {
  readonly capacity: number;
  /** Time that the units which were known already had taken, in milliseconds: the run's clock is ahead by it. */
  replayedMs = 0;
  /** Units that were known already, and units measured now. */
  readonly counts = { known: 0, measured: 0 };
  private lastArrival: number;
  private pointsLeft: number;
  private keeps: boolean;
  private lost = false;

  constructor(
    private readonly inner: Laboratory,
    private readonly memory: Memory,
  ) {
    this.capacity = inner.capacity;
    this.lastArrival = memory.now();
    this.pointsLeft = memory.pointsBudget;
    this.keeps = memory.own !== undefined;
  }

  async measure(job: MeasureJob, onProgress?: OnProgress): Promise<MeasureResult> {
    const key = unitKey(job);
    const known = await this.recall(key);
    if (!known || lacks(known, job)) return this.measureAndKeep(key, job, known !== undefined, onProgress);
    this.replayedMs += known.wallMs;
    this.counts.known++;
    const { wallMs: _, ...result } = known;
    const sums = job.layers.some((task) => task.kind === 'sums');
    if (!sums) {
      this.arrive();
      return result;
    }
    const { perturbed } = known;
    const { layers } = await this.inner.measure({ ...job, ...(perturbed ? { perturbed } : {}), wantFeatures: false, wantPerturbed: false });
    this.arrive();
    return { ...result, layers };
  }

  private async measureAndKeep(key: string, job: MeasureJob, known: boolean, onProgress?: OnProgress): Promise<MeasureResult> {
    const result = await this.inner.measure(job, onProgress);
    const wallMs = this.arrive();
    this.counts.measured++;
    if (this.keeps && !known) await this.keep(key, result, wallMs);
    return result;
  }

  /** Time since a unit arrived the last time. */
  private arrive(): number {
    const now = this.memory.now();
    const passed = now - this.lastArrival;
    this.lastArrival = now;
    return passed;
  }

  private async recall(key: string): Promise<StoredUnit | undefined> {
    const { own, others = [] } = this.memory;
    for (const store of own ? [own, ...others] : others) {
      // What can't be read has to be measured again, no more.
      const unit = await store.get(key).catch((error) => this.lose(error));
      if (unit) return unit;
    }
    return undefined;
  }

  private async keep(key: string, { logits: _, perturbed, layers, ...result }: MeasureResult, wallMs: number): Promise<void> {
    const points = perturbed && perturbed.byteLength <= this.pointsLeft ? { perturbed } : {};
    this.pointsLeft -= points.perturbed?.byteLength ?? 0;
    try {
      await this.memory.own?.put(key, { ...result, ...points, layers: layers.filter((l) => l.kind !== 'sums'), wallMs });
    } catch (error) {
      this.keeps = false;
      this.lose(error);
    }
  }

  /** Says once that something could not be kept or read. */
  private lose(error: unknown): undefined {
    if (!this.lost) this.memory.onLost(error);
    this.lost = true;
  }
}

/** Whether something that the job asks for was not kept: it has to be measured again. */
const lacks = (known: StoredUnit, job: MeasureJob): boolean =>
  (job.wantFeatures && !known.features) ||
  (job.wantPerturbed && job.condition !== 'clean' && !known.perturbed) ||
  (job.layers.some((task) => task.kind !== 'sums') && known.layers.length !== job.layers.length);
