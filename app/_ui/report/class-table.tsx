/** Accuracy of each class under each condition: which classes an attack takes first. */
import { isAutoAttack } from '@/lib/protocol/counts';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER, CONDITIONS } from '../conditions';
import { percent } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import { extremes, MANY_CLASSES, SHOWN_CLASSES } from './many-classes';
import { Panel } from './panel';

type Classes = NonNullable<Report['classes']>;

export function ClassTable({ classes, names }: { classes: Classes; names: readonly string[] }) {
  const lead = 'Percent of each class’s test images that are classified correctly.';
  const all = names.map((_, y) => y);
  if (names.length <= MANY_CLASSES)
    return (
      <Panel id="classes" title="Class by class" lead={lead}>
        <Table classes={classes} names={names} rows={all} label="Accuracy by class" />
      </Panel>
    );
  const under = classes.correct['pgd-10'] ? 'pgd-10' : 'clean';
  const share = all.map((y) => (classes.samples[y] ? (classes.correct[under]?.[y] ?? 0) / classes.samples[y] : null));
  return (
    <Panel
      id="classes"
      title="Class by class"
      lead={`${lead} Of ${names.length} classes, the ${SHOWN_CLASSES} with the fewest left under ${CONDITIONS[under].label}.`}
    >
      <Table classes={classes} names={names} rows={extremes(share, 'smallest')} label="Accuracy of the weakest classes" />
      <details className="mt-3 text-sm">
        <summary className="w-fit text-muted">All {names.length} classes</summary>
        <Table classes={classes} names={names} rows={all} label="Accuracy by class" />
      </details>
    </Panel>
  );
}

function Table({ classes, names, rows, label }: { classes: Classes; names: readonly string[]; rows: readonly number[]; label: string }) {
  const conditions = CONDITION_ORDER.filter((c) => classes.correct[c]);
  return (
    <ScrollArea label={label}>
      <table className="w-full min-w-[36rem] text-sm">
        <thead>
          <tr className="border-b border-line text-right">
            <th scope="col" className="py-2 text-left font-medium">
              Class
            </th>
            <th scope="col" className="py-2 pl-3 font-medium">
              Images
            </th>
            {conditions.map((c) => (
              <th key={c} scope="col" className="py-2 pl-3 font-medium">
                <ConditionName condition={c} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((y) => (
            <tr key={names[y]} className="border-b border-line text-right last:border-b-0">
              <th scope="row" className="py-1.5 text-left font-normal whitespace-nowrap">
                {names[y]}
              </th>
              <td className="py-1.5 pl-3 text-muted">{classes.samples[y]}</td>
              {conditions.map((c) => {
                const correct = classes.correct[c]?.[y];
                const n = (isAutoAttack(c) ? (classes.autoattackSamples ?? classes.samples) : classes.samples)[y];
                return (
                  <td key={c} className="py-1.5 pl-3">
                    {correct === undefined || n === 0 ? <span className="text-muted">none</span> : percent(correct / n)}
                  </td>
                );
              })}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
