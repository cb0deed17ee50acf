/**
 * GET with the bytes exactly as they are sent. Not `fetch`: that inflates what a server labels `Content-Encoding: gzip`, as
 * some label every .gz file, and then no published checksum fits.
 */
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';

const MAX_REDIRECTS = 5;

export interface GetOptions {
  headers: Record<string, string>;
  /** A connection on which nothing comes for so long is given up. */
  idleMs: number;
  signal?: AbortSignal;
}

/** The answer after redirects; its body is an error if the connection ends before the promised length. */
export async function httpGet(address: string, options: GetOptions): Promise<IncomingMessage> {
  let url = new URL(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects++) {
    const answer = await once(url, options);
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer;
    answer.destroy();
    if (!location) throw new Error(`the server answered ${answer.statusCode} without an address`);
    if (!URL.canParse(location, url)) throw new Error(`the server sends on to ${location}, which is no address`);
    url = new URL(location, url);
    if (!['http:', 'https:'].includes(url.protocol)) throw new Error(`the server sends on to ${url}, which is neither http nor https`);
  }
  throw new Error(`the server sends on more than ${MAX_REDIRECTS} times`);
}

function once(url: URL, { headers, idleMs, signal }: GetOptions): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const { request } = url.protocol === 'https:' ? https : http;
    let answer: IncomingMessage | undefined;
    // A connection of its own: one that was kept may be dead, and a body that was given up must not be read to its end.
    const asking = request(url, { headers: { 'Accept-Encoding': 'identity', ...headers }, agent: false, signal }, (response) => {
      answer = response;
      resolve(response);
    });
    asking.setTimeout(idleMs, () => {
      const idle = new Error(`nothing came for ${idleMs / 1000} s`);
      answer?.destroy(idle);
      asking.destroy(idle);
    });
    asking.on('error', reject);
    asking.end();
  });
}
