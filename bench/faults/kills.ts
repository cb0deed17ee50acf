/** Runners are killed, at random points of their whole life, and started again with what they had on disk. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { drawsOf } from './draw';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, type Subject, stateOf } from './subject';
import type { World } from './world';

const NAME = 'killed';

interface Phase {
  name: string;
  /** Of all kills. */
  share: number;
  /** The kill comes up to so much later. */
  spanMs: number;
  /** Whether it has begun, asked every millisecond. */
  begun(seen: { text: string; asked: string[]; unsent: string[] }): boolean;
}

/** The folder of unsent reports, with one that is half written. */
function unsentIn(folder: string): string[] {
  const outbox = path.join(folder, 'runner', 'outbox');
  return existsSync(outbox) ? readdirSync(outbox) : [];
}

const PHASES: Phase[] = [
  { name: 'starting', share: 0.2, spanMs: 4000, begun: () => true },
  { name: 'leasing', share: 0.15, spanMs: 100, begun: ({ asked }) => asked.some((a) => a.endsWith('/lease')) },
  { name: 'measuring', share: 0.35, spanMs: 4000, begun: ({ text }) => text.includes('test clean') },
  { name: 'writing its report', share: 0.15, spanMs: 10, begun: ({ unsent }) => unsent.length > 0 },
  { name: 'sending it', share: 0.15, spanMs: 60, begun: ({ asked }) => asked.some((a) => a.endsWith('/result')) },
];

function phaseAt(u: number): Phase {
  let left = u;
  for (const phase of PHASES) {
    left -= phase.share;
    if (left < 0) return phase;
  }
  return PHASES[0];
}

/** In which phase it was killed; undefined where it had ended before. */
async function killIn(phase: Phase, lateness: number, world: World): Promise<string | undefined> {
  const asked: string[] = [];
  world.network.heard = (request) => asked.push(request);
  const folder = world.folderOf(NAME);
  const before = unsentIn(folder);
  const runner = world.runner(NAME);
  const isAlive = () => runner.child.exitCode === null && runner.child.signalCode === null;
  const seen = () => ({ text: runner.text(), asked, unsent: unsentIn(folder).filter((name) => !before.includes(name)) });
  // Where an earlier start had all but done its job there may be no such phase: idling is a moment like any other.
  const isIdle = () => runner.text().includes('no job is waiting');
  while (isAlive() && !phase.begun(seen()) && !isIdle()) await sleep(1);
  const name = phase.begun(seen()) ? phase.name : 'idle';
  await Promise.race([sleep(lateness * phase.spanMs), runner.ended]);
  if (isAlive()) runner.child.kill('SIGKILL');
  await runner.ended;
  return runner.child.signalCode === 'SIGKILL' ? name : undefined;
}

export async function kills(
  world: World,
  subject: Subject,
  { kills: times, seed, say }: { kills: number; seed: number; say(line: string): void },
): Promise<Row> {
  const checks = new Checks();
  const draw = drawsOf(seed);
  const [before, older] = [await world.counts(), await runsOf(world, subject)];
  const killed = new Map<string, number>();
  const jobIds = new Set<string>();
  for (let n = 0; n < times; ) {
    const jobId = await openJob(world, subject);
    if (!jobIds.has(jobId)) prepare(world, jobId, NAME);
    jobIds.add(jobId);
    const phase = phaseAt(draw());
    const name = await killIn(phase, draw(), world);
    if (!name) continue;
    killed.set(name, (killed.get(name) ?? 0) + 1);
    say(`kill ${++n} of ${times}: ${name}`);
  }
  const last = world.runner(NAME, []);
  const isDone = async () => (await stateOf(world, [...jobIds].at(-1) as string)) === 'completed';
  // A signal before it listens for one would end it like any program.
  await last.said('runner ', 60_000);
  while (last.child.exitCode === null && !(await isDone())) await sleep(200);
  // What it was still to send may have been the end of the job; it waits for another then.
  await sleep(500);
  last.child.kill('SIGTERM');
  checks.same('exit of the last runner, which was left alone', (await last.ended).code, 0);
  const [after, leases] = [await world.counts(), await leasesOf(world, [...jobIds])];
  const mine = (await runsOf(world, subject)).slice(older.length);
  checks.changed(before, after, { open: -before.open, done: jobIds.size, leases: jobIds.size, runs: jobIds.size }, older.length === 0);
  checks.same('right runs', rightOnes(mine, subject), jobIds.size);
  checks.same('attempts and their ends', [...new Set(leases.map((l) => `${l.attempt} ${l.outcome}`))], ['1 done']);
  const kept = ['outbox', 'jobs'].flatMap((name) => readdirSync(path.join(world.folderOf(NAME), 'runner', name)));
  checks.same('left on the runner’s disk', kept, []);
  const phases = [...PHASES.map(({ name }) => name), 'idle'].map((name) => `${killed.get(name) ?? 0} ${name}`).join(', ');
  return checks.row(
    'a runner is killed with -9',
    `${times} times, seed ${seed}: ${phases}`,
    `started again it went on; ${jobIds.size} jobs, each one lease, attempt 1, one run with the right bits`,
    before,
    after,
  );
}
