/** Stochastic gradient descent with momentum and weight decay: v ← μ·v + g + λ·w, w ← w − η·v. Decay applies to every parameter. */
import * as tf from '@tensorflow/tfjs-core';
import type { Parameter } from './layer';

export interface SgdOptions {
  /** μ, 0 … 1 */
  momentum: number;
  /** λ */
  weightDecay: number;
}

export class Sgd {
  private readonly velocities: tf.Tensor[];

  constructor(
    private readonly parameters: readonly Parameter[],
    private readonly options: SgdOptions,
  ) {
    this.velocities = parameters.map((p) => tf.keep(tf.zerosLike(p.value)));
  }

  /** One step of rate η; `gradients` in the order of the parameters, left to the caller. */
  step(gradients: readonly tf.Tensor[], rate: number): void {
    const { momentum, weightDecay } = this.options;
    this.parameters.forEach((parameter, i) => {
      const [velocity, value] = tf.tidy(() => {
        const pull = weightDecay ? tf.add(gradients[i], tf.mul(parameter.value, weightDecay)) : gradients[i];
        const v = tf.add(tf.mul(this.velocities[i], momentum), pull);
        return [v, tf.sub(parameter.value, tf.mul(v, rate))];
      });
      tf.dispose([this.velocities[i], parameter.value]);
      this.velocities[i] = tf.keep(velocity);
      parameter.value = tf.keep(value);
    });
  }

  /** A copy of the momentum, one list for each parameter, in their order. */
  async velocityValues(): Promise<Float32Array[]> {
    return Promise.all(this.velocities.map(async (v) => Float32Array.from(await v.data())));
  }

  /** Takes up the momentum of an earlier training of the same parameters. */
  restore(values: readonly Float32Array[]): void {
    const sizes = this.velocities.map((v) => v.size);
    if (String(values.map((v) => v.length)) !== String(sizes))
      throw new Error(`expected momenta of [${sizes}] numbers, got [${values.map((v) => v.length)}]`);
    this.velocities.forEach((old, i) => {
      this.velocities[i] = tf.keep(tf.tensor(values[i].slice(), old.shape));
      old.dispose();
    });
  }

  dispose(): void {
    tf.dispose(this.velocities);
  }
}
