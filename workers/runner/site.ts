/** The site as a runner sees it: asked until it answers for good. An outage is waited out, however long it takes. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { z } from 'zod';
import { type Answer, type Request, SiteApi, SiteRefusal } from '../site-api';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
/** A Retry-After beyond this is a mistake. */
const LONGEST_RETRY_AFTER_S = 3600;

/** Growing pauses, spread so that runners do not come back all at once: from half of 1, 2, 4 … 60 s to all of it. */
export function pauseMs(attempt: number, retryAfterS = 0): number {
  const growing = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempt, 20)) * (0.5 + Math.random() / 2);
  return Math.max(growing, Math.min(retryAfterS, LONGEST_RETRY_AFTER_S) * 1000 * (1 + Math.random() / 10));
}

/** A refusal with its status. */
export class Refused extends SiteRefusal {
  constructor(
    readonly status: number,
    { code, message, cause }: SiteRefusal,
  ) {
    super(code, message, { cause });
  }
}

export class RunnerSite {
  private readonly api: SiteApi;

  constructor(
    readonly server: string,
    token: string,
    private readonly log: (line: string) => void,
  ) {
    this.api = new SiteApi(server, token, fetch);
  }

  /** One attempt; what passes is a refusal like any other. */
  async tell<T>(request: Request, schema: z.ZodType<T>, signal: AbortSignal): Promise<T> {
    return this.read(await this.api.once(request, signal), schema);
  }

  /**
   * Asks until the site answers for good. `grace`: what ends the request itself where that is not to be at once. What answers
   * at `first` and not as the API does is another server; later it is what stands in front of the site while that is away.
   */
  async ask<T>(request: Request, schema: z.ZodType<T>, signal: AbortSignal, { grace = signal, first = false } = {}): Promise<T> {
    const once = async (): Promise<Answer> => {
      const answer = await this.api.once(request, grace);
      return answer.refusal?.code === 'not-the-api' && !first ? { ...answer, passing: true } : answer;
    };
    return this.read(await this.patiently(once, signal), schema);
  }

  /** A file of at most `limit` bytes; one byte longer where the site sends more. */
  async file(path: string, limit: number, signal: AbortSignal): Promise<Uint8Array> {
    const answer = await this.patiently(() => this.api.bytes({ method: 'GET', path }, limit, signal), signal);
    if (answer.refusal) throw new Refused(answer.status, answer.refusal);
    return answer.body as Uint8Array;
  }

  /** `fetch` for what is not below the API, without the token. */
  readonly fetch = async (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const signal = init.signal ?? new AbortController().signal;
    for (let attempt = 0; ; attempt++) {
      let what: string;
      let retryAfterS = 0;
      try {
        const response = await fetch(input, init);
        if (![429, 502, 503, 504].includes(response.status)) return response;
        what = `${String(input)}: the site answered ${response.status}`;
        retryAfterS = Number(response.headers.get('retry-after')) || 0;
        await response.body?.cancel();
      } catch (error) {
        signal.throwIfAborted();
        what = `${String(input)}: ${((error as Error).cause as Error | undefined)?.message ?? (error as Error).message}`;
      }
      await this.pause(what, attempt, retryAfterS, signal);
    }
  };

  private async patiently(once: () => Promise<Answer>, signal: AbortSignal): Promise<Answer> {
    for (let attempt = 0; ; attempt++) {
      const answer = await once();
      if (!answer.refusal || !answer.passing) return answer;
      await this.pause(answer.refusal.message, attempt, answer.retryAfterS, signal);
    }
  }

  private async pause(what: string, attempt: number, retryAfterS: number, signal: AbortSignal): Promise<void> {
    const ms = pauseMs(attempt, retryAfterS);
    this.log(`${what}; trying again in ${Math.ceil(ms / 1000)} s`);
    await sleep(ms, undefined, { signal });
  }

  private read<T>(answer: Answer, schema: z.ZodType<T>): T {
    if (answer.refusal) throw new Refused(answer.status, answer.refusal);
    const parsed = schema.safeParse(answer.body);
    if (parsed.success) return parsed.data;
    const { path, message } = parsed.error.issues[0];
    const what = `${this.server} answered ${answer.status} with something else than a runner expects: ${[...path, message].join(': ')}`;
    throw new Refused(answer.status, new SiteRefusal('not-the-api', what));
  }
}
