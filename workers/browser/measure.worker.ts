/** One measuring thread in the browser: an engine of its own, units in, results out. */
import { toPlainFailure } from '../../lib/failure';
import { KnownLayers } from '../layer-memory';
import { type OpenLaboratory, openHere } from '../measurer';
import { browserHost } from './host';
import type { FromShard, ToShard } from './messages';

const say = (message: FromShard) => postMessage(message);
let laboratory: OpenLaboratory | undefined;
const known = new KnownLayers();

async function answer(message: ToShard): Promise<FromShard> {
  if (message.type === 'open') {
    laboratory = await openHere(browserHost, message.backend, message.files, message.settings);
    return { type: 'opened', id: message.id, engine: laboratory.engine, atOnce: laboratory.atOnce };
  }
  if (!laboratory) throw new Error('expected open before measure');
  return { type: 'measured', id: message.id, result: await laboratory.measure(known.unpack(message.job)) };
}

addEventListener('message', ({ data }: MessageEvent<ToShard>) => {
  answer(data).then(say, (error) => say({ type: 'failure', id: data.id, failure: toPlainFailure(error) }));
});
