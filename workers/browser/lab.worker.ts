/** The lab's worker: opens an engine, trains, keeps every epoch in the browser's database, says how it goes. */
import { openEngine } from '../../lib/engine/choose';
import { toPlainFailure } from '../../lib/failure';
import { browserHost } from './host';
import type { FromLab, ToLab } from './lab-messages';
import { runLab } from './lab-run';
import { epochKeeper, keepLab } from './lab-store';

const say = (message: FromLab) => postMessage(message);
const stop = new AbortController();
/** A message of one's own comes after those that wait, such as Stop. */
const channel = new MessageChannel();
const turn = () =>
  new Promise<void>((resolve) => {
    channel.port1.onmessage = () => resolve();
    channel.port2.postMessage(null);
  });

async function work({ request, begun }: Extract<ToLab, { type: 'train' }>): Promise<void> {
  const keep = epochKeeper(keepLab, (why) => say({ type: 'notice', text: `This browser keeps no epochs: ${why}` }));
  const engine = await openEngine('auto', browserHost);
  say({ type: 'engine', engine });
  await runLab(request, begun, {
    signal: stop.signal,
    rest: turn,
    onStatus: (text) => say({ type: 'status', text }),
    onStep: (done, total, loss) => say({ type: 'step', done, total, loss }),
    async onEpoch(state) {
      say({ type: 'epoch', state });
      await keep(state);
    },
  });
}

addEventListener('message', ({ data }: MessageEvent<ToLab>) => {
  if (data.type === 'stop') stop.abort();
  else
    work(data).then(
      () => say({ type: 'done' }),
      (error) => say({ type: 'failure', failure: toPlainFailure(error) }),
    );
});
