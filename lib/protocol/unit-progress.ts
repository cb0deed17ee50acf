/**
 * How far a unit is while it is measured: with AutoAttack one takes minutes. Counted as the plan counts (plan.ts), so that a
 * unit that has arrived is worth no less than it said last.
 */
import { FORWARD } from './plan';

export interface UnitProgress {
  /** Image-steps: what the images that still stand have been through, and all that the others could have cost. */
  done: number;
  /** Images that the last pass was of; an attack of AutoAttack has let go of the others. */
  standing: number;
}

export type OnProgress = (progress: UnitProgress) => void;
/** Hears of a pass of so many images, forward or with a gradient. */
export type OnPass = (images: number, backward: boolean) => void;

/** Turns the passes of one unit into its progress. `perImage`: what an image costs that resists, in image-steps. */
export class UnitMeter {
  private before = 0;
  constructor(
    private readonly perImage: number,
    private readonly say: OnProgress,
  ) {}

  /** Of the next part of the unit, in which so many images are attacked. Every pass is of all that stand, so it costs each the same. */
  part(images: number): OnPass {
    const { before, perImage } = this;
    this.before += images * perImage;
    let spent = 0;
    return (standing, backward) => {
      spent = Math.min(perImage, spent + (backward ? 1 : FORWARD));
      this.say({ done: before + (images - standing) * perImage + standing * spent, standing });
    };
  }
}

/** What is done of a run: units that have arrived, and what those under way say of themselves. */
export class Reached {
  private arrived = 0;
  private readonly underWay = new Map<number, UnitProgress>();

  hear(unit: number, progress: UnitProgress): void {
    this.underWay.set(unit, progress);
  }
  arrive(unit: number, cost: number): void {
    this.underWay.delete(unit);
    this.arrived += cost;
  }
  get done(): number {
    return this.sum(({ done }) => done) + this.arrived;
  }
  /** Images under attack just now. */
  get standing(): number {
    return this.sum(({ standing }) => standing);
  }
  private sum(of: (progress: UnitProgress) => number): number {
    return [...this.underWay.values()].reduce((n, progress) => n + of(progress), 0);
  }
}
