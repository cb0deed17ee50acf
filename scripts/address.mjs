/** Where the site listens. */
import { createServer } from 'node:net';
import { Refusal } from './processes.mjs';

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|::1)$/;
const EVERYWHERE = /^(0\.0\.0\.0|::)$/;

/**
 * HOST and PORT of the environment, 127.0.0.1:3000 by default.
 * @param {Record<string, string | undefined>} [env]
 */
export function readAddress(env = process.env) {
  const host = env.HOST || '127.0.0.1';
  const text = env.PORT || '3000';
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) throw new Refusal(`PORT must be a whole number from 1 to 65535, got ${text}`);
  return { host, port };
}

/**
 * null if somebody could listen there now, else why not.
 * @param {{ host: string, port: number }} address
 * @returns {Promise<string | null>}
 */
export function busyReason({ host, port }) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve(`port ${port} on ${host} is in use by another program; stop it or set PORT`);
      else if (error.code === 'EACCES') resolve(`port ${port} needs more rights than this account has; set PORT to 1024 or more`);
      else resolve(`HOST ${host} cannot be listened on: ${error.message}`);
    });
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

export const urlOf = ({ host, port }) =>
  `http://${LOOPBACK.test(host) || EVERYWHERE.test(host) ? 'localhost' : host.includes(':') ? `[${host}]` : host}:${port}`;

/** How a program on this machine reaches it, by number: no name is looked up. */
export const localUrlOf = ({ host, port }) => {
  const name = EVERYWHERE.test(host) || host === 'localhost' ? '127.0.0.1' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
};

/** What a visitor from another machine should know; null on the loopback. */
export const secureContextNote = ({ host }) =>
  LOOPBACK.test(host) ? null : 'from other machines, browsers give WebGPU and WebCrypto over https only (or on localhost)';

/**
 * A port that is free now.
 * @returns {Promise<number>}
 */
export function freePort(host = '127.0.0.1') {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
      server.close(() => resolve(port));
    });
  });
}
