/** Keeps a lease alive: tells the site every few seconds how far the job is, with what was said since, and hears whether to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Job } from './messages';
import { progressSchema } from './messages';
import { pauseMs, Refused, type RunnerSite } from './site';

const LONGEST_PAUSE_MS = 5000;
const ANSWER_LIMIT_MS = 20_000;
/** Bytes of one log, and of what is kept for later while the site is away. */
const LOG_BYTES = 8000;
const MOST_LOG_BYTES = 200_000;

/** Why a job ends without a report and without a failure. */
export class JobEnded extends Error {
  override readonly name = 'JobEnded';
  constructor(readonly how: 'lost' | 'cancelled' | 'stopped') {
    super(how);
  }
}

export interface HeartbeatWorld {
  site: RunnerSite;
  runner: string;
  job: Job;
  /** Ends the job. */
  end(reason: unknown): void;
}

export class Heartbeat {
  private state = { done: 0, total: 0, stage: 'starting' };
  private lines: string[] = [];
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private readonly everyMs: number;

  constructor(private readonly world: HeartbeatWorld) {
    this.everyMs = Math.min(LONGEST_PAUSE_MS, (world.job.leaseSeconds * 1000) / 6);
  }

  /** Goes into the log of the job. */
  note(line: string): void {
    this.lines.push(cut(line, LOG_BYTES - 1));
    while (sizeOf(this.lines) > MOST_LOG_BYTES) this.lines.shift();
  }

  stage(stage: string): void {
    this.state = { ...this.state, stage };
  }

  progress(done: number, total: number): void {
    this.state = { ...this.state, done: Math.min(Math.floor(done), Math.ceil(total)), total: Math.ceil(total) };
  }

  start(): void {
    this.running = this.loop();
  }

  /** No more beats after this; one last one tells what was not told yet, if the site is there. */
  async stop(last: boolean): Promise<void> {
    this.stopped.abort();
    await this.running;
    if (last) await this.beat(AbortSignal.timeout(ANSWER_LIMIT_MS));
  }

  private async loop(): Promise<void> {
    const { signal } = this.stopped;
    let failed = 0;
    while (!signal.aborted) {
      failed = (await this.beat(signal)) ? 0 : failed + 1;
      await sleep(failed ? Math.max(this.everyMs, pauseMs(failed - 1)) : this.everyMs, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whether the site has heard it. An outage is none of the job's business: it goes on, and so does its heart. */
  private async beat(signal: AbortSignal): Promise<boolean> {
    const { site, runner, job, end } = this.world;
    const told = this.chunk();
    // Each line with its end: the site keeps pieces, and joins them as they came.
    const log = told.map((line) => `${line}\n`).join('');
    try {
      const body = JSON.stringify({ runner, ...this.state, ...(log ? { log } : {}) });
      const path = `/jobs/${job.id}/progress`;
      const request = { method: 'POST', path, type: 'application/json', body, limitMs: ANSWER_LIMIT_MS } as const;
      const { cancelled } = await site.tell(request, progressSchema, signal);
      this.lines.splice(0, told.length);
      if (cancelled) end(new JobEnded('cancelled'));
      return true;
    } catch (error) {
      if (error instanceof Refused && [404, 409].includes(error.status) && error.code !== 'not-the-api') end(new JobEnded('lost'));
      else if (error instanceof Refused && [401, 403].includes(error.status)) end(error);
      return false;
    }
  }

  /** The first lines that fit into one log. */
  private chunk(): string[] {
    let length = this.lines.length;
    while (sizeOf(this.lines.slice(0, length)) > LOG_BYTES) length = Math.floor(length / 2) || 1;
    return this.lines.slice(0, length);
  }
}

const sizeOf = (lines: readonly string[]) => lines.reduce((n, line) => n + Buffer.byteLength(line) + 1, 0);

/** The beginning of a text, of at most so many bytes of UTF-8. */
const cut = (text: string, bytes: number) =>
  Buffer.byteLength(text) <= bytes
    ? text
    : `${Buffer.from(text)
        .subarray(0, bytes - 3)
        .toString('utf8')
        .replace(/�+$/, '')}…`;
