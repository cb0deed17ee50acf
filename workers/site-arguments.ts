/** `--server` and `--token`, for every command that speaks to a site. The token is never repeated. */
import { Failure } from '../lib/failure';

const wrong = (message: string) => new Failure('arguments', message);

const parsed = (text: string) => (URL.canParse(text) ? new URL(text) : undefined);

/** Where a site is, without a slash at the end. The token travels with every request, so the way there has to be closed to others. */
export function siteAddress(text: string | undefined, insecure: boolean): string {
  if (text === undefined) throw wrong('--server is missing: the address of the site');
  const url = parsed(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || url.search || url.hash)
    throw wrong(`--server must be an address such as https://example.org${url?.password ? '' : `, got ${text}`}`);
  const isHere = /^(localhost|.*\.localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname);
  if (url.protocol === 'http:' && !isHere && !insecure)
    throw wrong(`--server ${url.origin} is not encrypted, so the token could be read on its way; use https://, or add --insecure`);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Undefined where there is none and none is needed. */
export function siteToken(
  given: string | undefined,
  env: Record<string, string | undefined>,
  { needed }: { needed: boolean },
): string | undefined {
  const token = given ?? (env.SIMPLEXITY_TOKEN || undefined);
  if (token === undefined && needed) throw wrong('--token is missing: an API token from your account page, here or in SIMPLEXITY_TOKEN');
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw wrong('--token must be one word of visible characters');
  return token;
}
