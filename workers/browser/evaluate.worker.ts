/**
 * The browser's room: inspects a model, evaluates it, says how it goes. The page only starts it, listens and ends it, so
 * it stays usable whatever is computed here.
 */
import { version_core } from '@tensorflow/tfjs-core';
import { modelUrl } from '../../lib/bundled-models';
import { DATASETS } from '../../lib/data/datasets';
import { Failure, toPlainFailure } from '../../lib/failure';
import type { Model } from '../../lib/model/preflight';
import { DEFAULT_SEED } from '../../lib/protocol/boards';
import { type EvaluationRequest, evaluate } from '../../lib/protocol/evaluate';
import { layerBytes, layerWork } from '../../lib/protocol/layer-stage';
import { reportSchema } from '../../lib/protocol/report';
import { openSurrogate } from '../../lib/surrogates';
import { version } from '../../package.json';
import { openBoardData } from './board-data';
import { browserName } from './host';
import { type KeptRun, keepRun } from './keep-run';
import { openLaboratory, prepare } from './laboratory';
import type { EvaluateRequest, FromWorker, Inspection, InspectRequest, ModelSummary, ToWorker } from './messages';
import { readModelSource } from './model-source';
import { preflight } from './preflight';
import { measureRate } from './rate';

/** Written here when the site is built. Where it is not known, no run is the same as an earlier one. */
const CODE = process.env.SIMPLEXITY_CODE ?? crypto.randomUUID();

const say = (message: FromWorker) => postMessage(message);
const running = new Map<number, AbortController>();

const summaryOf = (model: Model): ModelSummary => ({
  sha256: model.sha256,
  bytes: model.bytes,
  params: model.graph.params,
  macs: model.macs,
  layers: model.graph.layers,
  feature: model.feature,
  notes: model.graph.notes,
  layerWork: layerWork(model),
  layerBytes: layerBytes(model),
});

async function inspect(id: number, request: InspectRequest): Promise<Inspection> {
  const prepared = await prepare(request);
  const { model } = prepared;
  const data = await openBoardData(DATASETS[prepared.board.dataset], (text) => say({ type: 'status', id, text }));
  say({ type: 'status', id, text: 'Opening the device and timing the model on it…' });
  const laboratory = await openLaboratory(request, prepared, DEFAULT_SEED, () => undefined);
  try {
    return {
      model: summaryOf(model),
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
  const data = await openBoardData(DATASETS[prepared.board.dataset], (text) => say({ type: 'status', id, text }), signal);
  const onNotice = (text: string) => say({ type: 'notice', id, text });
  const bundled = (model: string) => readModelSource({ kind: 'url', url: modelUrl(model) });
  const surrogate = request.checks ? await openSurrogate(prepared.board, prepared.model.sha256, bundled) : undefined;
  const climbed = surrogate?.files ? { surrogate: surrogate.files } : {};
  const inner = await openLaboratory(request, { ...prepared, ...climbed }, request.seed, onNotice);
  // Stop means now: the threads are ended in the middle of what they compute.
  signal.addEventListener('abort', () => void inner.close());
  let kept: KeptRun | undefined;
  try {
    signal.throwIfAborted();
    const { engine, workers } = inner;
    const versions = { tfjs: version_core, simplexity: version };
    const evaluation: EvaluationRequest = {
      ...request,
      level: request.level ?? 'pgd',
      restarts: 1,
      model: prepared.model,
      board: prepared.board,
      ...(surrogate ? { surrogate: surrogate.named } : {}),
    };
    kept = await keepRun(request, evaluation, {
      inner,
      data,
      environment: { ...engine, engine: browserName(navigator.userAgent), versions, code: CODE },
      onNotice,
    });
    const { laboratory, startedAt, reached } = kept;
    const measured = await evaluate(evaluation, {
      laboratory,
      data,
      signal,
      now: () => performance.now() + laboratory.replayedMs,
      startedAt,
      environment: { backend: engine.backend, device: engine.device, engine: browserName(navigator.userAgent), workers, versions },
      onEvent: (event) => {
        if (event.type === 'progress') reached(event.done / event.total);
        say({ type: 'event', id, event });
      },
    });
    const report = reportSchema.parse(measured);
    await kept.finish(report);
    say({ type: 'result', id, report });
  } finally {
    await inner.close();
    await kept?.close();
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
    const { id } = message;
    const stop = new AbortController();
    running.set(id, stop);
    const work =
      message.type === 'evaluate'
        ? run(id, message.request, stop.signal)
        : preflight(message.request, {
            signal: stop.signal,
            onStatus: (text) => say({ type: 'status', id, text }),
            onCheck: (check) => say({ type: 'preflight-check', id, check }),
            onProgress: (check, done, total) => say({ type: 'preflight-progress', id, check, done, total }),
          }).then((preflight) => say({ type: 'preflighted', id, preflight }));
    work.catch(fail).finally(() => running.delete(message.id));
  }
});
