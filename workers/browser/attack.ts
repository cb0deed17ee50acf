/** “Attack this model”: hunts witnesses among the images that the board still calls robust, in worker threads of this browser. */
import { z } from 'zod';
import { DATASETS } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import { fromBase64, unpackBitmap } from '../../lib/protocol/evidence';
import { hunt, strongerBoard } from '../../lib/protocol/hunt';
import { packFiles } from '../../lib/protocol/witness-file';
import { openBoardData } from './board-data';
import { openLaboratory, prepare } from './laboratory';

export interface AttackRequest {
  slug: string;
  version: number;
  modelUrl: string;
  board: string;
  /** At most so many of the images that still stand, from the seed-th on. */
  images: number;
  rounds: number;
  seed: number;
}

export interface AttackListener {
  onStatus(text: string): void;
  onProgress(done: number, total: number, found: number): void;
}

export interface AttackResult {
  /** Images that were attacked; 0 where none stands any more. */
  attacked: number;
  broken: number;
  /** Witness files, ready to be sent. */
  files: Uint8Array[];
}

/** Steps of the attack; the protocol's has ten. */
const STEPS = 40;
const BATCH = 10;

const outcomesSchema = z.object({ sha256: z.string(), robustSamples: z.number().int(), robust: z.string().nullable() });

/** Records that the board still calls robust, and the version that they are of. */
async function standingImages({ slug, version, board }: AttackRequest) {
  const answer = await fetch(`/api/v1/models/${slug}/versions/${version}/outcomes?board=${board}`);
  if (!answer.ok)
    throw new Failure('data-unavailable', `what the board holds of this model could not be had: the site answered ${answer.status}`);
  const { sha256, robustSamples, robust } = outcomesSchema.parse(await answer.json());
  if (robust === null) throw new Failure('data-unavailable', 'no attack was run on this model yet, so there is nothing to lower');
  return { sha256, indices: [...unpackBitmap(fromBase64(robust), robustSamples)].flatMap((held, i) => (held ? [i] : [])) };
}

/** So many of a list, beginning at a place that the seed chooses, in the list's order. */
function some(indices: readonly number[], count: number, seed: number): number[] {
  const from = indices.length ? seed % indices.length : 0;
  return [...indices.slice(from), ...indices.slice(0, from)].slice(0, count).sort((a, b) => a - b);
}

/** Aborting the signal ends it with what was found until then. */
export async function attackModel(request: AttackRequest, listen: AttackListener, signal: AbortSignal): Promise<AttackResult> {
  listen.onStatus('Fetching the model and the images…');
  const standing = await standingImages(request);
  const targets = some(standing.indices, request.images, request.seed);
  if (targets.length === 0) return { attacked: 0, broken: 0, files: [] };
  const wanted = { source: { kind: 'url' as const, url: request.modelUrl }, board: request.board, backend: 'auto' as const };
  const prepared = await prepare(wanted);
  const { board, model } = prepared;
  if (model.sha256 !== standing.sha256) throw new Failure('data-damaged', 'the files of the model are not those that the board is about');
  const dataset = DATASETS[board.dataset];
  const data = await openBoardData(dataset, listen.onStatus, signal);
  const { sha256 } = await data.info('test');
  listen.onStatus('Attacking…');
  const stronger = { ...prepared, board: strongerBoard(board, STEPS) };
  const laboratory = await openLaboratory(wanted, stronger, request.seed, listen.onStatus);
  const close = () => void laboratory.close();
  signal.addEventListener('abort', close, { once: true });
  try {
    const { rounds, seed } = request;
    const found = await hunt({ board, targets, rounds, seed, batch: BATCH }, { laboratory, data, signal, onProgress: listen.onProgress });
    const [height, width, channels] = dataset.shape;
    const header = { board: board.id, data: sha256, model: model.sha256, shape: [height, width, channels] as [number, number, number] };
    return { attacked: targets.length, broken: found.length, files: packFiles(header, found) };
  } finally {
    signal.removeEventListener('abort', close);
    await laboratory.close();
  }
}
