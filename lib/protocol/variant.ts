/**
 * A condition with other settings than the board's: what checks and curves are measured with. A variant says everything that
 * differs, so that a unit of it can be measured anywhere like any other, and its id names it among the units of a run.
 */
import { standardNormal, TAG } from '../random';
import type { Board } from './boards';
import type { MeasureSettings } from './measure';

export interface Variant {
  /** Of its own within a run: a unit that is kept is found by it. */
  id: string;
  /** Radius of the ball, in pixel units of [0, 1]. */
  epsilon?: number;
  /** PGD's step size and count. */
  alpha?: number;
  steps?: number;
  /** PGD begins at the image itself, not at random. */
  fromImage?: boolean;
  /** APGD's steps; where it looks back follows from them. */
  iterations?: number;
  /** This restart alone, from 0; the draws of each are its own. */
  restart?: number;
  /** The clean images, changed. */
  change?: ImageChange;
  /** Another attack in the condition's place, which looks behind masked gradients; or the test of that attack (masked-measure.ts). */
  instead?: 'smooth' | 'transfer' | 'must-break';
  /** The clean images go through the network so many times, and the outputs are compared. */
  passes?: number;
}

/** `shift`: one pixel to the right, the left column twice. `noise`: every value up or down by 1/255, by lot. */
export type ImageChange = 'shift' | 'noise';

/** The settings that a unit of a variant is measured with; `variant` undefined: the board's. */
export function settingsOf(settings: MeasureSettings, variant: Variant | undefined): MeasureSettings {
  if (!variant) return settings;
  const { epsilon, alpha, steps, restart } = variant;
  const { board } = settings;
  const changed: Board = { ...board, epsilon: epsilon ?? board.epsilon, alpha: alpha ?? board.alpha, steps: steps ?? board.steps };
  return { ...settings, board: changed, restarts: restart === undefined ? settings.restarts : 1 };
}

interface Images {
  /** Flat NHWC in [0, 1]. */
  pixels: Float32Array;
  /** height, width, channels */
  shape: readonly [number, number, number];
  /** Record index of each image within the test split. */
  samples: readonly number[];
  seed: number;
}

/** Noise is clipped to the box; a shift keeps the bytes. */
export function changedImages(change: ImageChange, { pixels, shape, samples, seed }: Images): Float32Array {
  const [, width, channels] = shape;
  const out = pixels.slice();
  const row = width * channels;
  if (change === 'shift') {
    for (let at = 0; at < out.length; at += row) out.copyWithin(at + channels, at, at + row - channels);
    return out;
  }
  const size = pixels.length / Math.max(1, samples.length);
  samples.forEach((sample, n) => {
    standardNormal({ seed, tag: TAG.checkNoise, sample, split: 'test' }, size).forEach((v, i) => {
      const moved = pixels[n * size + i] + (v < 0 ? -1 : 1) / 255;
      out[n * size + i] = Math.min(1, Math.max(0, moved));
    });
  });
  return out;
}
