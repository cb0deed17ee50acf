/** The life of a runner: what is unsent first, then a lease, its job, the next lease. */
import { mkdir, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { deliver } from './deliver';
import { checkpointOf, doJob, type Outcome, type RunnerWorld } from './do-job';
import { type Job, leaseSchema } from './messages';
import { pauseMs } from './site';

const LONGEST_IDLE_S = 600;
/** A lease that is on its way when the runner is stopped is waited for, to be handed back. */
const GRACE_MS = 2000;

/** Leases until it is stopped, or with `once` to the end of one job. Rejects where the site refuses this runner. */
export async function runLoop(world: RunnerWorld, once: boolean): Promise<Outcome> {
  const { signal, say } = world;
  await mkdir(world.jobs, { recursive: true });
  const grace = new AbortController();
  signal.addEventListener('abort', () => setTimeout(() => grace.abort(), GRACE_MS).unref(), { once: true });
  let failures = 0;
  try {
    for (;;) {
      await deliver(world);
      const job = await lease(world, grace.signal);
      await forgetOthers(world.jobs, job);
      say(`job ${job.id}: ${job.kind}, attempt ${job.attempt}`);
      const outcome = await doJob(job, world);
      if (once || outcome === 'stopped') return outcome;
      // A machine that is broken must not use up every job's attempts.
      failures = outcome === 'failed' ? failures + 1 : 0;
      if (failures) await sleep(pauseMs(failures - 1), undefined, { signal });
    }
  } catch (error) {
    if (signal.aborted) return 'stopped';
    throw error;
  }
}

/** Waits for a job as long as there is none. */
async function lease({ site, runner, say, signal }: RunnerWorld, grace: AbortSignal): Promise<Job> {
  const request = { method: 'POST', path: `/runners/${runner}/lease`, type: 'application/json', body: '{}' } as const;
  for (let idle = false; ; idle = true) {
    signal.throwIfAborted();
    const answer = await site.ask(request, leaseSchema, signal, { grace });
    if (answer.job) return answer.job;
    if (!idle) say('no job is waiting');
    const seconds = Math.min(LONGEST_IDLE_S, Math.max(0.5, answer.retryAfterSeconds));
    await sleep(seconds * 1000 * (1 + Math.random() / 10), undefined, { signal });
  }
}

/** Files of jobs that this runner no longer has. */
async function forgetOthers(jobs: string, job: Job): Promise<void> {
  for (const name of await readdir(jobs)) {
    const file = path.join(jobs, name);
    if (!file.startsWith(checkpointOf(jobs, job.id))) await rm(file, { force: true });
  }
}
