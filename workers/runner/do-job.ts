/** A leased job from its lease to the site's last word on it. */
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { Failure, toPlainFailure } from '../../lib/failure';
import { stageText } from '../cli/progress';
import type { BlockCache } from '../site-data';
import { deliver } from './deliver';
import type { Device } from './device';
import { Heartbeat, JobEnded } from './heartbeat';
import { judgeJob } from './judge-job';
import type { RunnerKey } from './key';
import { type MeasureWorld, measureJob } from './measure-job';
import { type Job, judgementOf, spotOf, verificationOf } from './messages';
import type { Outbox } from './outbox';
import { Refused, type RunnerSite } from './site';
import { spotJob } from './spot-job';

export interface RunnerWorld {
  site: RunnerSite;
  runner: string;
  key: RunnerKey;
  outbox: Outbox;
  blocks: BlockCache;
  /** Folder of checkpoint files. */
  jobs: string;
  forget(job: string): Promise<void>;
  device: Device;
  workers?: number;
  /** What a person may want to follow. */
  say(line: string): void;
  /** What a person should know. */
  warn(line: string): void;
  signal: AbortSignal;
}

export type Outcome = 'done' | 'given-up' | 'stopped' | 'model-refused' | 'failed';

const MESSAGE_LENGTH = 2000;
/** A lease that could not be handed back in this time ends by itself. */
const RELEASE_LIMIT_MS = 3000;
/** How long the threads of a job have to end. */
const CLOSE_LIMIT_MS = 2000;

export const checkpointOf = (jobs: string, job: string) => path.join(jobs, `${job}.part`);

/** The text that answers a job, whose bytes are to be signed. */
function textOf(job: Job, world: MeasureWorld): Promise<string> {
  if (job.kind === 'witness') return judgeJob(job, judgementOf(job), world);
  return job.kind === 'spot' ? spotJob(job, spotOf(job), world) : measureJob(job, verificationOf(job), world);
}

export async function doJob(job: Job, world: RunnerWorld): Promise<Outcome> {
  const { site, runner, outbox, key, warn } = world;
  const checkpoint = checkpointOf(world.jobs, job.id);
  const end = new AbortController();
  const stop = () => end.abort(new JobEnded('stopped'));
  world.signal.addEventListener('abort', stop, { once: true });
  if (world.signal.aborted) {
    await release(job, world);
    return 'stopped';
  }
  const heart = new Heartbeat({ site, runner, job, end: (reason) => end.abort(reason) });
  const say = (line: string) => {
    world.say(line);
    heart.note(line);
  };
  const measuring = (async () =>
    textOf(job, {
      ...world,
      checkpoint,
      say,
      signal: end.signal,
      onEvent: (event) => {
        if (event.type === 'progress') heart.progress(event.done, event.total);
        if (event.type !== 'stage') return;
        heart.stage(stageText(event));
        say(stageText(event));
      },
    }))();
  heart.start();
  try {
    const ended = new Promise<never>((_, reject) => {
      end.signal.addEventListener('abort', () => reject(end.signal.reason), { once: true });
    });
    const report = await Promise.race([ended, measuring]);
    const signature = key.attest(new TextEncoder().encode(report));
    await outbox.put({ server: site.server, job: job.id, runner, publicKey: key.publicKey, signature, report });
    await heart.stop(true);
  } catch (error) {
    await heart.stop(false);
    await Promise.race([measuring.catch(() => undefined), sleep(CLOSE_LIMIT_MS)]);
    return await giveUp(job, end.signal.aborted ? end.signal.reason : error, world);
  } finally {
    world.signal.removeEventListener('abort', stop);
  }
  const accepted = await deliver(world);
  if (!accepted) warn(`job ${job.id}: its report was not taken`);
  return accepted ? 'done' : 'failed';
}

async function giveUp(job: Job, reason: unknown, world: RunnerWorld): Promise<Outcome> {
  const { say, warn } = world;
  if (reason instanceof JobEnded && reason.how === 'stopped') {
    await release(job, world);
    return 'stopped';
  }
  await world.forget(job.id);
  if (reason instanceof JobEnded) {
    say(`job ${job.id}: ${reason.how === 'cancelled' ? 'it was cancelled' : 'its lease was lost'}; it is forgotten here`);
    return 'given-up';
  }
  if (reason instanceof Refused && [401, 403].includes(reason.status)) throw reason;
  const { code, message, stack } = toPlainFailure(reason);
  warn(`job ${job.id} failed (${code}): ${message}`);
  if (!(reason instanceof Failure) && stack) warn(stack);
  await tellFailure(job, code, message, world);
  return code === 'model-refused' ? 'model-refused' : 'failed';
}

async function tellFailure(job: Job, code: string, message: string, { site, runner, say, signal }: RunnerWorld): Promise<void> {
  const body = JSON.stringify({ runner, code, message: message.slice(0, MESSAGE_LENGTH) });
  try {
    const answer = z.object({ state: z.string() });
    const { state } = await site.ask({ method: 'POST', path: `/jobs/${job.id}/failure`, type: 'application/json', body }, answer, signal);
    say(`job ${job.id}: ${state === 'queued' ? 'it will be tried again' : 'it is not tried again'}`);
  } catch (error) {
    if (!(error instanceof Refused) || [401, 403].includes(error.status)) throw error;
    say(`job ${job.id}: ${error.message} (${error.code})`);
  }
}

/** Back to the front of the queue; an unreachable site takes it back when the lease ends. */
async function release(job: Job, { site, runner, say }: RunnerWorld): Promise<void> {
  try {
    const body = JSON.stringify({ runner });
    const request = { method: 'POST', path: `/jobs/${job.id}/release`, type: 'application/json', body } as const;
    await site.tell(request, z.unknown(), AbortSignal.timeout(RELEASE_LIMIT_MS));
    say(`job ${job.id}: it was handed back`);
  } catch (error) {
    say(`job ${job.id}: it could not be handed back, its lease will end by itself: ${(error as Error).message}`);
  }
}
