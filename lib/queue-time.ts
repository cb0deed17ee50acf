/** How long until a job that waits will have been measured. */

export interface TimeRange {
  lowSeconds: number;
  highSeconds: number;
}

/**
 * With k runners and n jobs ahead, ⌊n/k⌋ jobs come before this one on its runner, the first of which may be as good as done;
 * then its own takes as long as one. Each takes between the first and the ninth decile of the recent ones.
 * @param ahead jobs that run or wait before it, n ≥ 0
 * @param durations of jobs that ended of late, seconds, in any order
 * @param runners that are at work, k
 * @returns undefined where nothing can be said: no runner, or no job has ended yet
 */
export function estimate(ahead: number, durations: readonly number[], runners: number): TimeRange | undefined {
  if (runners < 1 || !durations.length) return undefined;
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (q: number) => sorted[Math.round(q * (sorted.length - 1))];
  const before = Math.floor(ahead / runners);
  return { lowSeconds: Math.max(before, 1) * at(0.1), highSeconds: (before + 1) * at(0.9) };
}
