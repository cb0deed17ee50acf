/** The probes of neighbouring questions, measured in the page's own threads. */
import { DATASETS } from '../../lib/data/datasets';
import { PROBE_IDS, type ProbeId } from '../../lib/probes/catalogue';
import { measureProbes, type ProbesMeasured } from '../../lib/probes/measure';
import { openBoardData } from './board-data';
import { openLaboratory, prepare } from './laboratory';
import type { MeasureListener } from './measure-listener';

export interface ProbesRequest {
  modelUrl: string;
  board: string;
  seed: number;
  /** The first so many of each split. */
  trainSamples: number;
  samples: number;
  /** All by default. */
  probes?: readonly ProbeId[];
}

/** Images in a unit: small, so that progress moves and a stop comes soon. */
const BATCH = 20;

export async function probesHere(request: ProbesRequest, listen: MeasureListener, signal: AbortSignal): Promise<ProbesMeasured> {
  listen.onStatus('Fetching the model and the images…');
  const wanted = { source: { kind: 'url' as const, url: request.modelUrl }, board: request.board, backend: 'auto' as const };
  const prepared = await prepare(wanted);
  const { board, model } = prepared;
  const data = await openBoardData(DATASETS[board.dataset], listen.onStatus, signal);
  listen.onStatus('Opening the device…');
  const laboratory = await openLaboratory(wanted, prepared, request.seed, listen.onStatus);
  const close = () => void laboratory.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    signal.throwIfAborted();
    listen.onStatus(`Measuring on ${laboratory.engine.device}…`);
    const { seed, trainSamples, samples, probes = PROBE_IDS } = request;
    const asked = { model, board, seed, probes, trainSamples, samples, batch: BATCH };
    return await measureProbes(asked, { laboratory, data, signal, onProgress: listen.onProgress });
  } finally {
    signal.removeEventListener('abort', close);
    await laboratory.close();
  }
}
