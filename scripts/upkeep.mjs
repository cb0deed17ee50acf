/** The clock of a site that runs by itself: what Vercel's cron asks of a deployed one, asked here once a day. */
import { setTimeout as sleep } from 'node:timers/promises';

/** A site that has just started has other things to do. */
const FIRST_MS = 10 * 60_000;
const DAY_MS = 24 * 3_600_000;
const ANSWER_MS = 10 * 60_000;

/**
 * @param {object} options
 * @param {string} options.server where the site answers on this machine
 * @param {string} options.secret its CRON_SECRET
 * @param {AbortSignal} options.signal
 * @param {(line: string) => void} options.say
 * @param {number} [options.firstMs]
 * @param {number} [options.everyMs]
 */
export async function keepUp({ server, secret, signal, say, firstMs = FIRST_MS, everyMs = DAY_MS }) {
  for (let pause = firstMs; ; pause = everyMs) {
    const waited = await sleep(pause, true, { signal, ref: false }).catch(() => false);
    if (!waited) return;
    try {
      const answer = await fetch(`${server}/api/cron/upkeep`, {
        headers: { authorization: `Bearer ${secret}` },
        signal: AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS)]),
      });
      await answer.arrayBuffer();
      if (!answer.ok) say(`the daily upkeep was not done: the site answered ${answer.status}`);
    } catch (error) {
      if (!signal.aborted) say(`the daily upkeep was not done: ${/** @type {Error} */ (error).message}`);
    }
  }
}
