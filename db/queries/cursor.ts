/** Where a page of a listing ends: the sorted number of its last entry, and the id that orders equal ones. */
import { type AnyColumn, type SQL, sql } from 'drizzle-orm';

export interface Cursor {
  value: string;
  id: string;
}

export const writeCursor = (value: string, id: string) => Buffer.from(JSON.stringify([value, id])).toString('base64url');

/** Undefined if it is not one of ours. */
export function readCursor(cursor: string): Cursor | undefined {
  try {
    const [value, id] = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    const isNumber = typeof value === 'string' && /^(-?Infinity|-?\d+(\.\d+)?(e[+-]?\d+)?)$/.test(value);
    return isNumber && typeof id === 'string' && /^[0-9a-f-]{36}$/.test(id) ? { value, id } : undefined;
  } catch {
    return undefined;
  }
}

/** Newest first: a time as a number that keeps its microseconds, and what lies beyond a cursor. */
export function newestFirst(
  time: AnyColumn,
  id: AnyColumn,
  cursor: Cursor | undefined,
): { key: SQL<string>; order: SQL; beyond: SQL | undefined } {
  const seconds = sql`extract(epoch from ${time})`;
  return {
    key: sql<string>`${seconds}::text`,
    order: sql`${time} desc, ${id} asc`,
    beyond: cursor && sql`(${seconds} < ${cursor.value}::numeric or (${seconds} = ${cursor.value}::numeric and ${id} > ${cursor.id}))`,
  };
}

/** Text that LIKE takes literally. */
export const escapeLike = (text: string) => text.replace(/[\\%_]/g, '\\$&');
