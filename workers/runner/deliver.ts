/** Sends what is in the outbox until the site has answered for good; an outage in between is waited out. */
import { z } from 'zod';
import { resultSchema } from './messages';
import type { Letter, Outbox } from './outbox';
import { Refused, type RunnerSite } from './site';

export interface DeliveryWorld {
  site: RunnerSite;
  outbox: Outbox;
  /** Forgets what was kept of a job whose report is no longer ours. */
  forget(job: string): Promise<void>;
  say(line: string): void;
  warn(line: string): void;
  signal: AbortSignal;
}

const MESSAGE_LENGTH = 2000;

/** Whether every report was accepted. */
export async function deliver(world: DeliveryWorld): Promise<boolean> {
  let accepted = true;
  for (const letter of await world.outbox.waiting(world.site.server)) accepted = (await send(letter, world)) && accepted;
  return accepted;
}

const sentence = ({ runId, state, broken, first, ambiguous, held }: z.infer<typeof resultSchema>) =>
  runId === undefined && broken !== undefined
    ? `the verdict was accepted: ${broken} broken (${first} of them new), ${ambiguous} ambiguous, ${held} held`
    : `the report was accepted${runId ? ` as run ${runId}` : ''}${state ? ` (${state})` : ''}`;

async function send({ job, runner, signature, report }: Letter, world: DeliveryWorld): Promise<boolean> {
  const { site, outbox, say, warn, signal } = world;
  try {
    const taken = await site.ask(
      {
        method: 'POST',
        path: `/jobs/${job}/result`,
        type: 'application/json',
        body: new TextEncoder().encode(report),
        headers: { 'x-runner': runner, 'x-signature': signature },
      },
      resultSchema,
      signal,
    );
    await outbox.remove(job);
    await world.forget(job);
    say(`job ${job}: ${sentence(taken)}`);
    return true;
  } catch (error) {
    if (!(error instanceof Refused) || [401, 403].includes(error.status) || error.code === 'not-the-api') throw error;
    await world.forget(job);
    if (error.code === 'lease-lost') {
      await outbox.remove(job);
      say(`job ${job}: its lease was lost before the report arrived`);
    } else {
      warn(`job ${job}: the site refused the report: ${error.message} (${error.code}); it is kept in ${await outbox.putAside(job)}`);
      await giveUp(job, runner, error, world);
    }
    return false;
  }
}

/** Left alone, this runner would be given the job again for ever, and nobody else. */
async function giveUp(job: string, runner: string, { code, message }: Refused, { site, say, signal }: DeliveryWorld): Promise<void> {
  const why = `the site refused the report: ${message} (${code})`.slice(0, MESSAGE_LENGTH);
  const body = JSON.stringify({ runner, code: 'report-refused', message: why });
  try {
    await site.ask({ method: 'POST', path: `/jobs/${job}/failure`, type: 'application/json', body }, z.unknown(), signal);
  } catch (error) {
    if (!(error instanceof Refused) || [401, 403].includes(error.status)) throw error;
    say(`job ${job}: ${error.message} (${error.code})`);
  }
}
