import type { Condition } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER, CONDITIONS } from '../conditions';
import { DotPlot } from '../dot-plot';
import { degrees } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import { extremes, MANY_CLASSES } from './many-classes';
import { Panel } from './panel';

const toDegrees = (radians: number | null) => (radians === null ? null : (radians * 180) / Math.PI);

/** How far each perturbed class mean has turned away from the clean one. */
export function SimplexPanel({ report }: { report: Report }) {
  const dataset = DATASETS[BOARDS.get(report.board)?.dataset ?? 'fashion-mnist'];
  const conditions = CONDITION_ORDER.filter((c): c is Exclude<Condition, 'clean'> => c !== 'clean' && report.simplex[c] !== undefined);
  const angles = (c: Condition) => report.simplex[c]?.angleCentred ?? [];
  const mean = (c: Condition) => {
    const known = angles(c).filter((a): a is number => a !== null);
    return known.reduce((a, b) => a + b, 0) / known.length;
  };
  const many = dataset.classNames.length > MANY_CLASSES;
  const shown = many
    ? extremes(angles(conditions.includes('pgd-10') ? 'pgd-10' : conditions[0]), 'largest')
    : dataset.classNames.map((_, y) => y);
  return (
    <Panel
      id="simplex"
      title="Does the simplex hold?"
      lead="Angle between the clean and the perturbed mean of each class, both seen from the centre. Small angles: the simplex stands. Targeted images are grouped by the class they were sent to, so a small angle means that they leapt to its vertex."
    >
      <DotPlot
        title={many ? `Turn of the ${shown.length} class means that turned most, in degrees` : 'Turn of each class mean, in degrees'}
        summary={conditions.map((c) => `${CONDITIONS[c].label} on average ${degrees(mean(c))}`).join(', ')}
        rows={shown.map((y) => ({
          label: dataset.classNames[y],
          dots: conditions.map((condition) => ({ condition, value: toDegrees(angles(condition)[y] ?? null) })),
        }))}
        domain={[0, 180]}
        format={(v) => `${v}°`}
      />
      <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {conditions.map((c) => (
          <li key={c}>
            <ConditionName condition={c} /> <span className="text-muted">mean {degrees(mean(c))}</span>
          </li>
        ))}
      </ul>
      <details className="mt-3 text-sm">
        <summary className="w-fit text-muted">Angles and distances as a table</summary>
        <ScrollArea label="Angles and distances" className="mt-2">
          <table className="w-full min-w-[36rem]">
            <thead>
              <tr className="border-b border-line text-right">
                <th scope="col" className="py-1.5 text-left font-medium">
                  Class
                </th>
                {conditions.map((c) => (
                  <th key={c} scope="col" className="py-1.5 pl-3 font-medium">
                    <ConditionName condition={c} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {dataset.classNames.map((name, y) => (
                <tr key={name} className="border-b border-line text-right last:border-b-0">
                  <th scope="row" className="py-1 text-left font-normal">
                    {name}
                  </th>
                  {conditions.map((c) => {
                    const angle = angles(c)[y];
                    const distance = report.simplex[c]?.distanceCentred[y];
                    return (
                      <td key={c} className="py-1 pl-3">
                        {angle == null || distance == null ? 'not defined' : `${degrees(angle)}, ${distance.toFixed(2)}`}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      </details>
    </Panel>
  );
}
