/** Accuracy of each class under each condition: which classes an attack takes first. */
import { isAutoAttack } from '@/lib/protocol/counts';
import type { Report } from '@/lib/protocol/report';
import { CONDITION_ORDER, CONDITIONS } from '../conditions';
import { percent } from '../format';
import { ConditionName } from '../marker';
import { NumberTable } from '../number-table';
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
    <NumberTable
      label={label}
      corner="Class"
      columns={[
        { key: 'images', head: 'Images' },
        ...conditions.map((condition) => ({ key: condition, head: <ConditionName condition={condition} /> })),
      ]}
      rows={rows.map((y) => ({
        ...{ key: names[y], name: names[y] },
        cells: [
          <span key="images" className="text-muted">
            {classes.samples[y]}
          </span>,
          ...conditions.map((c) => {
            const correct = classes.correct[c]?.[y];
            const n = (isAutoAttack(c) ? (classes.autoattackSamples ?? classes.samples) : classes.samples)[y];
            return correct === undefined || n === 0 ? (
              <span key={c} className="text-muted">
                none
              </span>
            ) : (
              percent(correct / n)
            );
          }),
        ],
      }))}
    />
  );
}
