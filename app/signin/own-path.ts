/** Where to go after signing in: a path of this site, or `otherwise`. Addresses of other sites are not followed. */
export function ownPath(next: string | null | undefined, otherwise: string): string {
  if (!next?.startsWith('/')) return otherwise;
  try {
    const own = 'http://own.invalid';
    const { origin, pathname, search, hash } = new URL(next, own);
    return origin === own ? `${pathname}${search}${hash}` : otherwise;
  } catch {
    return otherwise;
  }
}
