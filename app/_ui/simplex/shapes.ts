/** What the drawing holds: coordinates of class means and images in the projection, at every stop of their way. */
import type { ClassMeans } from '@/lib/collapse/class-stats';
import { project, projectionOf } from '@/lib/collapse/projection';

export interface Shape {
  axes: number;
  /** Coordinates in the projection, [· × axes]. */
  means: Float64Array;
  /** Record index of each image that is drawn. */
  images: readonly number[];
  /** Place among `names` of each image's class. */
  owners: readonly number[];
  /** Where the images are, stop by stop, each [images × axes]; the first is clean. At least two. */
  stops: readonly Float64Array[];
  /** Names of the class means, in their order. */
  names: readonly string[];
  /** Distance from the centre that the drawing has to hold. */
  reach: number;
}

export interface Drawing {
  means: ClassMeans;
  labels: Uint8Array;
  classNames: readonly string[];
}

/** Features by stop, [images × dim]: of the first so many images, clean ones first. */
export type Stops = readonly Float32Array[];

export interface Shapes {
  axes: number;
  /** Share of the class means' scatter that the axes hold, 0 … 1. */
  explained: number;
  of(stops: Stops): Shape;
}

/** The projection of these classes' means, and whatever moves between their images drawn in it. */
export function shapesOf({ means, labels, classNames }: Drawing, classes: readonly number[]): Shapes {
  const { dim } = means;
  const projection = projectionOf(means, { classes });
  const { axes, explained } = projection;
  const corners = project(projection, Float64Array.from(classes.flatMap((c) => [...means.means.subarray(c * dim, (c + 1) * dim)])));
  const farthest = (points: Float64Array) => {
    let longest = 0;
    for (let n = 0; n < points.length; n += axes) longest = Math.max(longest, Math.hypot(...points.subarray(n, n + axes)));
    return longest;
  };
  return {
    axes,
    explained,
    of(stops) {
      const known = Math.min(labels.length, ...stops.map((s) => s.length / dim));
      const images = Array.from({ length: known }, (_, n) => n).filter((n) => classes.includes(labels[n]));
      const at = stops.map((features) => {
        const picked = new Float64Array(images.length * dim);
        images.forEach((n, k) => {
          picked.set(features.subarray(n * dim, (n + 1) * dim), k * dim);
        });
        return project(projection, picked);
      });
      const names = classes.map((c) => classNames[c]);
      const owners = images.map((n) => classes.indexOf(labels[n]));
      return {
        axes,
        means: corners,
        images,
        owners,
        stops: at,
        names,
        reach: [corners, ...at].map(farthest).reduce((a, b) => Math.max(a, b)),
      };
    },
  };
}

/** Coordinates a share 0 … 1 of the way, straight between stops. */
export function along(stops: readonly Float64Array[], share: number): Float64Array {
  const place = share * (stops.length - 1);
  const before = Math.min(stops.length - 2, Math.floor(place));
  const part = place - before;
  return stops[before + 1].map((v, i) => (1 - part) * stops[before][i] + part * v);
}
