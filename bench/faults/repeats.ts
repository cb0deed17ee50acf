/** Results that come twice, and results that come too late. */
import { setTimeout as sleep } from 'node:timers/promises';
import { aRunner, type Job } from '../../app/_server/api/testing-runner';
import { refusal } from '../../app/_server/api/testing-submission';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, type Subject, stateOf } from './subject';
import type { World } from './world';

const LOST = 3;
const AT_ONCE = 10;

/** A process whose answers are lost, and the same bytes from another sender ten times at once. */
export async function duplicates(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const first = await openJob(world, subject);
  prepare(world, first, 'unheard');
  world.network.losing = { what: /\/result$/, times: LOST };
  const process = world.runner('unheard');
  const { code, stderr } = await process.ended;
  checks.same('exit of the runner whose answers were lost', code, 0);
  checks.same('answers that were lost', [world.network.losing.times, stderr.split('trying again').length - 1 >= LOST], [0, true]);

  const second = await openJob(world, subject);
  const runner = await aRunner(world, { token: world.localToken });
  const job = (await runner.lease()) as Job;
  checks.same('the job that was leased', job.id, second);
  const send = async () => {
    const answer = await runner.send(job.id, { ...subject.expected, durationMs: 1 });
    return `${answer.status} ${((await answer.json()) as { runId?: string }).runId}`;
  };
  const answers = [...(await Promise.all(Array.from({ length: AT_ONCE }, send))), await send()];
  checks.same('different answers', new Set(answers).size, 1);
  const after = await world.counts();
  checks.changed(before, after, { open: -before.open, done: 2, leases: 2, runs: 2 }, older.length === 0);
  checks.same('right runs', rightOnes((await runsOf(world, subject)).slice(older.length), subject), 2);
  checks.same(
    'leases of the first',
    (await leasesOf(world, [first])).map((l) => l.outcome),
    ['done'],
  );
  return checks.row(
    'a result comes twice',
    `a runner's process whose answer is lost ${LOST} times; the same bytes ${AT_ONCE} times at once and once later`,
    'each sender was told the same run every time',
    before,
    after,
  );
}

/** A process that sleeps until its lease is over and another has done its job, and then goes on. */
export async function late(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const jobId = await openJob(world, subject);
  prepare(world, jobId, 'asleep', 0.5);
  prepare(world, jobId, 'awake');
  const sleeper = world.runner('asleep');
  await sleeper.said('test clean', 120_000);
  sleeper.child.kill('SIGSTOP');
  const other = world.runner('awake', []);
  while ((await stateOf(world, jobId)) !== 'completed' && other.child.exitCode === null) await sleep(500);
  other.child.kill('SIGTERM');
  await other.ended;
  sleeper.child.kill('SIGCONT');
  const { stderr } = await sleeper.ended;
  checks.that(`the late one was not told that its lease was lost: ${stderr}`, stderr.includes('its lease was lost'));
  // A result that is sent all the same, signed and right.
  const runner = await aRunner(world, { token: world.localToken });
  const refused = await refusal(runner.send(jobId, { ...subject.expected, durationMs: 2 }));
  checks.same('a right result for a job that is another’s', [refused.status, refused.code], [409, 'lease-lost']);
  const [after, leases] = [await world.counts(), await leasesOf(world, [jobId])];
  checks.changed(before, after, { open: -before.open, done: 1, leases: 2, runs: 1 }, older.length === 0);
  checks.same('right runs', rightOnes((await runsOf(world, subject)).slice(older.length), subject), 1);
  checks.same(
    'leases',
    leases.map((l) => `${l.attempt} ${l.outcome}`),
    ['1 expired', '2 done'],
  );
  return checks.row(
    'a result comes too late',
    'a runner’s process is stopped (SIGSTOP) for longer than its lease and goes on when another has done the job; a result for another’s job',
    'the job went to the other as attempt 2; the late ones were refused (lease-lost) and forgot it',
    before,
    after,
  );
}
