import { COLLAPSE_CONDITIONS } from '@/lib/attacks/catalogue';
import type { Collapse } from '@/lib/collapse/nc';
import { CONDITION_ORDER } from '../conditions';
import { DotPlot } from '../dot-plot';
import { significant, tick } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';
import type { Live } from './report-view';
import { ScoreTable } from './score-table';

const METRICS: { key: keyof Collapse; label: string; meaning: string; more?: 'lower' }[] = [
  { key: 'nc1', label: 'NC1', meaning: 'Scatter within classes against scatter between them, tr(Σ_W Σ_B⁺).', more: 'lower' },
  { key: 'nc2NormMeans', label: 'NC2 norms, means', meaning: 'How unequal the lengths of the centred class means are.', more: 'lower' },
  { key: 'nc2NormWeights', label: 'NC2 norms, weights', meaning: 'How unequal the lengths of the last layer’s rows are.', more: 'lower' },
  {
    key: 'nc2AngleMeans',
    label: 'NC2 angles, means',
    meaning: 'How far the class means are from a simplex’s equal angles.',
    more: 'lower',
  },
  { key: 'nc2AngleWeights', label: 'NC2 angles, weights', meaning: 'The same for the last layer’s rows.', more: 'lower' },
  {
    key: 'nc3',
    label: 'NC3',
    meaning: 'Distance between the last layer’s weights and the class means, both scaled to length 1; 0 to 4.',
    more: 'lower',
  },
  { key: 'nc4', label: 'NC4', meaning: 'Share of images on which the nearest class mean and the network disagree.', more: 'lower' },
  {
    key: 'trRatio',
    label: 'tr Σ_W / tr Σ_B',
    meaning: 'Scatter within classes over scatter between them, without the pseudo-inverse.',
    more: 'lower',
  },
  {
    key: 'rank',
    label: 'Rank of the means',
    meaning: 'Directions that the class means span; C − 1 when all are there. A lost direction lowers NC1 without more collapse.',
  },
];

interface Props {
  collapse: Live['collapse'];
  classes: number;
  missing: string | undefined;
  running: boolean;
}

/** NC1 at a glance, and every metric under every condition. */
export function CollapsePanel({ collapse, classes, missing, running }: Props) {
  const conditions = CONDITION_ORDER.filter((c) => COLLAPSE_CONDITIONS.includes(c));
  const measured = conditions.filter((c) => collapse[c]);
  return (
    <Panel
      id="collapse"
      title="Neural collapse"
      lead="Measured on features of training images. At full collapse every metric marked ↓ is zero: each class shrinks to a point, and the points form a simplex."
    >
      {missing ? <p className="text-sm">Not run: {missing}.</p> : null}
      {measured.length > 0 ? (
        <DotPlot
          title="NC1 by condition (logarithmic; left is more collapsed)"
          summary={measured.map((c) => `${c} ${significant(collapse[c]?.nc1)}`).join(', ')}
          log
          rows={conditions.map((condition) => ({
            label: LABEL[condition] ?? condition,
            dots: [{ condition, value: collapse[condition]?.nc1 ?? null }],
          }))}
          format={tick}
        />
      ) : null}
      {missing ? null : (
        <ScrollArea label="All collapse metrics" className="mt-4">
          <table className="w-full min-w-[44rem] text-sm">
            <caption className="sr-only">Collapse metrics under each condition</caption>
            <thead>
              <tr className="border-b border-line text-left">
                <th scope="col" className="py-2 pr-3 font-medium">
                  Metric <span className="font-normal text-muted">(↓ lower is more collapsed)</span>
                </th>
                {conditions.map((c) => (
                  <th key={c} scope="col" className="py-2 pl-3 text-right font-medium">
                    <ConditionName condition={c} />
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {METRICS.map(({ key, label, meaning, more }) => (
                <tr key={key} className="border-b border-line last:border-b-0">
                  <th scope="row" className="sticky left-0 bg-bg py-1.5 pr-3 text-left font-normal whitespace-nowrap">
                    <abbr title={meaning}>{label}</abbr> {more ? <span aria-hidden="true">↓</span> : null}
                  </th>
                  {conditions.map((c) => {
                    const values = collapse[c];
                    const lost = key === 'rank' && values !== undefined && values.rank < classes - 1;
                    return (
                      <td key={c} className={`py-1.5 pl-3 text-right ${values ? '' : 'text-muted'} ${lost ? 'text-warn' : ''}`}>
                        {values ? (key === 'rank' ? values.rank : significant(values[key])) : running ? '…' : 'not run'}
                        {lost ? ` of ${classes - 1}` : ''}
                      </td>
                    );
                  })}
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      )}
      {running ? null : <ScoreTable collapse={collapse} classes={classes} />}
    </Panel>
  );
}

const LABEL: Partial<Record<string, string>> = {
  clean: 'Clean',
  gaussian: 'Gaussian noise',
  sign: 'Sign noise',
  'pgd-10': 'PGD-10',
  targeted: 'Targeted',
};
