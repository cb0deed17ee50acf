/** A runner's key is revoked while it works: it ends, and what it signed before counts for nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import { eq } from 'drizzle-orm';
import { runners } from '../../db/schema';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, type Subject, stateOf } from './subject';
import type { World } from './world';

export async function revoked(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const owner = await world.account('Mallory', 'runner');
  const first = await openJob(world, subject);
  prepare(world, first, 'revoked');
  const runner = world.runner('revoked', [], { token: owner.token });
  await runner.said('runner ', 60_000);
  const [{ id }] = await world.db.select().from(runners).where(eq(runners.ownerId, owner.id));
  await world.told('POST', `/runners/${id}/approve`, { token: subject.admin.token, body: {} });
  while ((await stateOf(world, first)) !== 'completed' && runner.child.exitCode === null) await sleep(200);
  checks.same('runs while it was believed', (await world.counts()).runs, before.runs + 1);
  const second = await openJob(world, subject);
  while ((await leasesOf(world, [second])).length === 0 && runner.child.exitCode === null) await sleep(100);
  await world.told('POST', `/runners/${id}/revoke`, { token: subject.admin.token, body: { reason: 'it lied' } });
  const { code, stderr } = await runner.ended;
  checks.same('exit of the revoked runner', code, 4);
  checks.that(`it was not told why: ${stderr}`, stderr.includes('not-a-runner'));
  const again = await world.runner('revoked', ['--once'], { token: owner.token }).ended;
  checks.same('exit of another start with the revoked key', again.code, 4);
  const between = await world.counts();
  checks.changed(before, between, { open: 1 - before.open, done: 1, leases: 2 });
  prepare(world, second, 'honest');
  const honest = world.runner('honest', []);
  while ((await stateOf(world, second)) !== 'completed' && honest.child.exitCode === null) await sleep(500);
  honest.child.kill('SIGTERM');
  await honest.ended;
  const after = await world.counts();
  checks.changed(before, after, { open: -before.open, done: 2, leases: 3, runs: 1 }, older.length === 0);
  const newer = (await runsOf(world, subject)).slice(older.length);
  checks.same(
    'right runs',
    rightOnes(
      newer.filter((r) => r.revokedAt === null),
      subject,
    ),
    1,
  );
  return checks.row(
    'a runner’s key is revoked',
    'by an admin, while its process measures its second job',
    'the process ended with 4 and the site’s word, and could not register again; its first run was revoked; an honest runner did the job that it held',
    before,
    after,
  );
}
