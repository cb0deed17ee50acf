/** `--server`: where a site is. */
import { Failure } from '../lib/failure';

const wrong = (message: string) => new Failure('arguments', message);

const parsed = (text: string) => (URL.canParse(text) ? new URL(text) : undefined);

/** The token travels with every request, so the way there has to be closed to others. */
export function siteAddress(text: string, insecure: boolean): string {
  const url = parsed(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw wrong(`--server must be an address such as https://example.org${url?.password ? '' : `, got ${text}`}`);
  const isHere = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isHere && !insecure)
    throw wrong(`--server ${url.origin} is not encrypted, so the token could be read on its way; use https://, or add --insecure`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
