/** Rows of a board to tick, where there is nothing to compare yet. */

import { lastingName } from '@/app/_server/comparison';
import { StateBadge } from '@/app/_ui/state-badge';
import type { BoardRow } from '@/db/queries/board';
import { DATASETS } from '@/lib/data/datasets';
import { type Board, NORM_LABEL } from '@/lib/protocol/boards';

export function Chooser({ board, rows, chosen }: { board: Board; rows: BoardRow[]; chosen: readonly string[] }) {
  if (rows.length < 2) return <p className="mt-4 text-sm">There are not two models on this board yet.</p>;
  return (
    <form action="/compare" method="get" className="mt-6 grid gap-3 text-sm">
      <input type="hidden" name="board" value={board.id} />
      <fieldset>
        <legend className="font-medium">
          Models on {DATASETS[board.dataset].title} {NORM_LABEL[board.norm]} {board.epsilonLabel}
        </legend>
        <ul className="mt-2 grid gap-1">
          {rows.map((row) => {
            const name = lastingName(row);
            return (
              <li key={row.versionId}>
                <label className="inline-flex flex-wrap items-center gap-2">
                  <input
                    type="checkbox"
                    name="m"
                    value={name}
                    defaultChecked={chosen.includes(name) || chosen.includes(row.slug)}
                    className="accent-accent"
                  />
                  {row.name}
                  {row.version > 1 ? ` v${row.version}` : ''} <StateBadge {...row} />
                </label>
              </li>
            );
          })}
        </ul>
      </fieldset>
      <button type="submit" className="w-fit rounded-md bg-accent px-3 py-1.5 font-medium text-accent-fg">
        Compare
      </button>
    </form>
  );
}
