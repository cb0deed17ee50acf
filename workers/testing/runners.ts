/** Runners as their owners run them, each a process with a folder of its own, against one played site. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Started, startCommand } from './command';
import { PlayedSite, TOKEN } from './played-site';

export class Runners {
  readonly site = new PlayedSite();
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-runner-'));
  private readonly started: Started[] = [];

  static async open(): Promise<Runners> {
    const runners = new Runners();
    await runners.site.listen();
    return runners;
  }

  start(args: string[] = ['--once'], name = 'one'): Started {
    const all = ['--server', this.site.address, '--backend', 'wasm', '--workers', '1', '--name', 'a test', ...args];
    const env = { SIMPLEXITY_TOKEN: TOKEN };
    const runner = startCommand('main', all, path.join(this.folder, name), { room: 'runner', env });
    this.started.push(runner);
    return runner;
  }

  /** A place in the folder of the first one. */
  kept(...parts: string[]): string {
    return path.join(this.folder, 'one', 'runner', ...parts);
  }

  files(name: string): string[] {
    return existsSync(this.kept(name)) ? readdirSync(this.kept(name)) : [];
  }

  async close(): Promise<void> {
    for (const { child } of this.started) child.kill('SIGKILL');
    await Promise.all(this.started.map(({ ended }) => ended));
    await this.site.close();
    // A browser whose runner was killed ends a moment later.
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
