/**
 * GitHub's part of a sign-in, played on 127.0.0.1: codes for tokens, tokens for a profile and its addresses. A code is the person
 * whom it stands for, so that every test brings its own people.
 */
import { createServer } from 'node:http';

export const HOSTS = ['github.com', 'api.github.com'];
export const APP = { clientId: 'Iv1.playedgithub', clientSecret: 'a secret that only GitHub and the site know' };

/**
 * @typedef {object} GithubPerson
 * @property {number} id
 * @property {string} login
 * @property {string | null} name
 * @property {string | null} email As on the public profile.
 * @property {{ email: string, primary: boolean, verified: boolean }[]} emails
 */

/** @param {GithubPerson} person */
export const codeOf = (person) => Buffer.from(JSON.stringify(person)).toString('base64url');

/** @returns {Promise<{ origin: string, close(): Promise<void> }>} */
export async function playGithub() {
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const json = (status, value) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
    const { pathname } = new URL(request.url ?? '/', 'http://played');
    const asked = `${request.method} ${request.headers.host}${pathname}`;
    if (asked === 'POST github.com/login/oauth/access_token') {
      const sent = new URLSearchParams(Buffer.concat(chunks).toString());
      const known = sent.get('client_id') === APP.clientId && sent.get('client_secret') === APP.clientSecret;
      // As GitHub does: a refusal is a 200 that names an error.
      if (!known) return json(200, { error: 'incorrect_client_credentials' });
      if (!sent.get('code') || sent.get('code') === 'expired') return json(200, { error: 'bad_verification_code' });
      return json(200, { access_token: sent.get('code'), token_type: 'bearer', scope: 'read:user,user:email' });
    }
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
    if (!token) return json(401, { message: 'Requires authentication' });
    const { emails, ...profile } = JSON.parse(Buffer.from(token, 'base64url').toString());
    if (asked === 'GET api.github.com/user') return json(200, profile);
    if (asked === 'GET api.github.com/user/emails') return json(200, emails);
    return json(404, { message: 'Not Found' });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address = /** @type {import('node:net').AddressInfo} */ (server.address());
  return {
    origin: `http://127.0.0.1:${address.port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
