/** With a hundred classes a row for each is no picture: panels then show the extremes, and the rest when asked. */
export const MANY_CLASSES = 20;
export const SHOWN_CLASSES = 10;

/** Indices of the classes whose value is smallest (or largest), by value; classes without one are left out. */
export function extremes(values: readonly (number | null | undefined)[], which: 'smallest' | 'largest', most = SHOWN_CLASSES): number[] {
  const sign = which === 'smallest' ? 1 : -1;
  return values
    .flatMap((value, index) => (value == null ? [] : [{ value, index }]))
    .sort((a, b) => sign * (a.value - b.value) || a.index - b.index)
    .slice(0, most)
    .map(({ index }) => index);
}

/** How many values fall into each of `bins` equal parts of [−1, 1]; 1 belongs to the last. */
export function cosineHistogram(values: readonly number[], bins: number): number[] {
  const counts = new Array<number>(bins).fill(0);
  for (const v of values) counts[Math.min(bins - 1, Math.max(0, Math.floor(((v + 1) / 2) * bins)))]++;
  return counts;
}
