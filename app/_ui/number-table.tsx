/** A table of numbers: rows named at the left, cells to the right; scrolls sideways where it is wider than the page. */
import { ScrollArea } from './scroll-area';

interface Props {
  label: string;
  /** Over the rows' names. */
  corner: string;
  columns: readonly { key: string; head: React.ReactNode }[];
  /** Cells in the order of the columns. */
  rows: readonly { key: string; name: React.ReactNode; cells: readonly React.ReactNode[] }[];
  /** Cells hold more than one number. */
  wide?: boolean;
}

export function NumberTable({ label, corner, columns, rows, wide = false }: Props) {
  return (
    <ScrollArea label={label}>
      <table className={`w-full text-sm ${wide ? 'min-w-[44rem]' : 'min-w-[36rem]'}`}>
        <thead>
          <tr className="border-b border-line text-right">
            <th scope="col" className="py-1.5 text-left font-medium">
              {corner}
            </th>
            {columns.map(({ key, head }) => (
              <th key={key} scope="col" className="py-1.5 pl-3 font-medium">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, cells }) => (
            <tr key={key} className="border-b border-line text-right last:border-b-0">
              <th scope="row" className="py-1 text-left font-normal whitespace-nowrap">
                {name}
              </th>
              {cells.map((cell, i) => (
                <td key={columns[i].key} className="py-1 pl-3">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </ScrollArea>
  );
}
