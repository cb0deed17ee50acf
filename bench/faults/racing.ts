/** Runners that want the same job at the same moment. */
import { setTimeout as sleep } from 'node:timers/promises';
import { aRunner } from '../../app/_server/api/testing-runner';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, type Subject, stateOf } from './subject';
import type { World } from './world';

const ROUNDS = 20;
const AT_ONCE = 10;
const NAMES = ['left', 'right'];

export async function racing(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const jobId = await openJob(world, subject);
  const crowd = await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => aRunner(world, { token: world.localToken }, `box ${n}`)));
  for (let n = 0; n < ROUNDS; n++) {
    const got = await Promise.all(crowd.map((runner) => runner.lease()));
    const holders = crowd.filter((_, i) => got[i]?.id === jobId);
    checks.same('runners that got the job', holders.length, 1);
    for (const holder of holders) await holder.release(jobId);
  }
  for (const name of NAMES) prepare(world, jobId, name);
  const two = NAMES.map((name) => world.runner(name, []));
  const areAlive = () => two.every(({ child }) => child.exitCode === null);
  while (areAlive() && (await stateOf(world, jobId)) !== 'completed') await sleep(200);
  while (areAlive() && !two.every((runner) => runner.text().includes('no job is waiting'))) await sleep(200);
  for (const { child } of two) child.kill('SIGTERM');
  const ends = await Promise.all(two.map(({ ended }) => ended));
  checks.same(
    'exits of both',
    ends.map(({ code }) => code),
    [0, 0],
  );
  checks.same('processes that got the job', ends.filter(({ stderr }) => stderr.includes(`job ${jobId}: verification`)).length, 1);
  const [after, leases] = [await world.counts(), await leasesOf(world, [jobId])];
  checks.changed(before, after, { open: -before.open, done: 1, leases: ROUNDS + 1, runs: 1 }, older.length === 0);
  checks.same('the last lease', leases.at(-1)?.outcome, 'done');
  checks.same('attempts', [...new Set(leases.map((l) => l.attempt))], [1]);
  checks.same('right runs', rightOnes((await runsOf(world, subject)).slice(older.length), subject), 1);
  return checks.row(
    'runners race for one job',
    `${AT_ONCE} lease requests at once, ${ROUNDS} times, each time handed back; then two runners' processes started together`,
    'one had it each time; handing back cost no attempt; one process measured, the other idled',
    before,
    after,
  );
}
