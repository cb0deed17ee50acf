/** How far each perturbed class mean lies from the clean one: angles as dots, angles and distances as a table. */
import type { Condition } from '@/lib/attacks/catalogue';
import { average } from '@/lib/collapse/simplex';
import { CONDITIONS } from '../conditions';
import { DotPlot } from '../dot-plot';
import { degrees, tick } from '../format';
import { ConditionName } from '../marker';
import { NumberTable } from '../number-table';
import { extremes, MANY_CLASSES } from './many-classes';

export interface Similarity {
  condition: Exclude<Condition, 'clean'>;
  /** Centred, in radians; null where a class has no image. */
  angle: readonly (number | null)[];
  /** Centred, in units of the features. */
  distance: readonly (number | null)[];
}

/** As a page speaks of angles elsewhere. */
const UNITS = {
  degrees: { words: 'degrees', scale: 180 / Math.PI, most: 180, axis: (v: number) => `${v}°`, text: degrees },
  radians: { words: 'radians', scale: 1, most: Math.PI, axis: tick, text: (v: number) => `${v.toFixed(2)} rad` },
} as const;

interface Props {
  classNames: readonly string[];
  conditions: readonly Similarity[];
  unit: keyof typeof UNITS;
}

export function ClassSimilarity({ classNames, conditions, unit }: Props) {
  const { words, scale, most, axis, text } = UNITS[unit];
  const meanText = (angles: readonly (number | null)[]) => {
    const mean = average(angles);
    return mean === null ? 'not defined' : text(mean);
  };
  const many = classNames.length > MANY_CLASSES;
  const attacked = conditions.find(({ condition }) => condition === 'pgd-10') ?? conditions[0];
  const shown = many ? extremes(attacked?.angle ?? [], 'largest') : classNames.map((_, y) => y);
  return (
    <>
      <DotPlot
        title={many ? `Turn of the ${shown.length} class means that turned most, in ${words}` : `Turn of each class mean, in ${words}`}
        summary={conditions.map(({ condition, angle }) => `${CONDITIONS[condition].label} on average ${meanText(angle)}`).join(', ')}
        rows={shown.map((y) => ({
          label: classNames[y],
          dots: conditions.map(({ condition, angle }) => {
            const turn = angle[y] ?? null;
            return { condition, value: turn === null ? null : scale * turn };
          }),
        }))}
        domain={[0, most]}
        format={axis}
      />
      <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {conditions.map(({ condition, angle }) => (
          <li key={condition}>
            <ConditionName condition={condition} /> <span className="text-muted">mean {meanText(angle)}</span>
          </li>
        ))}
      </ul>
      <details className="mt-3 text-sm">
        <summary className="w-fit text-muted">Angles and distances as a table</summary>
        <div className="mt-2">
          <NumberTable
            label="Angles and distances"
            corner="Class"
            columns={conditions.map(({ condition }) => ({ key: condition, head: <ConditionName condition={condition} /> }))}
            rows={classNames.map((name, y) => ({
              ...{ key: name, name },
              cells: conditions.map(({ angle: { [y]: angle }, distance: { [y]: distance } }) =>
                angle == null || distance == null ? 'not defined' : `${text(angle)}, ${distance.toFixed(2)}`,
              ),
            }))}
          />
        </div>
      </details>
    </>
  );
}
