/** Curves out of stored runs: the mean over the seeds of each value, with the least and the most as a band. */
import { COLLAPSE_CONDITIONS, type Condition } from '@/lib/attacks/catalogue';
import { estimate } from '@/lib/paper/interval';
import type { PaperRun, Point } from '@/lib/paper/run';
import type { Series } from '../_ui/line-plot';
import type { Similarity } from '../_ui/report/class-similarity';

/** Conditions that have a simplex of their own to lay on the clean one. */
export const PERTURBED = ['pgd-10', 'targeted', 'gaussian', 'sign'] as const satisfies readonly Condition[];

/** One line of values, by place, over the seeds. */
function over(
  condition: Condition,
  places: number,
  of: (run: PaperRun, place: number) => number | null | undefined,
  runs: PaperRun[],
): Series {
  const found = Array.from({ length: places }, (_, i) => estimate(runs.map((run) => of(run, i))));
  return {
    condition,
    values: found.map((e) => e?.mean ?? null),
    range: found.map((e) => (e && e.values.length > 1 ? [Math.min(...e.values), Math.max(...e.values)] : null)),
  };
}

export interface Curves {
  places: string[];
  at: number[];
  series: Series[];
  /** How many runs have the value; older ones lack some. */
  runs: number;
}

/** By epoch, of the epochs at which the first run was measured. */
export function epochCurves(runs: PaperRun[], value: keyof Point, conditions: readonly Condition[] = COLLAPSE_CONDITIONS): Curves {
  const at = (runs[0]?.epochs ?? []).flatMap(({ epoch, collapse }) => (collapse ? [epoch] : []));
  const of = (condition: Condition) => (run: PaperRun, i: number) =>
    run.epochs.find(({ epoch }) => epoch === at[i])?.collapse?.[condition]?.[value];
  const series = conditions.map((condition) => over(condition, at.length, of(condition), runs));
  const having = runs.filter((run) => conditions.some((condition) => of(condition)(run, at.length - 1) != null));
  return { places: at.map(String), at, series: series.filter((s) => s.values.some((v) => v !== null)), runs: having.length };
}

/** By layer, clean and under PGD. */
export function layerCurves(runs: PaperRun[], value: 'nc1' | 'nccAccuracy'): Pick<Curves, 'places' | 'series'> {
  const places = (runs[0]?.layers ?? []).map(({ name }) => name);
  const of = (kind: 'clean' | 'pgd') => (run: PaperRun, i: number) => run.layers[i]?.[kind][value];
  return {
    places,
    series: [over('clean', places.length, of('clean'), runs), over('pgd-10', places.length, of('pgd'), runs)],
  };
}

/** Class by class of the finished models, the mean over the runs that keep it; undefined of none. */
export function classSimilarity(runs: readonly PaperRun[]): { conditions: Similarity[]; runs: number } | undefined {
  const kept = runs.flatMap(({ simplex }) => (simplex ? [simplex] : []));
  if (kept.length === 0) return undefined;
  const conditions = PERTURBED.map((condition) => {
    const over = (key: 'angle' | 'distance') =>
      (kept[0][condition]?.[key] ?? []).map((_, y) => estimate(kept.map((simplex) => simplex[condition]?.[key][y]))?.mean ?? null);
    return { condition, angle: over('angle'), distance: over('distance') };
  });
  return { conditions, runs: kept.length };
}
