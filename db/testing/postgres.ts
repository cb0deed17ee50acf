/** A PostgreSQL server of the tests' own, on 127.0.0.1 in a temporary folder, where its binaries are on the machine. */
import { execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';

function findBinaries(): string | undefined {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((a, b) => Number(b) - Number(a)) : [];
  const folders = [...versions.map((v) => path.join(debian, v, 'bin')), ...(process.env.PATH ?? '').split(path.delimiter)];
  return folders.find((f) => existsSync(path.join(f, 'initdb')) && existsSync(path.join(f, 'postgres')));
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

/** The server refuses to run as root, so there it runs as the system's own user for it. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  return { uid: id('-u'), gid: id('-g') };
}

export interface TestServer {
  url: string;
  /** Ends it like a crash, or starts it again: for tests of an outage. */
  stop(): Promise<void>;
  start(): Promise<void>;
  remove(): Promise<void>;
}

/**
 * Undefined, with the reason in `absent`, if there is none to be had.
 * @param durable waits for the disk with every commit, as a server in use does: for measurements
 */
export async function startPostgres(durable = false): Promise<{ server?: TestServer; absent?: string }> {
  const binaries = findBinaries();
  if (!binaries) return { absent: 'no PostgreSQL binaries (initdb, postgres) on this machine' };
  let user: ReturnType<typeof otherUser>;
  try {
    user = otherUser();
  } catch {
    return { absent: 'this runs as root and there is no user postgres' };
  }
  // Root's temporary folder may be closed to the other user.
  const folder = mkdtempSync(path.join(user ? '/tmp' : os.tmpdir(), 'simplexity-pg-'));
  if (user) chownSync(folder, user.uid, user.gid);
  const port = await freePort();
  const options = { ...user, cwd: folder, stdio: 'ignore' } as const;
  execFileSync(
    path.join(binaries, 'initdb'),
    ['-D', 'data', '-U', 'test', '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'],
    options,
  );
  const url = `postgresql://test@localhost:${port}/postgres`;
  let child: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    const flags = [
      'listen_addresses=127.0.0.1',
      `port=${port}`,
      `unix_socket_directories=${folder}`,
      `fsync=${durable ? 'on' : 'off'}`,
      'max_connections=60',
    ];
    child = spawn(path.join(binaries, 'postgres'), ['-D', 'data', ...flags.flatMap((f) => ['-c', f])], options);
    const { Client } = await import('pg');
    for (let attempt = 0; ; attempt++) {
      const client = new Client({ connectionString: url });
      try {
        await client.connect();
        await client.end();
        return;
      } catch (error) {
        if (attempt === 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const stop = () =>
    new Promise<void>((resolve) => {
      if (!child || child.exitCode !== null) return resolve();
      child.once('exit', () => resolve());
      child.kill('SIGINT'); // fast shutdown: connections are ended
    });
  await start();
  return {
    server: {
      url,
      start,
      stop,
      async remove() {
        await stop();
        rmSync(folder, { recursive: true, force: true });
      },
    },
  };
}
