/** A short table of things rather than numbers; on a phone each row is a card, its cells under their heads. */
interface Props {
  label: string;
  heads: readonly string[];
  /** The first cell names the row. */
  rows: readonly { key: string; cells: readonly React.ReactNode[]; muted?: boolean }[];
}

// Browsers take a table's roles away where it is laid out as cards, so they are said in words.
const AS = {
  table: { role: 'table' },
  head: { role: 'columnheader', scope: 'col' },
  row: { role: 'row' },
  rowHead: { role: 'rowheader', scope: 'row' },
  cell: { role: 'cell' },
} as const;

export function ListTable({ label, heads, rows }: Props) {
  return (
    <table {...AS.table} aria-label={label} className="w-full text-left text-sm max-sm:block">
      {/* biome-ignore lint/a11y/noRedundantRoles: see AS. */}
      <thead role="rowgroup" className="text-muted max-sm:sr-only">
        <tr {...AS.row}>
          {heads.map((head) => (
            <th key={head} {...AS.head} className="py-2 pr-4 font-normal last:pr-0">
              {head}
            </th>
          ))}
        </tr>
      </thead>
      {/* biome-ignore lint/a11y/noRedundantRoles: see AS. */}
      <tbody role="rowgroup" className="max-sm:grid max-sm:gap-3">
        {rows.map(({ key, cells, muted }) => (
          <tr
            key={key}
            {...AS.row}
            className={`border-t border-line align-top max-sm:grid max-sm:grid-cols-2 max-sm:gap-x-4 max-sm:gap-y-2 max-sm:rounded-lg max-sm:border max-sm:p-3 max-sm:[&_time]:whitespace-normal ${muted ? 'text-muted' : ''}`}
          >
            {cells.map((cell, i) =>
              i === 0 ? (
                <th key={heads[i]} {...AS.rowHead} className="py-2 pr-4 text-left font-normal break-words max-sm:col-span-2 max-sm:p-0">
                  {cell}
                </th>
              ) : (
                <td
                  key={heads[i]}
                  {...AS.cell}
                  className="py-2 pr-4 break-words last:pr-0 max-sm:min-w-0 max-sm:p-0 max-sm:last:even:col-span-2"
                >
                  <span aria-hidden="true" className="hidden text-xs text-muted max-sm:block">
                    {heads[i]}
                  </span>
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
