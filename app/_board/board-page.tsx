/** A board: what it is, its table, its scatter. */
import Link from 'next/link';
import { connection } from 'next/server';
import { boardPoints, boardRows, protocolsOf } from '@/db/queries/board';
import { boardTiers } from '@/db/queries/tiers';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, type Board, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { database } from '../_server/database';
import { siteUrl } from '../_server/environment';
import { BoardKeys } from './board-keys';
import { BoardTable } from './board-table';
import { COLUMNS, type Column, columnOf } from './columns';
import { CompareForm } from './compare-form';
import { Controls, Kept } from './controls';
import { Protocols } from './protocols';
import { Scatter } from './scatter';
import { TakeAway } from './take-away';
import { boardQuery, boardQueryString, rankingOf, readBoardView } from './view';

const PAGE = 100;
/** As many marks as a page may weigh. */
const MOST_POINTS = 500;

type Params = Record<string, string | string[] | undefined>;

export async function BoardPage({ board, path, searchParams }: { board: Board; path: string; searchParams: Params }) {
  await connection();
  const view = readBoardView(searchParams);
  const db = await database();
  const ranking = rankingOf(view.rank);
  const { cursor: _, ...fitting } = boardQuery(view, board.id, MOST_POINTS);
  const [protocols, page, points, tiers] = await Promise.all([
    protocolsOf(db, board.id),
    boardRows(db, boardQuery(view, board.id, PAGE)),
    boardPoints(db, fitting, view.x, view.y),
    boardTiers(db, board.id, view.protocol || PROTOCOL, ranking),
  ]);
  const byRanking = view.rank !== 'collapse' && view.sort === (view.rank === 'pgd' ? 'pgd' : 'robust');
  const more = page.next ? boardQueryString({ ...view, cursor: page.next }) : undefined;
  return (
    <section aria-labelledby="board-title">
      <BoardNav current={board} />
      <h2 id="board-title" className="mt-4 text-xl font-semibold tracking-tight">
        {DATASETS[board.dataset].title}, {NORM_LABEL[board.norm]} ≤ {board.epsilonLabel}
      </h2>
      <p className="mt-1 max-w-3xl text-sm text-muted">
        Robust accuracy is the share of test images that no accepted attack inside this ball has broken. Self-reported rows and previews are
        shown, not ranked.
      </p>
      <Protocols view={view} path={path} protocols={protocols} />
      <div className="mt-5">
        <Controls view={view} path={path} board={board.id} />
      </div>
      {page.rows.length ? (
        <div className="mt-4 grid gap-3 sm:overflow-x-auto">
          <div className="flex flex-wrap items-center gap-4">
            <CompareForm board={board.id} />
            <Link href={`/boards/${board.id}/images`} prefetch={false} className="text-sm underline underline-offset-2">
              Which images break every model
            </Link>
          </div>
          <BoardTable rows={page.rows} tiers={byRanking ? tiers : undefined} view={view} path={path} />
        </div>
      ) : (
        <Nothing board={board} filtered={boardQueryString(view) !== ''} path={path} />
      )}
      {more ? (
        <p className="mt-4 text-sm">
          <Link href={`${path}?${more}`} className="underline underline-offset-2">
            More rows
          </Link>
        </p>
      ) : null}
      {page.rows.length ? (
        <div className="mt-10 grid max-w-3xl gap-3">
          <h3 className="text-lg font-semibold">Any two columns</h3>
          <form action={path} method="get" className="flex flex-wrap items-end gap-3 text-sm">
            <Kept view={view} without={['x', 'y']} />
            <Axis name="y" label="Up" value={view.y} />
            <Axis name="x" label="Across" value={view.x} />
            <button type="submit" className="rounded-md border border-line px-3 py-1.5 hover:bg-panel">
              Draw
            </button>
          </form>
          <Scatter points={points} tiers={tiers} x={columnOf(view.x) as Column} y={columnOf(view.y) as Column} />
          {points.length === MOST_POINTS ? (
            <p className="text-xs text-muted">
              The first {MOST_POINTS} rows by {columnOf(view.sort)?.label} are drawn; filters narrow them.
            </p>
          ) : null}
        </div>
      ) : null}
      <TakeAway board={board} site={siteUrl()} day={new Date()} />
      <BoardKeys />
    </section>
  );
}

function BoardNav({ current }: { current: Board }) {
  return (
    <nav aria-label="Boards" className="flex flex-wrap gap-x-1 gap-y-1 text-sm">
      {[...BOARDS.values()].map((b) => (
        <Link
          key={b.id}
          href={`/boards/${b.id}`}
          aria-current={b.id === current.id ? 'page' : undefined}
          className={`rounded-md px-2.5 py-1 ${b.id === current.id ? 'bg-panel font-medium ring-1 ring-line' : 'text-muted hover:text-fg'}`}
        >
          {DATASETS[b.dataset].title} {NORM_LABEL[b.norm]} {b.epsilonLabel}
        </Link>
      ))}
    </nav>
  );
}

function Axis({ name, label, value }: { name: 'x' | 'y'; label: string; value: string }) {
  return (
    <label className="grid gap-1">
      <span className="text-muted">{label}</span>
      <select name={name} defaultValue={value} className="rounded-md border border-line bg-bg px-2 py-1.5">
        {COLUMNS.map((c) => (
          <option key={c.id} value={c.id}>
            {c.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function Nothing({ board, filtered, path }: { board: Board; filtered: boolean; path: string }) {
  return (
    <div className="mt-6 rounded-lg border border-dashed border-line p-8 text-center">
      {filtered ? (
        <p>
          No row fits.{' '}
          <Link href={path} className="underline underline-offset-2">
            Show all
          </Link>
        </p>
      ) : (
        <p>
          Nobody has submitted a model for {DATASETS[board.dataset].title} yet.{' '}
          <Link href={`/submit?board=${board.id}`} className="underline underline-offset-2">
            Submit the first
          </Link>
          , or{' '}
          <Link href={`/evaluate?board=${board.id}`} className="underline underline-offset-2">
            evaluate one
          </Link>{' '}
          without an account.
        </p>
      )}
    </div>
  );
}
