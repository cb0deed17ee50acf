/** Least and most of every number of a training's recipe, once for the terminal and the lab. */

export interface Range {
  least: number;
  most: number;
  /** `least` itself is not allowed. */
  above?: true;
  /** Whole numbers only. */
  whole?: true;
}

export const RECIPE_RANGES = {
  /** Factor of every convolution's filters. */
  width: { least: 0.05, most: 4 },
  epochs: { least: 1, most: 10000, whole: true },
  /** Images a step. */
  batch: { least: 2, most: 10000, whole: true },
  /** At the start; the schedule takes it from there. */
  learningRate: { least: 0, most: 10, above: true },
  momentum: { least: 0, most: 0.9999 },
  weightDecay: { least: 0, most: 1 },
  seed: { least: 0, most: 0xffffffff, whole: true },
} as const satisfies Record<string, Range>;

/** Never true of NaN. */
export const inRange = (value: number, { least, most, above, whole }: Range): boolean =>
  (above ? value > least : value >= least) && value <= most && (!whole || Number.isInteger(value));

/** What would be right, as the object of “must be”. */
export function rangeWords({ least, most, above, whole }: Range): string {
  if (whole) return `a whole number from ${least} to ${most}`;
  return `a number ${above ? `above ${least} and at most` : `from ${least} to`} ${most}`;
}

/** The same in short: "above 0 to 10". */
export const rangeSpan = ({ least, most, above }: Range): string => `${above ? 'above ' : ''}${least} to ${most}`;
