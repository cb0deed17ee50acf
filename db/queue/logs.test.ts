import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import type { Db } from '../client';
import { queueLogs } from '../schema';
import { onEachDatabase } from '../testing/databases';
import { appendLog, dropOldLogs, LOG_LIMIT, readLog } from './logs';

const textOf = async (db: Db, jobId: string) => {
  let text = '';
  for (let after = 0; ; ) {
    const some = await readLog(db, jobId, after);
    if (!some.length) return text;
    text += some.map((c) => c.text).join('');
    after = some[some.length - 1].id;
  }
};

onEachDatabase('the log of a job', ({ test }) => {
  test('is read in the order in which it came, each job’s by itself', async (db) => {
    const [one, other] = [randomUUID(), randomUUID()];
    for (let i = 0; i < 120; i++) {
      await appendLog(db, one, `line ${i}\n`);
      if (i % 40 === 0) await appendLog(db, other, 'another\n');
    }
    expect(await textOf(db, one)).toBe(Array.from({ length: 120 }, (_, i) => `line ${i}\n`).join(''));
    expect(await textOf(db, other)).toBe('another\n'.repeat(3));
    expect(await readLog(db, randomUUID())).toEqual([]);
  });

  test('keeps a long text whole, and what PostgreSQL would refuse as a replacement character', async (db) => {
    const jobId = randomUUID();
    const long = `x${'🜚é'.repeat(9_000)}`;
    await appendLog(db, jobId, long);
    await appendLog(db, jobId, '');
    await appendLog(db, jobId, 'a\0b');
    expect(await textOf(db, jobId)).toBe(`${long}a\uFFFDb`);
  });

  test('comes to an end', async (db) => {
    const jobId = randomUUID();
    const half = 'a'.repeat(LOG_LIMIT / 2);
    expect(await appendLog(db, jobId, half)).toBe(true);
    expect(await appendLog(db, jobId, `${half}bbb`)).toBe(true);
    expect(await appendLog(db, jobId, 'c')).toBe(false);
    expect(await textOf(db, jobId)).toBe(`${half}${half}\n(the log is full: what followed was not kept)\n`);
  });

  test('is dropped when it is old', async (db) => {
    const [old, young] = [randomUUID(), randomUUID()];
    await appendLog(db, old, 'old');
    await db.update(queueLogs).set({ at: sql`now() - interval '91 days'` });
    await appendLog(db, young, 'young');
    await dropOldLogs(db);
    expect([await textOf(db, old), await textOf(db, young)]).toEqual(['', 'young']);
  });
});
