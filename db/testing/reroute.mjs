/** Sends what this process asks of some hosts to another place, below `fetch`, so that nothing above it knows. */

// Node's own fetch and the package undici share this one.
const KEY = Symbol.for('undici.globalDispatcher.1');

/**
 * @param {(host: string) => string | undefined} to The origin that stands in for a host, undefined for every other one.
 * @returns {() => void} Undoes it.
 */
export function reroute(to) {
  const globals = /** @type {Record<symbol, any>} */ (/** @type {unknown} */ (globalThis));
  // Node makes its dispatcher with the first fetch.
  if (!globals[KEY]) void fetch('data:,');
  const before = globals[KEY];
  if (!before) throw new Error('there is no dispatcher to wrap: this Node keeps it elsewhere');
  globals[KEY] = before.compose(
    /** @param {(request: any, handler: unknown) => boolean} dispatch */
    (dispatch) =>
      /** @param {any} request @param {unknown} handler */
      (request, handler) => {
        const { host } = new URL(request.origin);
        const origin = to(host);
        return dispatch(origin ? { ...request, origin, headers: named(request.headers, host) } : request, handler);
      },
  );
  return () => {
    globals[KEY] = before;
  };
}

/**
 * The server behind is told whose place it takes.
 * @param {unknown} headers
 * @param {string} host
 * @returns {string[]}
 */
function named(headers, host) {
  const pairs = Array.isArray(headers) ? headers : Object.entries(headers ?? {}).flat();
  return [...pairs.map(String), 'host', host];
}
