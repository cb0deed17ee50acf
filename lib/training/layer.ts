/**
 * What a network in training is made of: layers that run forward and, from what they saw, backward to their input and to
 * their parameters. One file each in layers/; a layer says itself how it is written to a file.
 */
import type * as tf from '@tensorflow/tfjs-core';

/**
 * `step`: batch statistics, which also move the moving averages (the pass of a weight step). `batch`: batch statistics
 * only (an attack on the network in training mode). `inference`: moving averages, as the finished model runs.
 */
export type Mode = 'step' | 'batch' | 'inference';

/** A weight that training changes; whoever replaces `value` disposes the old one. */
export interface Parameter {
  /** `layer/role`, as in the weights manifest. */
  name: string;
  value: tf.Tensor;
}

/** One forward pass of a layer and the way back. Tensors are the caller's, under its tidy. */
export interface Pass {
  y: tf.Tensor;
  /** Gradient with respect to the input. */
  toInput(dy: tf.Tensor): tf.Tensor;
  /** Gradients with respect to the parameters, in their order. */
  toParameters(dy: tf.Tensor): tf.Tensor[];
}

/** A layer as Keras names it, and the tensors of its weights by role, if it has any. */
export interface WrittenLayer {
  className: string;
  config: { name: string } & Record<string, unknown>;
  /** Names of the layers it reads; absent: the one written before it. */
  inputs?: readonly string[];
  weights?: Record<string, tf.Tensor>;
}

export interface TrainableLayer {
  readonly name: string;
  /** Shape of the output, without the batch. */
  readonly shape: readonly number[];
  readonly parameters: Parameter[];
  forward(x: tf.Tensor, mode: Mode): Pass;
  /** In order, the last one being what others read; `from` names the layer written before. */
  written(from: string): WrittenLayer[];
  /** Takes up moving averages that were written, by name; parameters are not its business. */
  restoreAverages?(values: (name: string) => Float32Array): void;
  /** Frees parameters, statistics and constants. */
  dispose(): void;
}

/** All that is written of a chain of layers; `image` is the name of what the first one reads. Under a tidy. */
export function writtenLayers(layers: readonly TrainableLayer[], image: string): WrittenLayer[] {
  const written: WrittenLayer[] = [];
  for (const layer of layers) written.push(...layer.written(written.at(-1)?.config.name ?? image));
  return written;
}

/** Rows of zeros on every side, for which Keras' layers have no word of their own; named after the layer that follows. */
export const zeroPadding = (name: string, pad: number): WrittenLayer => ({
  className: 'ZeroPadding2D',
  config: { name: `${name}.pad`, trainable: true, dtype: 'float32', padding: [pad, pad], data_format: 'channels_last' },
});

/** For layers without parameters. */
export const WITHOUT_PARAMETERS = { parameters: [] as Parameter[], dispose: () => undefined };
export const noGradients = () => [] as tf.Tensor[];
