/** A measuring thread in Chromium: the page's worker does the units that this process hands it. */
import { type Failure, fromPlainFailure } from '../../lib/failure';
import type { MeasureResult, MeasureSettings } from '../../lib/protocol/measure';
import type { OpenedForRunner, RunnerAnswer } from '../browser/for-runner';
import { SentLayers } from '../layer-memory';
import { nodeBase64 } from '../node/base64';
import type { Thread } from '../threads';
import { pack, unpack } from '../wire';
import { type ChromiumPlace, openChromium } from './chromium';

/** Bytes of a model that go through the pipe at once. */
const PIECE_BYTES = 4 * 1024 * 1024;

function received<T>(packed: string): T {
  const answer = unpack<RunnerAnswer<T>>(packed, nodeBase64);
  if ('failure' in answer) throw fromPlainFailure(answer.failure);
  return answer.value;
}

/** Every thread has a browser of its own, so nothing is left of a job, a crash or a GPU that was lost. */
export async function startInChromium(
  place: ChromiumPlace,
  files: ReadonlyMap<string, Uint8Array>,
  settings: MeasureSettings,
  signal: AbortSignal,
): Promise<Thread> {
  const chromium = await openChromium(place, signal);
  const sent = new SentLayers();
  try {
    for (const [path, content] of files) {
      for (let at = 0; at === 0 || at < content.length; at += PIECE_BYTES)
        await chromium.ask('file', path, nodeBase64.encode(content.subarray(at, at + PIECE_BYTES)));
    }
    const { engine, atOnce } = received<OpenedForRunner>(await chromium.ask('open', pack(settings, nodeBase64)));
    let ended: Failure | undefined;
    let units = 0;
    return {
      engine,
      atOnce,
      async measure(job, onProgress) {
        const unit = units++;
        const forget = onProgress && chromium.listen(unit, onProgress);
        try {
          return received<MeasureResult>(await chromium.ask('measure', pack(sent.pack(job), nodeBase64), unit));
        } catch (error) {
          throw ended ?? error;
        } finally {
          forget?.();
        }
      },
      async end(reason) {
        ended ??= reason;
        await chromium.end();
      },
    };
  } catch (error) {
    await chromium.end();
    throw error;
  }
}
