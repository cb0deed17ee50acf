/** Runners that lie: without a key, with another's, a revoked one, an altered report; and one that an admin believed. */
import { randomUUID } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { aRunner, type Job } from '../../app/_server/api/testing-runner';
import { refusal } from '../../app/_server/api/testing-submission';
import { cancel } from '../../db/queue/jobs';
import { queueList } from '../../db/queue/list';
import { runners, standings, users } from '../../db/schema';
import { inflated } from './lies';
import { Checks, type Row } from './row';
import { openJob, type Subject, verify } from './subject';
import type { Account, World } from './world';

const decide = (world: World, { admin }: Subject, id: string, what: 'approve' | 'revoke') =>
  world.told('POST', `/runners/${id}/${what}`, { token: admin.token, body: what === 'revoke' ? { reason: 'it lied' } : {} });

/** An approved runner that holds the job that is there: the others are given none. */
async function holder(world: World, subject: Subject, owner: { token: string }) {
  await openJob(world, subject);
  const runner = await aRunner(world, owner);
  await decide(world, subject, runner.id, 'approve');
  return { runner, job: (await runner.lease()) as Job };
}

export async function lyingRunners(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  await verify(world, subject);
  const before = await world.counts();
  const lie = inflated(subject.expected, 9_990);
  const [mallory, honest] = [await world.account('Mallory', 'runner'), await aRunner(world, { token: world.localToken })];
  const { runner, job } = await holder(world, subject, mallory);
  await world.db.update(runners).set({ approvedAt: null }).where(eq(runners.id, runner.id));
  const refused = async (what: string, asked: Promise<Response>, code: string) => checks.same(what, (await refusal(asked)).code, code);
  const post = (token: string, text: string, headers: Record<string, string>) =>
    world.ask('POST', `/jobs/${job.id}/result`, { token, raw: text, headers });

  const { text, headers } = runner.signed(lie);
  const { 'x-signature': _, ...unsigned } = headers;
  await refused('without a signature', post(mallory.token, text, unsigned as Record<string, string>), 'wrong-signature');
  await refused('in the name of no runner', post(mallory.token, text, { ...headers, 'x-runner': randomUUID() }), 'not-a-runner');
  await refused('in another’s name', post(mallory.token, text, { ...headers, 'x-runner': honest.id }), 'not-a-runner');
  await refused(
    'signed by another key',
    post(mallory.token, text, { ...honest.signed(lie).headers, 'x-runner': runner.id }),
    'wrong-signature',
  );
  await refused('altered after it was signed', runner.send(job.id, lie, { signed: JSON.stringify(subject.expected) }), 'wrong-signature');
  await refused('without a token', world.ask('POST', `/jobs/${job.id}/result`, { raw: text, headers }), 'sign-in-needed');
  await refused('with another seed', runner.send(job.id, { ...lie, seed: 1 }), 'other-job');
  await refused('that its own bitmaps deny', runner.send(job.id, { ...subject.expected, clean: { ...lie.clean } }), 'inconsistent-report');
  checks.changed(before, await world.counts(), { open: 1, leases: 1 });

  checks.same('a lie of a runner that nobody approved', (await runner.send(job.id, lie)).status, 201);
  await world.db.update(users).set({ role: 'runner' }).where(eq(users.id, subject.owner.id));
  await openJob(world, subject);
  const own = await aRunner(world, subject.owner);
  await decide(world, subject, own.id, 'approve');
  checks.same('a job for the submitter’s own runner', await own.lease(), null);
  for (const { jobId, state } of (await queueList(world.db)).jobs) if (state === 'queued') await cancel(world.db, jobId);
  checks.changed(before, await world.counts(), { done: 1, leases: 1, runs: 1 });

  await decide(world, subject, runner.id, 'revoke');
  await refused('with a revoked key', runner.send(job.id, lie), 'not-a-runner');
  await decide(world, subject, own.id, 'revoke');
  const after = await world.counts();
  checks.changed(before, after, { done: 1, leases: 1 });
  return checks.row(
    'a lying runner',
    'results without signature, key or token, in another’s name, under another’s or a revoked key, altered after signing, with another seed or other bitmaps; a signed lie of a runner that lost its approval; the submitter’s own runner asks for work',
    'refused by name, kept as a run that counts for nothing, or given no work',
    before,
    after,
  );
}

/** One that an admin had approved: believed by mistake, it can make doubt, and no number. */
export async function approvedLiar(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  await verify(world, subject);
  const before = await world.counts();
  const standing = async () => (await world.db.select().from(standings).where(eq(standings.versionId, subject.versionId)))[0];
  const was = await standing();
  const mallory: Account = await world.account('Mallory', 'runner');
  const { runner, job } = await holder(world, subject, mallory);
  checks.same('its lie', (await runner.send(job.id, inflated(subject.expected, 9_990, { durationMs: 2 }))).status, 201);
  const between = await standing();
  checks.same('state and rankings while two disagree', [between.state, between.rankings], ['contested', []]);
  checks.that('the lie raised a number', (between.pgd ?? 0) <= (was.pgd ?? 0) && (between.robust ?? 0) <= (was.robust ?? 0));
  await decide(world, subject, runner.id, 'revoke');
  const after = await world.counts();
  checks.changed(before, after, { done: 1, leases: 1 });
  return checks.row(
    'an approved runner lies',
    'a signed report with 9 990 of 10 000 images robust, of a runner that an admin approved by mistake',
    'the row was contested, out of the ranking and no higher, until the key was revoked; then as before',
    before,
    after,
  );
}
