/**
 * The same as a runner sees it: twenty of them lease over HTTP from the API's own process, which asks after their reference
 * checks, who may have which job, and the model's files.
 */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { aRunner } from '../app/_server/api/testing-runner';
import { submitted } from '../app/_server/api/testing-submission';
import type { Db } from '../db/client';
import { enqueue } from '../db/queue/jobs';
import { runners as runnerRows, versions } from '../db/schema';
import { World } from './faults/world';

const JOBS = 10_000;
const RUNNERS = 20;
const SECONDS = 40;
/** A job takes minutes; where none waits a runner asks every 15 s. */
const PAUSE_MS = 5000;

export async function queueRouteBench(): Promise<void> {
  console.log(`\n${JOBS} queued jobs, ${RUNNERS} runners over HTTP, each asks every ${PAUSE_MS / 1000} s, for ${SECONDS} s`);
  const world = await World.open().catch((error: Error) => error);
  if (world instanceof Error) return console.log(`  not measured: ${world.message}`);
  try {
    const [owner, admin, other] = [await world.account('Ada'), await world.account('Grace', 'admin'), await world.account('Box', 'runner')];
    const { versionId } = await submitted(world, owner.token, 'public');
    await fill(world.db, versionId);
    const crowd = await Promise.all(Array.from({ length: RUNNERS }, (_, n) => aRunner(world, other, `box ${n}`)));
    for (const { id } of crowd) await world.told('POST', `/runners/${id}/approve`, { token: admin.token, body: {} });
    await world.db.update(runnerRows).set({ backend: 'wasm' });
    const times: number[] = [];
    const until = performance.now() + SECONDS * 1000;
    await Promise.all(
      crowd.map(async (runner, n) => {
        await new Promise((resolve) => setTimeout(resolve, (n * PAUSE_MS) / RUNNERS));
        while (performance.now() < until) {
          const began = performance.now();
          const job = await runner.lease();
          times.push(performance.now() - began);
          if (!job) throw new Error('expected a job');
          // Ends it for good, so that the next lease finds another.
          await runner.fail(job.id, 'model-refused');
          await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
        }
      }),
    );
    times.sort((a, b) => a - b);
    const at = (q: number) => `${times[Math.min(times.length - 1, Math.floor(q * times.length))].toFixed(1)} ms`;
    console.log(`  ${times.length} leases: median ${at(0.5)}, p95 ${at(0.95)} (goal 100), longest ${at(1)}`);
  } finally {
    await world.close();
  }
}

/** A version for every job: of one there is one job at a time. */
async function fill(db: Db, versionId: string): Promise<void> {
  const [row] = await db.select().from(versions).where(eq(versions.id, versionId));
  for (let i = 0; i < JOBS; i += 500) {
    const more = Array.from({ length: 500 }, (_, j) => ({
      ...{ ...row, id: randomUUID(), number: 2 + i + j, sha256: (i + j).toString(16).padStart(64, '0'), state: 'draft' as const },
    }));
    await db.insert(versions).values(more);
    await db.transaction(async (tx) => {
      for (const { id, board } of more) {
        const reason = 'a claim was stored';
        await enqueue(tx as unknown as Db, { kind: 'verification', versionId: id, board, protocol: '1', level: 'pgd', reason });
      }
    });
  }
}
