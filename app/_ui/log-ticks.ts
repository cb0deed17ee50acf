/** Ticks of a logarithmic axis that can be labelled without crowding: 1, 2, 5 of each decade, or whole decades if it is long. */
export function logTicks([low, high]: readonly number[]): number[] {
  const [from, to] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const steps = to - from > 3 ? [1] : to - from > 1 ? [1, 3] : [1, 2, 5];
  const ticks = Array.from({ length: to - from + 1 }, (_, i) => from + i).flatMap((d) => steps.map((s) => s * 10 ** d));
  return ticks.filter((t) => t >= low * 0.999 && t <= high * 1.001);
}
