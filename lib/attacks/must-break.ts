/**
 * A test of the attack, after Zimmermann et al., “Increasing Confidence in Adversarial Robustness Evaluations”, NeurIPS 2022
 * (arXiv 2206.13991). The network's last layer gives way to one that tells a point on the ball's surface from points inside it: so
 * there is an adversarial example in the ball, and an attack that can climb on this network's features finds one.
 */
import * as tf from '@tensorflow/tfjs-core';
import { CountedClassifier } from '../model/counting';
import type { ModelGraph } from '../model/graph';
import { featureNetwork, headed } from '../model/headed';
import type { Network } from '../model/network';
import { standardNormal, TAG, uniform01 } from '../random';
import { distanceFrom, intoBall, l2Norm } from './host-ball';
import { Passes } from './passes';
import { separatingHead } from './separating-head';
import type { StandingAttack, StandingBatch } from './standing';
import { someOf } from './targets';

/** Points inside, the image among them; within this share of the radius. */
const INNER = 100;
const INNER_RADIUS = 0.95;
/** The boundary lies so far from the highest inner point (0) to the surface's point (1). */
const CLOSENESS = 0.9;
/** Other points of the surface, which say how often luck alone would do; where it does for more than this share, nothing is tested. */
const LUCKY = 20;
const MOST_LUCKY = 0.5;
/** A point counts up to this much outside of the radius, which is float32's rounding. */
const SLACK = 1e-6;

/** Image by image. */
export interface MustBreak {
  /** 1: the network was altered so that it must break; 0: no layer told the surface's point from the inner ones, or luck would do. */
  tested: Uint8Array;
  /** 1: the attack found a point of the ball that the altered network takes for the surface's. */
  broken: Uint8Array;
  /** Share of other points of the surface that do the same. */
  lucky: Float64Array;
  /** Images that went forward and backward through the features, altered head or not. */
  forwards: number;
  backwards: number;
}

/** Of each image of the batch, whose labels do not matter here. Costs 123 forward passes an image, the attack, and one more of its point. */
export async function mustBreak(graph: ModelGraph, attack: StandingAttack, batch: StandingBatch): Promise<MustBreak> {
  const count = batch.samples.length;
  const result: MustBreak = {
    ...{ tested: new Uint8Array(count), broken: new Uint8Array(count), lucky: new Float64Array(count) },
    ...{ forwards: 0, backwards: 0 },
  };
  const features = featureNetwork(graph);
  try {
    for (let n = 0; n < count; n++) {
      const one = { ...someOf(batch, [n]), labels: Int32Array.of(0) };
      const { ball, samples } = one;
      const drawn = drawnPoints(one);
      const rows = await featuresOf(features, drawn.subarray(0, (INNER + 1) * ball.size), INNER + 1);
      result.forwards += INNER + 1;
      const head = separatingHead(rows, features.classes);
      if (!head) continue;
      const network = headed(features, head.w, head.b - CLOSENESS);
      const altered = new CountedClassifier(network);
      try {
        const passes = new Passes(altered, 'must-break');
        const breaks = async (points: Float32Array) => {
          const logits = await passes.logits({ x: points, samples: new Int32Array(points.length / ball.size).fill(samples[0]) });
          return Array.from({ length: logits.length / 2 }, (_, k) => logits[2 * k + 1] > logits[2 * k]);
        };
        // In the passes' own arithmetic: the image must hold, and the surface's point must break.
        const [image, surface, ...others] = await breaks(joined(drawn.subarray(0, ball.size), drawn.subarray(INNER * ball.size)));
        if (image || !surface) continue;
        result.lucky[n] = others.filter(Boolean).length / LUCKY;
        if (result.lucky[n] > MOST_LUCKY) continue;
        result.tested[n] = 1;
        const { broken, points } = await attack.attack(altered, one);
        if (broken[0] && distanceFrom(ball, 0, points, 0) <= ball.epsilon * (1 + SLACK) && (await breaks(points))[0]) result.broken[n] = 1;
      } finally {
        result.forwards += altered.forwards;
        result.backwards += altered.backwards;
        network.dispose();
      }
    }
    return result;
  } finally {
    features.dispose();
  }
}

/** The image, INNER − 1 points inside, one on the surface, LUCKY more there; clipped to the box. */
function drawnPoints({ ball, samples, split, seed }: StandingBatch): Float32Array {
  const { norm, epsilon, x0, size } = ball;
  const out = new Float32Array((INNER + 1 + LUCKY) * size);
  out.set(x0);
  for (let k = 1; k < INNER + 1 + LUCKY; k++) {
    const inner = k < INNER;
    const stream = {
      seed,
      tag: inner ? TAG.mustBreakInner : TAG.mustBreakSurface,
      sample: samples[0],
      split,
      restart: inner ? k : k - INNER,
    };
    const point = new Float64Array(size);
    if (norm === 'linf' && inner) {
      uniform01(stream, size).forEach((u, i) => {
        point[i] = x0[i] + INNER_RADIUS * epsilon * (2 * u - 1);
      });
    } else {
      const t = standardNormal(stream, size);
      // The radius is drawn beyond the direction's elements.
      const radius = inner ? INNER_RADIUS * epsilon * uniform01(stream, size + 4)[size + 3] : epsilon;
      const length = norm === 'l2' ? l2Norm(t) : 1;
      for (let i = 0; i < size; i++) point[i] = x0[i] + (radius * (norm === 'l2' ? t[i] : Math.sign(t[i]))) / length;
    }
    intoBall(ball, 0, point, out, k * size);
  }
  return out;
}

/** [count × size of the features] */
async function featuresOf(features: Network, x: Float32Array, count: number): Promise<Float32Array> {
  const h = tf.tidy(() => features.logits(tf.tensor4d(x, [count, ...features.inputShape])));
  const values = (await h.data()) as Float32Array;
  h.dispose();
  return values;
}

function joined(a: Float32Array, b: Float32Array): Float32Array {
  const out = new Float32Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}
