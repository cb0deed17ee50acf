/** The rows of a board turned by a quarter: one column for each model, so that a number stands beside its like. */
import Link from 'next/link';
import { Cell, source } from '@/app/_board/cell';
import { COLUMNS, type Column } from '@/app/_board/columns';
import { CopyButton } from '@/app/_ui/copy-button';
import { percent } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { ScrollArea } from '@/app/_ui/scroll-area';
import { StateBadge } from '@/app/_ui/state-badge';
import type { BoardRow } from '@/db/queries/board';
import { wilson95 } from '@/lib/protocol/interval';

interface Props {
  rows: BoardRow[];
  /** Of the shared images, how many each holds. */
  held: number[];
  samples: number;
  /** What is held against, in words. */
  against: string;
  /** The rows as a LaTeX table. */
  latex: string;
}

const ARROW = { up: ' ↑', down: ' ↓' } as const;

/** Places of the best value, where there is a better way and not all are equal. */
function best(rows: BoardRow[], column: Column): Set<number> {
  const values = rows.map((row) => column.value(row));
  const known = values.flatMap((v) => v ?? []);
  if (!column.better || known.length < 2 || known.every((v) => v === known[0])) return new Set();
  const top = column.better === 'up' ? Math.max(...known) : Math.min(...known);
  return new Set(values.flatMap((v, i) => (v === top ? [i] : [])));
}

export function Scores({ rows, held, samples, against, latex }: Props) {
  return (
    <Panel
      id="scores"
      title="Side by side"
      lead="Every number leads to its run. An arrow says which way is better, or more collapsed; the best of a line is bold."
    >
      <ScrollArea label="Numbers of the models">
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line align-bottom">
              <td className="py-2 pr-3" />
              {rows.map((row) => (
                <th key={row.versionId} scope="col" className="min-w-28 py-2 pl-4 text-left font-medium">
                  <Link href={`/models/${row.slug}?version=${row.version}`} className="underline underline-offset-2">
                    {row.name}
                  </Link>
                  {row.version > 1 ? <span className="text-muted"> v{row.version}</span> : null}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <Line label="State" values={rows.map((row) => [row.versionId, <StateBadge key="s" {...row} />])} />
            <Line
              label={`Held, ${against}`}
              title={`Of the ${samples.toLocaleString('en')} images that all of them have`}
              values={rows.map((row, i) => {
                const [low, high] = wilson95(held[i], samples) ?? [0, 0];
                return [
                  row.versionId,
                  <span key="h">
                    {held[i].toLocaleString('en')} of {samples.toLocaleString('en')}{' '}
                    <span className="block text-xs text-muted">
                      {percent(low)}–{percent(high)} %
                    </span>
                  </span>,
                ];
              })}
            />
            {COLUMNS.map((column) => {
              const winners = best(rows, column);
              return (
                <Line
                  key={column.id}
                  label={`${column.label}${column.better ? ARROW[column.better] : ''}`}
                  title={column.meaning}
                  values={rows.map((row, i) => [
                    row.versionId,
                    <Link
                      key="c"
                      href={`/runs/${row.runId}`}
                      prefetch={false}
                      title={source(row)}
                      className={`hover:underline ${winners.has(i) ? 'font-semibold [&_.text-muted]:font-normal [&_strong]:font-semibold' : ''}`}
                    >
                      <Cell row={row} column={column} />
                    </Link>,
                  ])}
                />
              );
            })}
          </tbody>
        </table>
      </ScrollArea>
      <div className="mt-3">
        <CopyButton text={latex} label="Copy as LaTeX" />
      </div>
    </Panel>
  );
}

function Line({ label, title, values }: { label: string; title?: string; values: [string, React.ReactNode][] }) {
  return (
    <tr className="border-b border-line align-top last:border-b-0">
      <th scope="row" className="py-1.5 pr-3 text-left font-normal text-muted">
        {title ? <abbr title={title}>{label}</abbr> : label}
      </th>
      {values.map(([key, value]) => (
        <td key={key} className="py-1.5 pl-4">
          {value}
        </td>
      ))}
    </tr>
  );
}
