/** Sends what this process asks of some hosts to another place, below `fetch`, so that nothing above it knows. */

interface Request {
  origin: string | URL;
  headers?: unknown;
}
type Dispatch = (request: Request, handler: unknown) => boolean;
interface Dispatcher {
  compose(wrap: (dispatch: Dispatch) => Dispatch): Dispatcher;
}

// Node's own fetch and the package undici share this one.
const KEY = Symbol.for('undici.globalDispatcher.1');
const globals = globalThis as unknown as Record<symbol, Dispatcher | undefined>;

/** `to`: the origin that stands in for a host, undefined for every other one. Returns what undoes it. */
export function reroute(to: (host: string) => string | undefined): () => void {
  // Node makes its dispatcher with the first fetch.
  if (!globals[KEY]) void fetch('data:,');
  const before = globals[KEY];
  if (!before) throw new Error('there is no dispatcher to wrap: this Node keeps it elsewhere');
  globals[KEY] = before.compose((dispatch) => (request, handler) => {
    const { host } = new URL(request.origin);
    const origin = to(host);
    return dispatch(origin ? { ...request, origin, headers: named(request.headers, host) } : request, handler);
  });
  return () => {
    globals[KEY] = before;
  };
}

/** The server behind is told whose place it takes. */
function named(headers: unknown, host: string): string[] {
  const pairs = Array.isArray(headers) ? (headers as string[]) : Object.entries(headers ?? {}).flat().map(String);
  return [...pairs, 'host', host];
}
