/** Rows of a dump as Apache Parquet: one column for each name that any row has, of one type; what is no scalar is JSON. */
import { type ColumnSource, parquetWriteBuffer } from 'hyparquet-writer';

type Row = Record<string, unknown>;

/** Of the values that are there; text where they are of several kinds. */
function typeOf(values: readonly unknown[]): 'BOOLEAN' | 'DOUBLE' | 'STRING' | 'JSON' {
  const kinds = new Set(values.map((value) => typeof value));
  if (kinds.has('object')) return 'JSON';
  if (kinds.size !== 1) return 'STRING';
  return kinds.has('boolean') ? 'BOOLEAN' : kinds.has('number') ? 'DOUBLE' : 'STRING';
}

/** Numbers are float64, times their ISO text, lists and objects JSON; what is not there is null. */
export function parquetOf(rows: readonly Row[]): Uint8Array {
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const columnData = names.map((name): ColumnSource => {
    const data = rows.map((row) => row[name] ?? null);
    const type = typeOf(data.filter((value) => value !== null));
    return { name, type, nullable: true, data: type === 'STRING' ? data.map((value) => (value === null ? null : String(value))) : data };
  });
  return new Uint8Array(parquetWriteBuffer({ columnData }));
}
