/** What a runner stands on goes away and comes back, amid its job and just when it sends its report. */
import { setTimeout as sleep } from 'node:timers/promises';
import { drawsOf } from './draw';
import type { Played } from './faults';
import { Checks, type Row } from './row';
import { leasesOf, openJob, prepare, rightOnes, runsOf, stateOf } from './subject';
import type { World } from './world';

interface Outage {
  name: string;
  fault: string;
  how: string;
  ways: { down(world: World): Promise<void>; up(world: World): Promise<void> }[];
}

const AMID = 3;

const played =
  ({ name, fault, how, ways }: Outage) =>
  async (world: World, { subject: publish, seed, say }: Played): Promise<Row> => {
    const subject = await publish();
    const [checks, draw] = [new Checks(), drawsOf(seed)];
    const [before, older] = [await world.counts(), await runsOf(world, subject)];
    const jobId = await openJob(world, subject);
    prepare(world, jobId, name, 0.5);
    let heard: () => void = () => undefined;
    const sending = new Promise<void>((resolve) => {
      heard = resolve;
    });
    world.network.heard = (request) => request.endsWith('/result') && heard();
    const runner = world.runner(name, []);
    await runner.said('test clean', 120_000);
    let amid = 0;
    const breakOnce = async (n: number) => {
      const { down, up } = ways[n % ways.length];
      await down(world);
      await sleep(1000 + 3000 * draw());
      await up(world);
    };
    for (let n = 0; n < AMID; n++) {
      await sleep(3000 * draw());
      if (!runner.text().includes('11/11')) amid++;
      await breakOnce(n);
      say(`${name}: ${n + 1}`);
    }
    await Promise.race([sending, runner.ended]);
    await sleep(20 * draw());
    await breakOnce(AMID);
    while (runner.child.exitCode === null && (await stateOf(world, jobId)) !== 'completed') await sleep(200);
    world.network.heard = () => undefined;
    // Its answer may have been lost: then it asks again, and idles when it knows.
    for (let waited = 0; waited < 900 && runner.child.exitCode === null && !runner.text().includes('no job is waiting'); waited++)
      await sleep(100);
    runner.child.kill('SIGTERM');
    const { code, stderr } = await runner.ended;
    checks.same(`exit of the runner, which said ${stderr}`, code, 0);
    checks.that('no outage came amid the job', amid > 0);
    const [after, leases] = [await world.counts(), await leasesOf(world, [jobId])];
    checks.changed(before, after, { open: -before.open, done: 1, leases: 1, runs: 1 }, older.length === 0);
    checks.same(
      'leases',
      leases.map((l) => `${l.attempt} ${l.outcome}`),
      ['1 done'],
    );
    checks.same('right runs', rightOnes((await runsOf(world, subject)).slice(older.length), subject), 1);
    const injected = `${how}, ${AMID} times at random points (${amid} amid the measuring) and once as the report is sent; seed ${seed}`;
    return checks.row(fault, injected, 'the job went on meanwhile; one lease, attempt 1, one run with the right bits', before, after);
  };

export const serverOutage = played({
  name: 'server',
  fault: 'the server is restarted mid-job',
  how: 'the API’s process is killed with -9, is away for 1 to 4 s and starts again',
  ways: [{ down: (world) => world.killSite(), up: (world) => world.startSite() }],
});

export const databaseOutage = played({
  name: 'database',
  fault: 'the database is restarted',
  how: 'PostgreSQL ends all its connections, is away for 1 to 4 s and starts again',
  ways: [{ down: (world) => world.postgres.stop(), up: (world) => world.postgres.start() }],
});

export const networkOutage = played({
  name: 'network',
  fault: 'the network is cut',
  how: 'a TCP proxy on loopback ends all connections or, every second time, lets nothing through for 1 to 4 s',
  ways: [
    { down: async ({ network }) => network.cut(), up: async ({ network }) => network.mend() },
    { down: async ({ network }) => network.stall(), up: async ({ network }) => network.mend() },
  ],
});
