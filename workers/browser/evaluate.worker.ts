/**
 * The browser's room: inspects a model, evaluates it, says how it goes. The page only starts it, listens and ends it, so
 * it stays usable whatever is computed here.
 */
import { version_core } from '@tensorflow/tfjs-core';
import { DATASETS } from '../../lib/data/datasets';
import type { BackendName } from '../../lib/engine/choose';
import { Failure, toPlainFailure } from '../../lib/failure';
import { boardReasons, type Model, readModel } from '../../lib/model/preflight';
import { BOARDS, type Board, DEFAULT_SEED } from '../../lib/protocol/boards';
import { evaluate } from '../../lib/protocol/evaluate';
import { layerWork } from '../../lib/protocol/layer-stage';
import { reportSchema } from '../../lib/protocol/report';
import { version } from '../../package.json';
import { type OpenLaboratory, withNote } from '../measurer';
import { browserHost, browserName } from './host';
import type { EvaluateRequest, FromWorker, Inspection, InspectRequest, ToWorker } from './messages';
import { readModelSource } from './model-source';
import { openPool } from './pool';
import { measureRate } from './rate';
import { SiteData } from './site-data';

const say = (message: FromWorker) => postMessage(message);
const running = new Map<number, AbortController>();

interface Prepared {
  files: Map<string, Uint8Array>;
  model: Model;
  board: Board;
}

async function prepare({ source, board: boardId }: InspectRequest): Promise<Prepared> {
  const board = BOARDS.get(boardId);
  if (!board) throw new Failure('arguments', `there is no board ${boardId}`);
  const files = await readModelSource(source);
  const model = await readModel(files);
  if (!model.ok) throw new Failure('model-refused', model.reasons.join('\n'));
  const reasons = boardReasons(model.value, DATASETS[board.dataset]);
  if (reasons.length) throw new Failure('model-refused', reasons.join('\n'));
  return { files, model: model.value, board };
}

/** A GPU is driven by one thread; wasm and cpu get one per core (at most 8: more gain nothing on shared caches). */
async function openLaboratory(
  request: InspectRequest,
  { files, board }: Prepared,
  seed: number,
  onNotice: (text: string) => void,
): Promise<OpenLaboratory> {
  const open = (backend: BackendName) => {
    const size = backend === 'webgpu' ? 1 : Math.min(8, Math.max(1, navigator.hardwareConcurrency));
    return openPool({ size, backend, files, settings: { board, seed, restarts: 1 }, onNotice });
  };
  if (request.backend !== 'auto') return open(request.backend);
  const adapter = await browserHost.adapter();
  let reason = adapter ? `WebGPU has only a software adapter here (${adapter.name})` : 'this browser offers no WebGPU adapter';
  if (adapter && !adapter.software) {
    try {
      return await open('webgpu');
    } catch (error) {
      if (!(error instanceof Failure) || error.code === 'model-refused') throw error;
      reason = `WebGPU did not start on ${adapter.name}`;
    }
  }
  return withNote(await open('wasm'), `${reason}, so WebAssembly is used`);
}

async function inspect(id: number, request: InspectRequest): Promise<Inspection> {
  const prepared = await prepare(request);
  const { model } = prepared;
  const data = await SiteData.open(DATASETS[prepared.board.dataset], (text) => say({ type: 'status', id, text }));
  say({ type: 'status', id, text: 'Opening the device and timing the model on it…' });
  const laboratory = await openLaboratory(request, prepared, DEFAULT_SEED, () => undefined);
  try {
    return {
      model: {
        sha256: model.sha256,
        bytes: model.bytes,
        params: model.graph.params,
        macs: model.macs,
        layers: model.graph.layers,
        feature: model.feature,
        notes: model.graph.notes,
        layerWork: layerWork(model),
      },
      engine: laboratory.engine,
      workers: laboratory.workers,
      rate: await measureRate(laboratory, prepared.board, () => performance.now()),
      splits: data.summary(),
      dataNotes: data.notes,
    };
  } finally {
    await laboratory.close();
  }
}

async function run(id: number, request: EvaluateRequest, signal: AbortSignal): Promise<void> {
  const prepared = await prepare(request);
  const data = await SiteData.open(DATASETS[prepared.board.dataset], (text) => say({ type: 'status', id, text }), signal);
  const laboratory = await openLaboratory(request, prepared, request.seed, (text) => say({ type: 'notice', id, text }));
  // Stop means now: the threads are ended in the middle of what they compute.
  signal.addEventListener('abort', () => void laboratory.close());
  try {
    signal.throwIfAborted();
    const { engine, workers } = laboratory;
    const report = await evaluate(
      { ...request, level: 'pgd', restarts: 1, model: prepared.model, board: prepared.board },
      {
        laboratory,
        data,
        signal,
        now: () => performance.now(),
        startedAt: new Date().toISOString(),
        environment: {
          backend: engine.backend,
          device: engine.device,
          engine: browserName(navigator.userAgent),
          workers,
          versions: { tfjs: version_core, simplexity: version },
        },
        onEvent: (event) => say({ type: 'event', id, event }),
      },
    );
    say({ type: 'result', id, report: reportSchema.parse(report) });
  } finally {
    await laboratory.close();
  }
}

addEventListener('message', ({ data: message }: MessageEvent<ToWorker>) => {
  const fail = (error: unknown) => {
    const failure = running.get(message.id)?.signal.aborted ? new Failure('stopped', 'stopped') : error;
    say({ type: 'failure', id: message.id, failure: toPlainFailure(failure) });
  };
  if (message.type === 'stop') {
    running.get(message.id)?.abort();
  } else if (message.type === 'inspect') {
    inspect(message.id, message.request).then((inspection) => say({ type: 'inspected', id: message.id, inspection }), fail);
  } else {
    const stop = new AbortController();
    running.set(message.id, stop);
    run(message.id, message.request, stop.signal)
      .catch(fail)
      .finally(() => running.delete(message.id));
  }
});
