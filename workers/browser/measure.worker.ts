/** One measuring thread in the browser: an engine of its own, units in, results out. */
import { toPlainFailure } from '../../lib/failure';
import type { UnitProgress } from '../../lib/protocol/unit-progress';
import { KnownLayers } from '../layer-memory';
import { type OpenLaboratory, openHere } from '../measurer';
import { nowAndThen } from '../now-and-then';
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
  const { id } = message;
  const onProgress = nowAndThen((progress: UnitProgress) => say({ type: 'progress', id, progress }));
  return { type: 'measured', id, result: await laboratory.measure(known.unpack(message.job), onProgress) };
}

addEventListener('message', ({ data }: MessageEvent<ToShard>) => {
  answer(data).then(say, (error) => say({ type: 'failure', id: data.id, failure: toPlainFailure(error) }));
});
