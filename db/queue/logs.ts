/** What runners write while they work: kept as it comes, so that a runner that dies takes none of it along. */
import { and, asc, desc, eq, gt, lt, sql } from 'drizzle-orm';
import type { Db } from '../client';
import { queueLogs } from '../schema';

const CHUNK = 8_000;
/** Of one job, characters. */
export const LOG_LIMIT = 1_000_000;
const FULL = '\n(the log is full: what followed was not kept)\n';

/** PostgreSQL keeps no NUL in a text. */
export const withoutNul = (text: string) => text.replaceAll('\0', '\uFFFD');

function chunks(text: string): string[] {
  const out: string[] = [];
  for (let i = 0; i < text.length; ) {
    let end = Math.min(i + CHUNK, text.length);
    const code = text.charCodeAt(end - 1);
    if (end < text.length && code >= 0xd800 && code < 0xdc00) end--; // a pair of surrogates stays together
    out.push(text.slice(i, end));
    i = end;
  }
  return out;
}

/** Adds to the log of a job; false, and nothing is added, once it has come to LOG_LIMIT. */
export async function appendLog(db: Db, jobId: string, text: string): Promise<boolean> {
  if (!text) return true;
  const [{ length }] = await db
    .select({ length: sql<number>`coalesce(sum(length(${queueLogs.text})), 0)::int` })
    .from(queueLogs)
    .where(eq(queueLogs.jobId, jobId));
  if (length >= LOG_LIMIT) return false;
  const room = LOG_LIMIT - length;
  const kept = withoutNul(text.length < room ? text : text.slice(0, room).padEnd(room) + FULL);
  await db.insert(queueLogs).values(chunks(kept).map((chunk) => ({ jobId, text: chunk })));
  return true;
}

export interface LogChunk {
  id: number;
  text: string;
  at: Date;
}

/** The log of a job in order, at most a hundred chunks, after the one with the id `after`. */
export async function readLog(db: Db, jobId: string, after = 0): Promise<LogChunk[]> {
  return db
    .select({ id: queueLogs.id, text: queueLogs.text, at: queueLogs.at })
    .from(queueLogs)
    .where(and(eq(queueLogs.jobId, jobId), gt(queueLogs.id, after)))
    .orderBy(asc(queueLogs.id))
    .limit(100);
}

/** The last hundred chunks, in order. */
export async function lastLog(db: Db, jobId: string): Promise<LogChunk[]> {
  const chunks = await db
    .select({ id: queueLogs.id, text: queueLogs.text, at: queueLogs.at })
    .from(queueLogs)
    .where(eq(queueLogs.jobId, jobId))
    .orderBy(desc(queueLogs.id))
    .limit(100);
  return chunks.reverse();
}

/** Removes what is older than so many days. */
export async function dropOldLogs(db: Db, days = 90): Promise<void> {
  await db.delete(queueLogs).where(lt(queueLogs.at, sql`now() - ${days} * interval '1 day'`));
}
