/** The board as a table; on a phone each row is a card. Sorting is a link, so that it works before any script. */
import Link from 'next/link';
import type { BoardRow } from '@/db/queries/board';
import { BOARD_SORTS, type BoardSort } from '@/db/queries/board';
import { CHECKS } from '@/lib/confidence/catalogue';
import { StateBadge } from '../_ui/state-badge';
import { Cell, source } from './cell';
import { type Column, columnOf } from './columns';
import { Tick } from './compare-form';
import { type BoardView, boardQueryString } from './view';

/** Said in words, since browsers take a table's roles away where it is laid out as cards. */
const AS = { table: { role: 'table' }, row: { role: 'row' }, cell: { role: 'cell' } } as const;

interface Props {
  rows: BoardRow[];
  /** Tier by version, where the board is sorted by a ranking. */
  tiers: ReadonlyMap<string, number> | undefined;
  view: BoardView;
  path: string;
}

export function BoardTable({ rows, tiers, view, path }: Props) {
  const columns = view.columns.map(columnOf).filter((c): c is Column => c !== undefined);
  return (
    <table {...AS.table} className="w-full text-sm max-sm:block" data-board>
      <caption className="sr-only">
        Models, sorted by {columnOf(view.sort)?.label}
        {tiers ? '; rows of one tier can’t be told apart at 95 %' : ''}
      </caption>
      <thead className="max-sm:sr-only">
        <tr className="border-b border-line text-right align-bottom">
          {tiers ? (
            <th scope="col" className="py-2 pr-3 text-left font-medium">
              <abbr title="Rows of one tier can’t be told apart at 95 % (exact paired McNemar test against the tier’s best row; no correction for the number of rows).">
                Tier
              </abbr>
            </th>
          ) : null}
          <th scope="col" className="py-2 pr-3 text-left font-medium">
            Model
          </th>
          {columns.map((column) => (
            <Head key={column.id} column={column} view={view} path={path} />
          ))}
        </tr>
      </thead>
      <tbody className="max-sm:grid max-sm:gap-3">
        {rows.map((row) => (
          <Row key={row.versionId} row={row} columns={columns} tier={tiers?.get(row.versionId)} withTier={tiers !== undefined} />
        ))}
      </tbody>
    </table>
  );
}

const ARROW = { up: '↑', down: '↓' } as const;

function Head({ column, view, path }: { column: Column; view: BoardView; path: string }) {
  const sorted = view.sort === column.id;
  const best = BOARD_SORTS[column.id as BoardSort].best;
  const next = sorted ? (view.order === 'asc' ? 'desc' : 'asc') : best;
  const query = boardQueryString({ ...view, sort: column.id, order: next, cursor: '' });
  return (
    <th
      scope="col"
      aria-sort={sorted ? (view.order === 'asc' ? 'ascending' : 'descending') : undefined}
      className="py-2 pl-3 font-medium whitespace-nowrap"
    >
      <Link
        href={query ? `${path}?${query}` : path}
        scroll={false}
        prefetch={false}
        title={`${column.meaning}${column.betterWords ? ` ${column.betterWords[0].toUpperCase()}${column.betterWords.slice(1)}.` : ''}`}
        className={sorted ? 'text-accent underline underline-offset-4' : 'hover:underline hover:underline-offset-4'}
      >
        {column.label}
        {column.better ? <span aria-hidden="true"> {ARROW[column.better]}</span> : null}
        {sorted ? <span className="sr-only">, sorted {view.order === 'asc' ? 'ascending' : 'descending'}</span> : null}
      </Link>
    </th>
  );
}

function Row({ row, columns, tier, withTier }: { row: BoardRow; columns: Column[]; tier: number | undefined; withTier: boolean }) {
  const ranked = row.rankings.length > 0;
  const page = `/models/${row.slug}`;
  return (
    <tr
      {...AS.row}
      data-row
      className={`border-b border-line max-sm:grid max-sm:grid-cols-3 max-sm:gap-x-4 max-sm:gap-y-2 max-sm:rounded-lg max-sm:border max-sm:p-3 ${ranked ? '' : 'bg-panel/60'}`}
    >
      {withTier ? (
        <td
          {...AS.cell}
          className="py-2 pr-3 align-top text-muted max-sm:order-2 max-sm:p-0 max-sm:before:block max-sm:before:text-xs max-sm:before:content-['Tier']"
        >
          {tier ?? <span className="text-xs">{ranked ? '–' : 'not ranked'}</span>}
        </td>
      ) : null}
      <th scope="row" className="py-2 pr-3 text-left align-top font-normal max-sm:order-1 max-sm:col-span-3 max-sm:p-0">
        <Tick slug={row.slug} version={row.version} name={row.name} />
        <Link href={page} className="font-medium hover:underline" data-row-link>
          {row.name}
        </Link>
        {row.version > 1 ? <span className="text-muted"> v{row.version}</span> : null}
        <span className="block text-xs text-muted">
          {row.recipe === 'other' ? 'other recipe' : row.recipe}
          {row.extraData ? ` · extra data: ${row.extraData}` : ''}
          {row.autoattackSamples === null ? '' : ` · AutoAttack on ${row.autoattackSamples.toLocaleString('en')} images`}
          {row.weightsRemoved ? ' · files removed' : ''}
          {row.variants !== null && row.variants > 1 ? ` · one of ${row.variants} by ${row.submitter ?? 'its submitter'}` : ''}
          {row.full ? '' : ` · preview, ${row.samples.toLocaleString('en')} images`}
        </span>
        <StateBadge state={row.state} baseline={row.baseline} reason={row.reason} />
        {row.state === 'disqualified' && row.reason ? <span className="block text-xs text-bad">{row.reason}</span> : null}
        {row.flags.length ? <span className="ml-2 text-xs text-warn">⚑ {row.flags.join(', ')}</span> : null}
        {row.nearDuplicate !== null && row.nearDuplicateCosine !== null ? (
          <NearDuplicate of={row.nearDuplicate} cosine={row.nearDuplicateCosine} />
        ) : null}
      </th>
      {columns.map((column) => (
        <td key={column.id} {...AS.cell} className="py-2 pl-3 text-right align-top max-sm:order-3 max-sm:p-0 max-sm:text-left">
          <span aria-hidden="true" className="hidden text-xs text-muted max-sm:block">
            {column.label}
            {column.better ? ` ${ARROW[column.better]}` : ''}
          </span>
          <Link href={`/runs/${row.runId}`} prefetch={false} title={source(row)} className="hover:underline">
            <Cell row={row} column={column} />
          </Link>
        </td>
      ))}
    </tr>
  );
}

function NearDuplicate({ of, cosine }: { of: string; cosine: number }) {
  const [slug, version] = of.split('@');
  const { measures, threshold } = CHECKS['duplicate-weights'];
  return (
    <span className="block text-xs text-warn" title={`${measures} Flagged from ${threshold} on.`}>
      ⚑ near duplicate of{' '}
      <Link href={`/models/${slug}?version=${version}`} className="break-all underline underline-offset-2">
        {of}
      </Link>
      , cosine {cosine.toFixed(5)}
    </span>
  );
}
