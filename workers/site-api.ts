/** One request to a site's public API, and what its answer means. Who asks decides whether to ask again. */
import { printable } from '../lib/model/sentences';

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
  headers?: Record<string, string>;
  /** How long an answer is waited for; by default as long as the server's check of a large model takes. */
  limitMs?: number;
}

export interface Answer {
  /** A later attempt may succeed. */
  passing: boolean;
  retryAfterS: number;
  /** 0 where there was no answer. */
  status: number;
  refusal?: SiteRefusal;
  body?: unknown;
}

const LIMIT_MS = 300_000;

export class SiteApi {
  constructor(
    readonly server: string,
    private readonly token: string,
    private readonly fetch: typeof globalThis.fetch,
  ) {}

  /** Asks once. Throws only where the signal came first. */
  async once(request: Request, signal: AbortSignal): Promise<Answer> {
    const answered = await this.send(request, signal, (response) => response.text());
    return 'refusal' in answered ? answered : this.read(answered.response, answered.content);
  }

  /** Asks once for a file, of at most `limit` bytes; `body` is a Uint8Array, one byte longer than allowed where it was cut off. */
  async bytes(request: Request, limit: number, signal: AbortSignal): Promise<Answer> {
    const answered = await this.send<string | Uint8Array>(request, signal, (response) =>
      response.ok ? readUpTo(response, limit) : response.text(),
    );
    if ('refusal' in answered) return answered;
    const { response, content } = answered;
    return typeof content === 'string'
      ? this.read(response, content)
      : { passing: false, retryAfterS: 0, status: response.status, body: content };
  }

  private async send<T>(
    { method, path, type, body, idempotencyKey, headers, limitMs = LIMIT_MS }: Request,
    signal: AbortSignal,
    read: (response: Response) => Promise<T>,
  ): Promise<(Answer & { refusal: SiteRefusal }) | { response: Response; content: T }> {
    try {
      const response = await this.fetch(`${this.server}/api/v1${path}`, {
        method,
        headers: {
          authorization: `Bearer ${this.token}`,
          accept: 'application/json',
          ...(type ? { 'content-type': type } : {}),
          ...(idempotencyKey ? { 'idempotency-key': idempotencyKey } : {}),
          ...headers,
        },
        ...(body === undefined ? {} : { body: body as BodyInit }),
        // A redirect would turn a POST into a GET, or take the token elsewhere.
        redirect: 'manual',
        signal: AbortSignal.any([signal, AbortSignal.timeout(limitMs)]),
      });
      return { response, content: await read(response) };
    } catch (error) {
      signal.throwIfAborted();
      const message = `${this.server} could not be reached: ${this.clean(reasonOf(error, limitMs))}`;
      return { passing: true, retryAfterS: 0, status: 0, refusal: new SiteRefusal('unreachable', message, { cause: error }) };
    }
  }

  private read(response: Response, text: string): Answer {
    const { status, headers } = response;
    const passing = status >= 500 || status === 429;
    const retryAfterS = secondsOf(headers.get('retry-after'));
    const json = parsed(text);
    if (response.ok && json !== undefined) return { passing, retryAfterS, status, body: json };
    const error = (json as { error?: { code?: unknown; message?: unknown } } | undefined)?.error;
    if (typeof error?.code === 'string' && typeof error.message === 'string')
      return {
        // The first attempt with this key has not ended yet: its answer will be there.
        passing: passing || error.code === 'under-way',
        retryAfterS,
        status,
        refusal: new SiteRefusal(error.code, this.clean(error.message)),
      };
    const to = headers.get('location');
    const what =
      status >= 300 && status < 400 && to
        ? `${this.server} leads on to ${this.clean(to)}; give the address where it ends as --server`
        : `${this.server} answered ${status} and not as the API does; is this the address of the site?`;
    return { passing, retryAfterS, status, refusal: new SiteRefusal('not-the-api', what) };
  }

  /** What a server wrote may hold anything, even what was sent to it. */
  private clean(text: string): string {
    return text.split('\n').map(printable).join('\n').replaceAll(this.token, '[token]').slice(0, 5000);
  }
}

/** The body, cut off one byte after the limit: nobody's word is taken for its length. */
async function readUpTo(response: Response, limit: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    parts.push(part);
    length += part.length;
    if (length > limit) break;
  }
  return new Uint8Array(Buffer.concat(parts, Math.min(length, limit + 1)));
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
function reasonOf(error: unknown, limitMs: number): string {
  const { cause, message, name } = error as Error & { cause?: { code?: string; message?: string } };
  if (name === 'TimeoutError') return `no answer within ${limitMs / 1000} s`;
  return [cause?.code, cause?.message].filter(Boolean).join(' ') || message;
}
