/** Ten thousand queued jobs and twenty runners on a PostgreSQL server of its own, which waits for the disk with every commit. */
import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { type Db, openDatabase } from '../db/client';
import { migrateServer } from '../db/migrate';
import { enqueue } from '../db/queue/jobs';
import { complete, lease, renew } from '../db/queue/leases';
import { queueList } from '../db/queue/list';
import { startPostgres } from '../db/testing/postgres';

const JOBS = 10_000;
const RUNNERS = 20;
const SECONDS = 20;
/** A real job takes minutes; a runner that asks this often stands for hundreds that don't. */
const PAUSE_MS = 500;

export async function queueBench(): Promise<void> {
  console.log(`\n${JOBS} queued jobs, ${RUNNERS} runners, PostgreSQL, 5 connections, ${SECONDS} s each`);
  const { server, absent } = await startPostgres(true);
  if (!server) return console.log(`  not measured: ${absent}`);
  try {
    await migrateServer(server.url);
    const { db, close } = await openDatabase({ driver: 'pg', url: server.url });
    await fill(db);
    await db.execute(sql`analyze`);
    await work(db, 'each asks twice a second', PAUSE_MS);
    await work(db, 'each asks again at once', 0);
    await close();
  } finally {
    await server.remove();
  }
}

async function fill(db: Db): Promise<void> {
  const began = performance.now();
  for (let i = 0; i < JOBS; i += 1000)
    await db.transaction(async (tx) => {
      for (let j = 0; j < 1000; j++) await enqueue(tx as unknown as Db, oneJob());
    });
  console.log(`  enqueued: ${((performance.now() - began) / JOBS).toFixed(2)} ms each`);
}

const oneJob = () => ({
  ...{ kind: 'verification' as const, versionId: randomUUID() },
  board: 'fashion-mnist/linf',
  protocol: '1',
  level: 'pgd',
  reason: 'a claim was stored',
});

async function work(db: Db, title: string, pauseMs: number): Promise<void> {
  const times: Record<string, number[]> = { lease: [], renew: [], complete: [], list: [] };
  const timed = async <T>(what: string, run: () => Promise<T>): Promise<T> => {
    const began = performance.now();
    const value = await run();
    times[what].push(performance.now() - began);
    return value;
  };
  const until = performance.now() + SECONDS * 1000;
  const runner = async (n: number) => {
    const id = randomUUID();
    await new Promise((resolve) => setTimeout(resolve, (n * pauseMs) / RUNNERS));
    while (performance.now() < until) {
      const got = await timed('lease', () => lease(db, id, 60));
      if (!got) break;
      await timed('renew', () => renew(db, got.jobId, id, { done: 1, total: 2, stage: 'pgd' }));
      const answer = await timed('complete', () => db.transaction((tx) => complete(tx as unknown as Db, got.jobId, id)));
      if (answer !== 'done') throw new Error(`a job was ${answer}`);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const watcher = async () => {
    while (performance.now() < until) {
      await timed('list', () => queueList(db));
      await new Promise((resolve) => setTimeout(resolve, 1000));
    }
  };
  await Promise.all([watcher(), ...Array.from({ length: RUNNERS }, (_, n) => runner(n))]);
  console.log(`  ${title}: ${times.lease.length} jobs (${(times.lease.length / SECONDS).toFixed(0)} a second)`);
  for (const [what, list] of Object.entries(times)) {
    list.sort((a, b) => a - b);
    const at = (q: number) => `${list[Math.min(list.length - 1, Math.floor(q * list.length))].toFixed(1)} ms`;
    console.log(`    ${what.padEnd(9)} median ${at(0.5)}, p95 ${at(0.95)}${what === 'lease' ? ' (goal 100)' : ''}, longest ${at(1)}`);
  }
}
