/** A model before it is sent: read, cut to pieces that can be sent, and tried out. Nothing leaves the browser. */
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { modelDigest, readBundle, sha256Hex } from '../../lib/model/bundle';
import { boardReasons, readModel } from '../../lib/model/preflight';
import { reshard } from '../../lib/model/reshard';
import { BOARDS, DEFAULT_SEED } from '../../lib/protocol/boards';
import { type Check, featureCheck, LARGEST_UPLOAD, passed, refused, sizeCheck } from '../../lib/protocol/preflight-checks';
import { runPreflight } from '../../lib/protocol/preflight-run';
import { openBoardData } from './board-data';
import type { PreflightListener } from './client';
import { openLaboratory } from './laboratory';
import type { InspectRequest, Preflight, UploadPart } from './messages';
import { readModelSource } from './model-source';

/** Files that the site takes for one model. */
const MOST_FILES = 500;
const count = (n: number) => n.toLocaleString('en');

export async function preflight(
  request: InspectRequest,
  { signal, ...listen }: PreflightListener & { signal: AbortSignal },
): Promise<Preflight> {
  const board = BOARDS.get(request.board);
  if (!board) throw new Failure('arguments', `there is no board ${request.board}`);
  const dataset = DATASETS[board.dataset];
  const result: Preflight = { checks: [], parts: [], rate: null, records: {} };
  const tell = (check: Check) => {
    result.checks.push(check);
    listen.onCheck(check);
    return check.state !== 'refused';
  };
  // File and layer names stay as they are; a word at the beginning is a sentence's first.
  const sentences = (reasons: string[]) => reasons.map((r) => `${r.replace(/^[a-z](?=[a-z]* )/, (c) => c.toUpperCase())}.`);

  listen.onStatus('Reading the files…');
  let dropped: Map<string, Uint8Array>;
  try {
    dropped = await readModelSource(request.source);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== 'model-refused') throw error;
    tell(refused('loads', sentences(error.message.split('\n'))));
    return result;
  }
  const read = await readModel(dropped);
  if (!read.ok) {
    // Which of the two it was: files that can't be read, or layers that can't be run.
    const bundle = await readBundle(dropped);
    if (bundle.ok) tell(passed('loads', 'model.json and its weights'));
    tell(refused(bundle.ok ? 'layers' : 'loads', sentences(read.reasons)));
    return result;
  }
  const model = read.value;
  const { files, changed } = reshard(dropped, { largest: LARGEST_UPLOAD, mostFiles: MOST_FILES });
  if (changed) model.sha256 = await modelDigest(files, [...files.keys()].slice(1));
  result.model = { sha256: model.sha256, params: model.graph.params, macs: model.macs };
  tell(passed('loads', `model.json and ${count(files.size - 1)} weight ${files.size === 2 ? 'file' : 'files'}`));
  tell(
    passed(
      'layers',
      `${count(model.graph.layers)} layers, ${count(model.graph.params)} parameters, ${(model.macs / 1e6).toFixed(1)} M multiply–accumulates`,
      'known layers, at most 100 M parameters and 10 G multiply–accumulates',
    ),
  );
  const unfit = boardReasons(model, dataset);
  const shapes = `${dataset.shape.join('×')} in, ${dataset.classNames.length} classes out`;
  if (!tell(unfit.length ? { ...refused('shapes', sentences(unfit)), allowed: shapes } : passed('shapes', shapes, shapes))) return result;
  const parts: UploadPart[] = [];
  for (const [path, bytes] of files)
    parts.push({ path, sha256: await sha256Hex(bytes), bytes: bytes.length, content: new Blob([bytes as Uint8Array<ArrayBuffer>]) });
  if (!tell(sizeCheck(parts, changed))) return result;
  tell(featureCheck(model.feature));

  const data = await openBoardData(dataset, listen.onStatus, signal);
  result.records = Object.fromEntries(Object.entries(data.summary()).map(([split, list]) => [split, list.records]));
  listen.onStatus('Opening the device…');
  const laboratory = await openLaboratory(request, { files, model, board }, DEFAULT_SEED, listen.onStatus);
  // Stop means now: the threads are ended in the middle of what they compute.
  signal.addEventListener('abort', () => void laboratory.close());
  try {
    signal.throwIfAborted();
    const { engine, workers } = laboratory;
    Object.assign(result, { engine, workers });
    const { rate } = await runPreflight({
      model,
      board,
      laboratory,
      data,
      batch: engine.backend === 'webgpu' && !engine.note ? 250 : 50,
      now: () => performance.now(),
      signal,
      onCheck: tell,
      onProgress: listen.onProgress,
    });
    result.rate = rate;
    if (result.checks.every((c) => c.state !== 'refused')) result.parts = parts;
    return result;
  } finally {
    await laboratory.close();
  }
}
