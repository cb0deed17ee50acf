/** Everything that a fault needs: PostgreSQL, the site's API, the network before it and runners, each a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eq } from 'drizzle-orm';
import { type Db, openDatabase } from '../../db/client';
import { migrateServer } from '../../db/migrate';
import { type Role, users } from '../../db/schema';
import { startPostgres, type TestServer } from '../../db/testing/postgres';
import { provenRunners } from '../../db/testing/proven-runners';
import { freePort } from '../../scripts/address.mjs';
import { localRunnerToken } from '../../scripts/local-runner.mjs';
import { type Started, startCommand } from '../../workers/testing/command';
import { type Counts, countAll } from './counts';
import { Network } from './network';

const ROOT = path.resolve(import.meta.dirname, '../..');

export interface Account {
  id: string;
  token: string;
}

export interface RunnerProcess extends Started {
  /** What it has said so far. */
  text(): string;
}

interface Asked {
  token?: string;
  body?: unknown;
  raw?: BodyInit;
  headers?: Record<string, string>;
}

export class World {
  readonly network = new Network();
  readonly secret = randomBytes(32).toString('hex');
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-faults-'));
  /** What runners are told; the network is on the way. */
  server = '';
  private readonly children = new Set<ChildProcess>();
  private site?: ChildProcess;
  private addresses = 0;

  private constructor(
    readonly db: Db,
    private readonly closeDb: () => Promise<void>,
    readonly postgres: TestServer,
    private readonly port: number,
  ) {}

  /** Rejects with the reason where this machine has no PostgreSQL. */
  static async open(): Promise<World> {
    const { server: postgres, absent } = await startPostgres(true);
    if (!postgres) throw new Error(`${absent}; the faults need a database server that can be restarted`);
    await migrateServer(postgres.url);
    const { db, close } = await openDatabase({ driver: 'pg', url: postgres.url });
    await provenRunners(db);
    const world = new World(db, close, postgres, await freePort());
    // What plays the installation's own runner in this process makes its token of it.
    process.env.SIMPLEXITY_SECRET = world.secret;
    await world.startSite();
    world.server = await world.network.listen(world.port);
    return world;
  }

  async startSite(): Promise<void> {
    const { NODE_OPTIONS: _, ...inherited } = process.env;
    const site = spawn(process.execPath, ['--conditions', 'react-server', '--import', 'tsx', 'bench/faults/serve.ts'], {
      cwd: ROOT,
      env: {
        ...inherited,
        ...{ PORT: String(this.port), DATABASE_URL: this.postgres.url, DB_DRIVER: 'pg' },
        ...{ DATA_DIR: path.join(this.folder, 'site'), SIMPLEXITY_SECRET: this.secret, SITE_URL: this.address },
      },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    this.site = site;
    await new Promise<void>((resolve, reject) => {
      site.stdout.once('data', () => resolve());
      site.once('exit', (code) => reject(new Error(`the site's API ended with ${code}`)));
    });
  }

  /** As a power cut would: nothing is finished, nobody is told. */
  async killSite(): Promise<void> {
    const ended = new Promise((resolve) => this.site?.once('exit', resolve));
    this.site?.kill('SIGKILL');
    await ended;
  }

  private get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Asks the site itself, past the network of runners. */
  ask(method: string, where: string, { token, body, raw, headers }: Asked = {}): Promise<Response> {
    return this.request(method, `/api/v1${where}`, {
      ...(raw === undefined ? (body === undefined ? {} : { body: JSON.stringify(body) }) : { body: raw }),
      headers: {
        ...(token ? { authorization: `Bearer ${token}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
    });
  }

  /** The answer's JSON; throws where it is no success. */
  async told<T>(method: string, where: string, asked: Asked = {}): Promise<T> {
    const answer = await this.ask(method, where, asked);
    if (!answer.ok) throw new Error(`${method} ${where}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  /** Signed up as everybody is; the role is an admin's gift. */
  async account(name: string, role: Role = 'submitter'): Promise<Account> {
    const post = async (where: string, body: object, cookie = '') => {
      const headers = { 'content-type': 'application/json', origin: this.address, cookie };
      const text = JSON.stringify(body);
      const answer = await this.request('POST', where, {
        body: text,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(text)) },
      });
      if (!answer.ok) throw new Error(`${where}: ${answer.status} ${await answer.text()}`);
      return answer;
    };
    const email = `${randomBytes(8).toString('hex')}@example.org`;
    const signedUp = await post('/api/auth/sign-up/email', { name, email, password: 'correct horse battery' });
    const cookie = signedUp.headers
      .getSetCookie()
      .map((c) => c.split(';')[0])
      .join('; ');
    const { user } = (await signedUp.json()) as { user: { id: string } };
    const { key } = (await (await post('/api/auth/api-key/create', { name: 'faults' }, cookie)).json()) as { key: string };
    if (role !== 'submitter') await this.db.update(users).set({ role }).where(eq(users.id, user.id));
    return { id: user.id, token: key };
  }

  private request(method: string, where: string, init: RequestInit): Promise<Response> {
    const from = `10.1.${Math.floor(this.addresses / 250) % 250}.${this.addresses++ % 250}`;
    return fetch(this.address + where, { ...init, method, headers: { 'x-forwarded-for': from, ...(init.headers as object) } });
  }

  get localToken(): string {
    return localRunnerToken(this.secret);
  }

  /** A runner as its owner starts it; `name` is its folder, so its key and all that it keeps. */
  runner(name: string, args: readonly string[] = ['--once'], { token = this.localToken, env = {} as Record<string, string> } = {}) {
    const all = ['--server', this.server, '--backend', 'wasm', '--workers', '1', '--name', name, ...args];
    let text = '';
    const when = (said: string) => {
      text = said;
    };
    const options = { room: 'runner', env: { SIMPLEXITY_TOKEN: token, ...env }, when } as const;
    const started = this.keep(startCommand('main', all, this.folderOf(name), options));
    return { ...started, text: () => text } satisfies RunnerProcess;
  }

  /** A command of the terminal's room. */
  command(name: string, args: readonly string[], token: string): Started {
    return this.keep(startCommand(name, args, this.folderOf(name), { env: { SIMPLEXITY_TOKEN: token } }));
  }

  folderOf = (name: string) => path.join(this.folder, name);

  counts = (): Promise<Counts> => countAll(this.db);

  private keep(started: Started): Started {
    this.children.add(started.child);
    void started.ended.then(() => this.children.delete(started.child));
    return started;
  }

  async close(): Promise<void> {
    for (const child of this.children) child.kill('SIGKILL');
    await this.killSite();
    await this.network.close();
    await this.closeDb();
    await this.postgres.remove();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
