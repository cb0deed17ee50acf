/** Everything that the API refuses, as one shape: a stable code, a sentence, and a status. */
import { StoreUnavailable } from '@/db/blobs/blobs';

/** Codes that the API answers with, and their status. The codes are stable. */
export const PROBLEMS = {
  'bad-request': 400,
  'bad-cursor': 400,
  'bad-token': 401,
  'sign-in-needed': 401,
  'foreign-origin': 403,
  'not-a-runner': 403,
  'not-an-admin': 403,
  'not-yours': 403,
  'not-found': 404,
  gone: 410,
  'not-ready': 409,
  'under-way': 409,
  'duplicate-model': 409,
  'lease-lost': 409,
  locked: 409,
  'too-many-drafts': 409,
  'too-many-runners': 409,
  'files-missing': 409,
  'too-large': 413,
  'wrong-media-type': 415,
  'model-refused': 422,
  'witness-refused': 422,
  'wrong-hash': 422,
  'wrong-signature': 422,
  'other-job': 422,
  'inconsistent-report': 422,
  'other-data': 422,
  'other-request': 422,
  'too-many-requests': 429,
  'store-unavailable': 503,
  'database-unavailable': 503,
  internal: 500,
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

export class Problem extends Error {
  override readonly name = 'Problem';
  constructor(
    readonly code: ProblemCode,
    message: string,
    readonly headers: Record<string, string> = {},
  ) {
    super(message);
  }

  get status() {
    return PROBLEMS[this.code];
  }
}

type Thrown = { code?: unknown; cause?: unknown; message?: unknown } | undefined;

/** An error and what caused it, down to the first. */
function* causesOf(error: unknown): Generator<NonNullable<Thrown>> {
  for (let e = error as Thrown; e; e = e.cause as Thrown) yield e;
}

/** PostgreSQL's classes of “not now” (08 connection, 53 resources, 57 operator) and the sockets' own. */
function isOutage(error: unknown): boolean {
  for (const { code, message } of causesOf(error)) {
    if (typeof code === 'string' && (/^(08|53|57)/.test(code) || /^E(CONN|PIPE|NOTFOUND|TIMEDOUT)/.test(code))) return true;
    if (typeof message === 'string' && /Connection terminated|connection timeout/i.test(message)) return true;
  }
  return false;
}

/** NUL and halves of characters are text to JavaScript, not to PostgreSQL. */
const isUnstorable = (error: unknown) => [...causesOf(error)].some(({ code }) => code === '22021' || code === '22P05');
/** The rest of class 22: numbers and times that the database has no room for. */
const isOutOfRange = (error: unknown) => [...causesOf(error)].some(({ code }) => typeof code === 'string' && code.startsWith('22'));

/** For the log: what a query was about stays out of it, since it may be anybody's text. */
const withoutParameters = (error: unknown) => ((error as Error).name === 'DrizzleQueryError' ? ((error as Error).cause ?? error) : error);

/** Whatever was thrown, as a problem. What is nobody's business outside is logged here, once, and not told. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isOutOfRange(error) && !isUnstorable(error)) return new Problem('bad-request', 'a number or time is outside what can be stored');
  if (isUnstorable(error)) return new Problem('bad-request', 'a text holds a NUL or half a character, which cannot be stored');
  console.error(withoutParameters(error));
  if (error instanceof StoreUnavailable) return new Problem('store-unavailable', error.message, { 'Retry-After': '30' });
  if (isOutage(error))
    return new Problem('database-unavailable', 'the database cannot be reached just now; nothing was lost, try again', {
      'Retry-After': '10',
    });
  return new Problem('internal', 'something went wrong on our side; it was logged, and costs you nothing');
}

export const problemResponse = ({ code, message, status, headers }: Problem) =>
  Response.json({ error: { code, message } }, { status, headers });
