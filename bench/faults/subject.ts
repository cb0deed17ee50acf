/** The model that runners measure while things break: a real board's, at full size, and small enough for half a minute. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { desc, eq, inArray } from 'drizzle-orm';
import { aRunner } from '../../app/_server/api/testing-runner';
import { submitted } from '../../app/_server/api/testing-submission';
import { jobs } from '../../db/queue/boss';
import { queueLeases, runs } from '../../db/schema';
import { PROTOCOL } from '../../lib/protocol/boards';
import { type Report, reportSchema } from '../../lib/protocol/report';
import { verificationSeed } from '../../lib/protocol/verification-seed';
import { modelOf, timeless } from '../../lib/testing/small-evaluation';
import { smallModel } from '../../workers/testing/chromium';
import type { Account, World } from './world';

export const BOARD = 'glyphs/linf';
const FULL = 10_000;
/** Test images, and training images in proportion, that are measured before a job begins. */
const MEASURED = 8_000;

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export interface Subject {
  slug: string;
  versionId: string;
  sha256: string;
  owner: Account;
  admin: Account;
  /** What the command line measures with the seed of its verification, undisturbed. */
  expected: Report;
}

/** Of the small model, as files, with one weight that makes it another. */
async function variant(weight?: number) {
  const contents = smallModel() as Map<string, Uint8Array<ArrayBuffer>>;
  const weights = contents.get('group1-shard1of1.bin');
  if (!weights) throw new Error('expected one file of weights');
  if (weight !== undefined) new DataView(weights.buffer, weights.byteOffset).setFloat32(weights.length - 4, weight, true);
  const model = await modelOf(contents);
  const files = [...contents].map(([name, bytes]) => ({ path: name, sha256: sha256(bytes), bytes: bytes.length }));
  return { contents, model, request: { name: 'A small net', board: BOARD, sha256: model.sha256, files } };
}

/** Another one of an account's; `report`: one such as a browser would send, were the measurement its own. */
export async function publishVariant(world: World, { token }: Account, expected: Report) {
  const { contents, model, request } = await variant(0.5);
  const { versionId } = await submitted(world, token, 'public', request, contents);
  return { versionId, report: { ...expected, model: { ...expected.model, sha256: model.sha256 } } };
}

/** Published as anyone does, and measured once by the command line, to know the right outcome. */
export async function publishSubject(world: World): Promise<Subject> {
  const [owner, admin] = [await world.account('Ada'), await world.account('Grace', 'admin')];
  const { contents, model, request } = await variant();
  const { slug, versionId } = await submitted(world, owner.token, 'public', request, contents);
  const folder = world.folderOf('model');
  mkdirSync(folder);
  for (const [name, bytes] of contents) writeFileSync(path.join(folder, name), bytes);
  const seed = await verificationSeed(world.secret, BOARD, model.sha256, PROTOCOL);
  const out = path.join(world.folder, 'expected.json');
  const size = ['--samples', String(FULL), '--train-samples', String(FULL), '--seed', String(seed)];
  const all = ['--model', folder, '--board', BOARD, ...size, '--checks', '--backend', 'wasm', '--quiet'];
  const evaluate = async (...more: string[]) => {
    const { code, stderr } = await world.command('evaluate', [...all, ...more], owner.token).ended;
    if (code !== 0) throw new Error(`the command line could not measure it: ${stderr}`);
  };
  await evaluate('--from', '0', '--count', String(MEASURED), '--resume', partOf(world));
  // It removes the file when the report is there.
  copyFileSync(partOf(world), `${partOf(world)}.copy`);
  await evaluate('--resume', `${partOf(world)}.copy`, '--out', out);
  const expected = reportSchema.parse(JSON.parse(readFileSync(out, 'utf8')));
  return { slug, versionId, sha256: model.sha256, owner, admin, expected };
}

const partOf = (world: World) => path.join(world.folder, 'expected.part');

/**
 * Lays a part of the measurement on a runner's disk, as its own earlier start would have left it: of each job the rest is
 * measured, so that many jobs fit into minutes. `share` of that part; what it cuts through is the end of a torn file.
 */
export function prepare(world: World, jobId: string, runner: string, share = 1): void {
  const folder = path.join(world.folderOf(runner), 'runner', 'jobs');
  mkdirSync(folder, { recursive: true });
  const whole = readFileSync(partOf(world));
  writeFileSync(path.join(folder, `${jobId}.part`), whole.subarray(0, Math.floor(share * whole.length)));
}

/** The one job that waits or runs, of the subject; asks for another measurement where none does. */
export async function openJob(world: World, { admin, versionId }: Subject): Promise<string> {
  const ofSubject = (await world.db.select().from(jobs).orderBy(desc(jobs.createdOn))).filter(
    ({ data }) => data.kind === 'verification' && data.versionId === versionId,
  );
  const open = ofSubject.find(({ state }) => ['created', 'retry', 'active'].includes(state));
  if (open) return open.id;
  return (await world.told<{ jobId: string }>('POST', `/jobs/${ofSubject[0].id}/retry`, { token: admin.token })).jobId;
}

/** Sees to it that it has a verified row: an honest runner of the installation sends what is right. */
export async function verify(world: World, subject: Subject): Promise<void> {
  if ((await runsOf(world, subject)).some((run) => run.revokedAt === null)) return;
  const jobId = await openJob(world, subject);
  const runner = await aRunner(world, { token: world.localToken }, 'honest');
  if ((await runner.lease())?.id !== jobId) throw new Error('expected the job of the small model');
  const sent = await runner.send(jobId, subject.expected);
  if (!sent.ok) throw new Error(`the right result was not taken: ${await sent.text()}`);
}

export const stateOf = async (world: World, jobId: string) =>
  (await world.db.select({ state: jobs.state }).from(jobs).where(eq(jobs.id, jobId)))[0].state;

export const leasesOf = (world: World, jobIds: string[]) =>
  world.db.select().from(queueLeases).where(inArray(queueLeases.jobId, jobIds)).orderBy(queueLeases.id);

/** Runs of the subject, the oldest first. */
export const runsOf = (world: World, { versionId }: Subject) =>
  world.db.select().from(runs).where(eq(runs.versionId, versionId)).orderBy(runs.createdAt);

/** What was measured, without what a clock or the machine decides. */
export function outcomeOf(report: Report): unknown {
  const { environment: _, startedAt: __, ...outcome } = timeless(report) as Record<string, unknown>;
  return outcome;
}

/** How many of these runs say, to the last bit, what the command line says. */
export const rightOnes = (rows: { report: string }[], { expected }: Subject): number =>
  rows.filter(({ report }) => JSON.stringify(outcomeOf(JSON.parse(report))) === JSON.stringify(outcomeOf(expected))).length;
