/** A model made ready and a laboratory for it: what every kind of request to the evaluation worker begins with. */
import { DATASETS } from '../../lib/data/datasets';
import type { BackendName } from '../../lib/engine/choose';
import { Failure } from '../../lib/failure';
import { boardReasons, type Model, readModel } from '../../lib/model/preflight';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { type OpenLaboratory, withNote } from '../measurer';
import { browserHost } from './host';
import type { InspectRequest } from './messages';
import { readModelSource } from './model-source';
import { openPool } from './pool';

export interface Prepared {
  files: Map<string, Uint8Array>;
  model: Model;
  board: Board;
}

export async function prepare({ source, board: boardId }: InspectRequest): Promise<Prepared> {
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
export async function openLaboratory(
  request: InspectRequest,
  { files, board, surrogate }: Prepared & { surrogate?: ReadonlyMap<string, Uint8Array> },
  seed: number,
  onNotice: (text: string) => void,
): Promise<OpenLaboratory> {
  const open = (backend: BackendName) => {
    const size = backend === 'webgpu' ? 1 : Math.min(8, Math.max(1, navigator.hardwareConcurrency));
    return openPool({ size, backend, files, settings: { board, seed, restarts: 1, ...(surrogate ? { surrogate } : {}) }, onNotice });
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
