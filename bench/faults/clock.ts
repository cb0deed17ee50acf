/** A runner whose clock is wrong: leases rest on the database's clock alone. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, type Subject } from './subject';
import type { World } from './world';

const HOUR_MS = 3_600_000;
const PRELOAD = pathToFileURL(path.join(import.meta.dirname, 'shift-clock.mjs')).href;

/** Runs one job with a clock that is so wrong; `begun`: what was measured before, by a clock that was right, lies on its disk. */
async function once(world: World, jobId: string, hours: number, begun = true) {
  const name = `clock ${hours}`;
  if (begun) prepare(world, jobId, name);
  const env = { NODE_OPTIONS: `--import ${PRELOAD}`, SHIFT_CLOCK_MS: String(hours * HOUR_MS) };
  return world.runner(name, ['--once'], { env }).ended;
}

export async function clockSkew(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const leases = async (jobId: string) => (await leasesOf(world, [jobId])).map((l) => `${l.attempt} ${l.outcome}`);
  for (const hours of [-24, 24]) {
    const jobId = await openJob(world, subject);
    const { code, stderr } = await once(world, jobId, hours);
    checks.same(`exit of the runner, which said ${stderr}`, code, 0);
    checks.same('leases', await leases(jobId), ['1 done']);
  }
  const jobId = await openJob(world, subject);
  // A run that goes on with an earlier one began when that did.
  const refused = await once(world, jobId, 72, false);
  checks.same('exit with a clock three days ahead', refused.code, 5);
  checks.that(`it was not told why: ${refused.stderr}`, refused.stderr.includes('it lies in the future'));
  if (refused.code === 0) throw new Error('the report of a clock three days ahead was taken: there is no job left for another runner');
  const right = await once(world, jobId, 0);
  checks.same('exit of another runner', right.code, 0);
  checks.same('leases', await leases(jobId), ['1 failed', '2 done']);
  const after = await world.counts();
  checks.changed(before, after, { open: -before.open, done: 3, leases: 4, runs: 3 }, older.length === 0);
  checks.same('right runs', rightOnes((await runsOf(world, subject)).slice(older.length), subject), 3);
  return checks.row(
    'a runner’s clock is wrong',
    'Date in its process is a day behind, a day ahead, three days ahead',
    'leases rest on the database’s clock: held, attempt 1 each; within a day the report was taken, from the third day on it was refused by name and the job went to another as attempt 2',
    before,
    after,
  );
}
