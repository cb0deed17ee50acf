/** One number of a row, as people read it. */
import type { BoardRow } from '@/db/queries/board';
import { percent, significant } from '../_ui/format';
import { When } from '../_ui/when';
import type { Column } from './columns';

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export function Cell({ row, column }: { row: BoardRow; column: Column }) {
  const value = column.value(row);
  if (value === null) return <span className="text-muted">{absent(row, column)}</span>;
  if (column.id === 'robust' && row.robustLow !== null && row.robustHigh !== null)
    return <WithInterval value={value} low={row.robustLow} high={row.robustHigh} />;
  if (column.kind === 'share') return <>{percent(value)}</>;
  if (column.kind === 'score') return <Score value={value} lost={(row.meansRank ?? 9) < (row.classes ?? 10) - 1} />;
  if (column.kind === 'count') return <>{compact.format(value)}</>;
  if (column.kind === 'date') return <When iso={row.measuredAt.toISOString()} day />;
  return <>{significant(value)}</>;
}

/** Why there is no number: collapse was measured and isn't defined (no last Dense layer, an empty class), or nobody looked. */
const absent = (row: BoardRow, { kind }: Column) =>
  (kind === 'metric' || kind === 'score') && row.trainSamples > 0 ? 'not defined' : 'not run';

/** The interval as half-widths in words, and as a thin bar from 0 to 100 %. */
function WithInterval({ value, low, high }: { value: number; low: number; high: number }) {
  return (
    <span className="inline-grid justify-items-end whitespace-nowrap max-sm:justify-items-start">
      <span>
        <strong className="font-medium">{percent(value)}</strong> <span className="text-muted">± {percent((high - low) / 2)}</span>
      </span>
      <span aria-hidden="true" className="relative mt-0.5 block h-1 w-20 rounded-sm bg-line">
        <span
          className="absolute inset-y-0 rounded-sm bg-accent"
          style={{ left: `${100 * low}%`, width: `${Math.max(2, 100 * (high - low))}%` }}
        />
      </span>
    </span>
  );
}

function Score({ value, lost }: { value: number; lost: boolean }) {
  return (
    <span title={lost ? 'Class means have lost a direction: NC1 counts for nothing here.' : undefined}>
      {value.toFixed(1)}
      {lost ? (
        <span className="text-warn">
          <span aria-hidden="true"> !</span>
          <span className="sr-only"> (class means have lost a direction)</span>
        </span>
      ) : null}
    </span>
  );
}

/** Where a row's numbers come from, in a line. */
export function source(row: BoardRow): string {
  const attacked = row.autoattackSamples === null ? '' : ` (AutoAttack: ${row.autoattackSamples.toLocaleString('en')})`;
  const size = `${row.samples.toLocaleString('en')} test${attacked} and ${row.trainSamples.toLocaleString('en')} training images`;
  return `Run ${row.runId.slice(0, 8)}, protocol ${row.protocol}, ${size}, ${row.measuredAt.toISOString().slice(0, 10)}${row.full ? '' : ' (preview)'}`;
}
