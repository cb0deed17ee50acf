/** The submit command as its users run it, against the real API over HTTP. */
import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runs } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { dense, modelFiles, plain, SHARD, sequential } from '@/lib/testing/keras-model';
import { modelOf, testModelFiles } from '@/lib/testing/small-evaluation';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';
import { type ServedSite, serveSite } from './testing-server';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const MODEL = path.join(ROOT, 'lib/testing/models/fmnist_at');
const SHA256 = (await modelOf(testModelFiles('fmnist_at'))).sha256;
const [POST, SEND, CHECK, PUBLISH, RUN] = [
  'POST /submissions',
  'PUT /submissions/:id/files/:sha256',
  'POST /submissions/:id/check',
  'POST /submissions/:id/publish',
  'POST /runs',
];

let site: TestSite;
let served: ServedSite;
let root: string;
let token: string;
beforeAll(async () => {
  site = await testSite();
  served = await serveSite();
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-submit-'));
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  served.asked.length = 0;
  ({ token } = await site.account('Grace'));
});
afterEach(() => served.interfere(undefined));
afterAll(async () => {
  rmSync(root, { recursive: true, force: true });
  await served.close();
  await site.close();
});

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function start(args: string[], env: Record<string, string> = {}) {
  const { SIMPLEXITY_TOKEN: _, ...inherited } = process.env;
  const child = spawn(process.execPath, ['scripts/run.mjs', 'workers/cli/submit.ts', ...args], {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const ended = new Promise<Ended>((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
  return { child, ended };
}
const described = ['--board', 'fashion-mnist/linf', '--name', 'My net', '--recipe', 'AT', '--licence', 'MIT', '--epsilon-trained', '0.1'];
const submit = (...more: string[]) =>
  start(['--server', served.url, '--model', MODEL, ...described, ...more], { SIMPLEXITY_TOKEN: token }).ended;
const versionsOf = async (slug: string) => (await (await site.ask('GET', `/models/${slug}`, { token })).json()) as { versions: object[] };

describe('npm run submit', () => {
  it('sends a model with its report, publishes it, and says where it is; the token is never shown', async () => {
    const report = `${JSON.stringify(wholeReport({ sha256: SHA256, samples: 500, holds: 200, trainSamples: 2000 }), null, 2)}\n`;
    writeFileSync(path.join(root, 'report.json'), report);
    const { code, stdout, stderr } = await submit('--publish', '--report', path.join(root, 'report.json'));
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${served.url}/models/my-net\n` });
    expect(served.asked).toEqual([POST, SEND, SEND, CHECK, RUN, PUBLISH]);
    expect(stderr).toContain('sent 1/2 files');
    expect(stderr).toContain('sent 2/2 files, 0.4 MB of 0.4 MB\n');
    expect(stderr).not.toContain(token);
    expect((await site.db.select().from(runs)).map((r) => [r.report, r.kind])).toEqual([[report, 'claim']]);
    const rows = (await (await site.ask('GET', '/boards/fashion-mnist/linf/rows')).json()) as { rows: object[] };
    expect(rows.rows).toMatchObject([{ slug: 'my-net', submitter: 'Grace', state: 'self-reported', robust: 0.4 }]);
  });

  it('run again after the end it finds the public version and sends nothing', async () => {
    await submit('--publish');
    served.asked.length = 0;
    const again = await submit('--publish', '--json');
    expect(again.code, again.stderr).toBe(0);
    expect(JSON.parse(again.stdout)).toMatchObject({ address: `${served.url}/models/my-net`, state: 'public', version: 1, sha256: SHA256 });
    expect(served.asked).toEqual([POST]);
  });

  it('goes on after it was killed half-way: only what is missing is sent', async () => {
    let sent = 0;
    const arrived = new Promise<void>((resolve) => {
      served.interfere(({ method }) => {
        // The second file's bytes have come, but the command is gone before it hears of it.
        if (method === 'PUT' && ++sent === 2) resolve();
        return method === 'PUT' && sent >= 2 ? 'cut' : undefined;
      });
    });
    const first = start(['--server', served.url, '--model', MODEL, ...described], { SIMPLEXITY_TOKEN: token });
    await arrived;
    first.child.kill('SIGKILL');
    await first.ended;
    served.interfere(undefined);
    served.asked.length = 0;
    const { code, stderr } = await submit();
    expect(code, stderr).toBe(0);
    expect(served.asked).toEqual([POST, SEND, CHECK]);
    expect(stderr).toContain('1 of 2 files are there already\n');
    expect(stderr).toContain('it is a draft, which only you see');
    expect((await versionsOf('my-net')).versions).toMatchObject([{ state: 'draft', number: 1 }]);
  });

  it('waits out outages, lost answers and limits, and does nothing twice', async () => {
    const troubles = new Map<string, Response | 'cut' | 'after'>([
      [POST, 'after'],
      [SEND, new Response('<h1>Bad Gateway</h1>', { status: 502 })],
      [CHECK, Response.json({ error: { code: 'too-many-requests', message: 'slower' } }, { status: 429, headers: { 'Retry-After': '2' } })],
      [PUBLISH, 'after'],
    ]);
    served.interfere(() => {
      const last = served.asked.at(-1) as string;
      const trouble = troubles.get(last);
      troubles.delete(last);
      return trouble;
    });
    const { code, stdout, stderr } = await submit('--publish');
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${served.url}/models/my-net\n` });
    expect(served.asked).toEqual([POST, POST, SEND, SEND, SEND, CHECK, CHECK, PUBLISH, PUBLISH]);
    expect(stderr).toContain('could not be reached');
    expect(stderr).toContain('slower; trying again in 2 s');
    expect((await versionsOf('my-net')).versions).toHaveLength(1);
  });

  it('cuts files that are too large for a request; a report of the uncut ones is refused with what to do', async () => {
    const large = path.join(root, 'large');
    mkdirSync(large);
    const files = modelFiles(sequential([28, 28, 1], [plain('Flatten', 'flat'), dense('wide', [784, 1500]), dense('out', [1500, 10])]));
    for (const [name, bytes] of files) writeFileSync(path.join(large, name), bytes);
    const to = ['--server', served.url, '--model', large, ...described];
    const dry = await start([...to, '--dry-run', '--json']).ended;
    const { request } = JSON.parse(dry.stdout) as { request: { sha256: string; files: { path: string; bytes: number }[] } };
    expect(request.files.map((f) => f.path)).toEqual(['model.json', 'group1-shard1of2.bin', 'group1-shard2of2.bin']);
    expect(served.asked).toEqual([]);
    const report = path.join(root, 'uncut.json');
    writeFileSync(report, JSON.stringify(wholeReport({ sha256: (await modelOf(files)).sha256, samples: 10, holds: 5 })));
    const refused = await start([...to, '--report', report, '--token', token]).ended;
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(`since ${SHARD} had to be cut; write the files with --reshard-to DIR`);
    const written = await start([...to, '--reshard-to', path.join(root, 'cut')]).ended;
    expect(written.stdout).toBe(`${request.sha256}\n`);
    const bytes = (name: string) => new Uint8Array(readFileSync(path.join(root, 'cut', name)));
    expect((await modelOf(new Map(request.files.map((f) => [f.path, bytes(f.path)])))).sha256).toBe(request.sha256);
    const { code, stdout, stderr } = await start([...to, '--token', token]).ended;
    expect({ code, stdout }, stderr).toEqual({ code: 0, stdout: `${served.url}/models/my-net\n` });
    expect(stderr).toContain(`${SHARD} cannot be sent in one piece`);
  });
});

describe('its exit code', () => {
  it('is 2 where an argument is off, with its name', async () => {
    const { code, stdout, stderr } = await submit('--recipe', 'magic');
    expect({ code, stdout, stderr }).toEqual({ code: 2, stdout: '', stderr: '--recipe must be one of ST, AT, TRADES, other, got magic\n' });
  });

  it('is 3 for a model that evaluate refuses, before anything is sent', async () => {
    const damaged = path.join(root, 'damaged');
    cpSync(MODEL, damaged, { recursive: true });
    writeFileSync(path.join(damaged, SHARD), readFileSync(path.join(MODEL, SHARD)).subarray(4));
    const { code, stderr } = await submit('--model', damaged);
    expect({ code, stderr }).toEqual({
      code: 3,
      stderr: expect.stringMatching(/^weight file group1-shard1of1\.bin: .* \(truncated\?\)\n$/),
    });
    expect(served.asked).toEqual([]);
  });

  it('is 4 where the site refuses, with its sentence and code', async () => {
    expect(await submit('--licence', 'mine')).toMatchObject({
      code: 4,
      stderr: expect.stringMatching(/^licence: expected an .* \(bad-request\)\n$/),
    });
    const bad = await submit('--token', 'sx_made-up');
    expect(bad).toMatchObject({ code: 4, stdout: '', stderr: 'the token is unknown, has expired or was revoked (bad-token)\n' });
  });

  it('is 130 after Ctrl-C, and what was sent is kept', async () => {
    let stop = () => undefined as unknown;
    served.interfere(({ method }) => {
      if (method === 'PUT' && served.asked.filter((a) => a === SEND).length === 2) {
        stop();
        return new Response('', { status: 503, headers: { 'Retry-After': '60' } });
      }
      return undefined;
    });
    const { child, ended } = start(['--server', served.url, '--model', MODEL, ...described], { SIMPLEXITY_TOKEN: token });
    stop = () => child.kill('SIGINT');
    const { code, stdout, stderr } = await ended;
    expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
    expect(stderr).toMatch(/\nstopped; what was sent is kept, the same command goes on from there\n$/);
    expect(site.blobs.contents.size).toBe(1);
  });

  it('is 0 for --help', async () => {
    const { code, stdout, stderr } = await start(['--help']).ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('Exit codes: 0 done, 2 arguments, 3 model refused, 4 the site refused');
  });
});
