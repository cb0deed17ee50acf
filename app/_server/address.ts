/**
 * Whom a request comes from. `npm start` and Vercel both leave one address in the header that nobody else can write
 * (scripts/client-address.mjs); another server before the site has to do the same.
 */
export const addressIn = (headers: Headers | undefined): string =>
  headers?.get('x-forwarded-for')?.split(',')[0].trim().slice(0, 64) || 'unknown';
