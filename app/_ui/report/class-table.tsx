/** Accuracy of each class under each condition: which classes an attack takes first. */
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER } from '../conditions';
import { percent } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';

export function ClassTable({ classes, names }: { classes: NonNullable<Report['classes']>; names: readonly string[] }) {
  const conditions = CONDITION_ORDER.filter((c) => classes.correct[c]);
  return (
    <Panel id="classes" title="Class by class" lead="Percent of each class’s test images that are classified correctly.">
      <ScrollArea label="Accuracy by class">
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
            {names.map((name, y) => (
              <tr key={name} className="border-b border-line text-right last:border-b-0">
                <th scope="row" className="py-1.5 text-left font-normal whitespace-nowrap">
                  {name}
                </th>
                <td className="py-1.5 pl-3 text-muted">{classes.samples[y]}</td>
                {conditions.map((c) => {
                  const correct = classes.correct[c]?.[y];
                  const n = classes.samples[y];
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
    </Panel>
  );
}
