/**
 * Preloaded into the server process: whom a request comes from. `X-Forwarded-For` can be written by anybody, so only what
 * our own proxies have added to it counts: TRUSTED_PROXIES of them, none by default. What follows reads one address there.
 */
import { subscribe } from 'node:diagnostics_channel';
import { Refusal } from './processes.mjs';

/**
 * Each proxy appends the address that it was called from, and the last of them called us.
 * @param {string | string[] | undefined} forwarded the header as it came
 * @param {string | undefined} caller the other end of the connection
 * @param {number} proxies how many before us are ours
 * @returns {string | undefined}
 */
export function clientAddress(forwarded, caller, proxies) {
  const hops = [forwarded ?? [], caller ?? []].flat().flatMap((text) => text.split(',').map((hop) => hop.trim()));
  const known = hops.filter(Boolean);
  return known[Math.max(0, known.length - 1 - proxies)];
}

/** @param {string | undefined} text */
export function readTrustedProxies(text) {
  if (text === undefined || text === '') return 0;
  if (!/^[0-9]$/.test(text)) throw new Refusal(`TRUSTED_PROXIES must be a whole number from 0 to 9, got ${text}`);
  return Number(text);
}

/** @param {number} proxies */
export function rewriteAddresses(proxies) {
  subscribe('http.server.request.start', (message) => {
    const { request } = /** @type {{ request: import('node:http').IncomingMessage }} */ (message);
    const address = clientAddress(request.headers['x-forwarded-for'], request.socket.remoteAddress, proxies);
    if (address === undefined) delete request.headers['x-forwarded-for'];
    else request.headers['x-forwarded-for'] = address;
  });
}

if (process.env.SIMPLEXITY_SERVER) rewriteAddresses(readTrustedProxies(process.env.TRUSTED_PROXIES));
