/**
 * What the attacks of AutoAttack are: from images that a classifier gets right to points that it gets wrong, inside the ball.
 * An image that holds is given back as it was. Run one after another, each on what the ones before it left standing.
 */
import type { Classifier } from '../model/classifier';
import type { Split } from '../random';
import type { Breaks } from './apgd';
import type { AttackInfo } from './catalogue';
import type { HostBall } from './host-ball';

/** Correctly classified images; what becomes of one does not depend on the others. */
export interface StandingBatch {
  ball: HostBall;
  labels: Int32Array;
  /** Record index of each image within its split; names its random stream. */
  samples: Int32Array;
  split: Split;
  seed: number;
  /** APGD's steps, 100 by default. */
  iterations?: number;
  /** Of APGD on all other classes at once: which of its starts, the first by default. */
  restart?: number;
}

export interface StandingAttack extends AttackInfo {
  /** Throws a Failure that names the image where an output or a gradient is not finite. */
  attack(classifier: Classifier, batch: StandingBatch): Promise<Breaks>;
}
