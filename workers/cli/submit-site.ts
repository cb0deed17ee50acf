/** A site's public API over HTTP. What passes (outages, limits, lost connections) is waited out; what does not is a refusal. */
import { printable } from '../../lib/model/sentences';

/** The site said no, or nothing. `code` is the API's own; `unreachable` and `not-the-api` are ours. */
export class SiteRefusal extends Error {
  override readonly name = 'SiteRefusal';
  constructor(
    readonly code: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }
}

export interface Request {
  method: 'GET' | 'POST' | 'PUT';
  /** Below /api/v1. */
  path: string;
  type?: string;
  body?: string | Uint8Array;
  /** For writes that must not happen twice; the same for every attempt. */
  idempotencyKey?: string;
}

export interface SiteWorld {
  fetch: typeof globalThis.fetch;
  /** Rejects when the signal comes first. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
  signal: AbortSignal;
  log(line: string): void;
}

/** Waits before another attempt; the site's own Retry-After counts where it is longer. */
const WAITS_MS = [1000, 2000, 5000, 10_000, 20_000];
/** A limit that ends later than this is the reader's to wait for. */
const LONGEST_WAIT_S = 120;
/** The server's check of a large model is the longest request. */
const LIMIT_MS = 300_000;

interface Answer {
  /** A later attempt may succeed. */
  passing: boolean;
  retryAfterS: number;
  refusal?: SiteRefusal;
  body?: unknown;
}

export class Site {
  constructor(
    private readonly server: string,
    private readonly token: string,
    private readonly world: SiteWorld,
  ) {}

  async ask(request: Request): Promise<unknown> {
    for (let attempt = 0; ; attempt++) {
      const answer = await this.once(request);
      if (!answer.refusal) return answer.body;
      const tooLong = answer.retryAfterS > LONGEST_WAIT_S;
      if (!answer.passing || tooLong || attempt === WAITS_MS.length) throw answer.refusal;
      const waitMs = Math.max(WAITS_MS[attempt], 1000 * answer.retryAfterS);
      this.world.log(`${answer.refusal.message}; trying again in ${Math.ceil(waitMs / 1000)} s`);
      await this.world.wait(waitMs, this.world.signal);
    }
  }

  private async once({ method, path, type, body, idempotencyKey }: Request): Promise<Answer> {
    const { fetch, signal } = this.world;
    let response: Response;
    let text: string;
    try {
      response = await fetch(`${this.server}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          accept: 'application/json',
          ...(type ? { 'content-type': type } : {}),
          ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
        },
        ...(body === undefined ? {} : { body: body as BodyInit }),
        // A redirect would turn a POST into a GET, or take the token elsewhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(LIMIT_MS)]),
      });
      text = await response.text();
    } catch (error) {
      signal.throwIfAborted();
      const message = `${this.server} could not be reached: ${this.clean(reasonOf(error))}`;
      return { passing: true, retryAfterS: 0, refusal: new SiteRefusal('unreachable', message, { cause: error }) };
    }
    return this.read(response, text);
  }

  private read(response: Response, text: string): Answer {
    const { status, headers } = response;
    const passing = status >= 500 || status === 429;
    const retryAfterS = secondsOf(headers.get('retry-after'));
    const json = parsed(text);
    if (response.ok && json !== undefined) return { passing, retryAfterS, body: json };
    const error = (json as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
    if (typeof error?.code === 'string' && typeof error.message === 'string')
      return {
        // The first attempt with this key has not ended yet: its answer will be there.
        passing: passing || error.code === 'under-way',
        retryAfterS,
        refusal: new SiteRefusal(error.code, this.clean(error.message)),
      };
    const to = headers.get('location');
    const what =
      status >= 300 && status < 400 && to
        ? `${this.server} leads on to ${this.clean(to)}; give the address where it ends as --server`
        : `${this.server} answered ${status} and not as the API does; is this the address of the site?`;
    return { passing, retryAfterS, refusal: new SiteRefusal('not-the-api', what) };
  }

  /** What a server wrote may hold anything, even what was sent to it. */
  private clean(text: string): string {
    return text.split('\n').map(printable).join('\n').replaceAll(this.token, '[token]').slice(0, 5000);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or a date; 0 where there is none. */
function secondsOf(retryAfter: string | null): number {
  if (!retryAfter) return 0;
  const seconds = /^\d+$/.test(retryAfter) ? Number(retryAfter) : (Date.parse(retryAfter) - Date.now()) / 1000;
  return seconds > 0 ? Math.ceil(seconds) : 0;
}

/** fetch says “fetch failed” and keeps the reason to itself. */
function reasonOf(error: unknown): string {
  const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${LIMIT_MS / 1000} s`;
  return [cause?.code, cause?.message].filter(Boolean).join(' ') || message;
}
