/**
 * A laboratory of measuring threads in the browser: one for a GPU, one per core for wasm. Units are stateless, so when a
 * GPU is lost the thread is replaced and the unit measured again; the outcome is the same.
 */
import type { BackendChoice, Engine } from '../../lib/engine/choose';
import { Failure } from '../../lib/failure';
import type { MeasureJob, MeasureResult, MeasureSettings } from '../../lib/protocol/measure';
import type { OpenLaboratory } from '../measurer';
import { Shard } from './shard';

export interface PoolOptions {
  size: number;
  backend: BackendChoice;
  files: Map<string, Uint8Array>;
  settings: MeasureSettings;
  /** Says what happened to the device. */
  onNotice(text: string): void;
}

/** Losses in one run after which it is given up. */
const MAX_LOSSES = 3;

export async function openPool({ size, backend, files, settings, onNotice }: PoolOptions): Promise<OpenLaboratory> {
  let losses = 0;
  let closed = false;
  const shards = new Set<Shard>();
  const start = async (): Promise<{ shard: Shard; engine: Engine }> => {
    if (closed) throw new Failure('stopped', 'stopped');
    const shard = new Shard();
    shards.add(shard);
    const opened = await shard.ask({ type: 'open', backend, files, settings });
    if (opened.type !== 'opened') throw new Error(`expected opened, got ${opened.type}`);
    return { shard, engine: opened.engine };
  };
  const close = async () => {
    closed = true;
    for (const shard of shards) shard.end(new Failure('stopped', 'stopped'));
    shards.clear();
  };

  let first: Awaited<ReturnType<typeof start>>[];
  try {
    first = await Promise.all(Array.from({ length: size }, start));
  } catch (error) {
    await close();
    throw error;
  }
  const { engine } = first[0];
  // On a GPU the next unit is prepared while the last one is read back.
  const perShard = engine.backend === 'webgpu' ? 2 : 1;
  const seats = first.map(({ shard }) => ({ current: Promise.resolve(shard), busy: 0 }));

  const measure = async (job: MeasureJob): Promise<MeasureResult> => {
    const seat = seats.reduce((a, b) => (b.busy < a.busy ? b : a));
    seat.busy++;
    try {
      for (;;) {
        const holder = seat.current;
        const shard = await holder;
        try {
          return await shard.measure(job);
        } catch (error) {
          if (closed || !(error instanceof Failure) || error.code !== 'device-lost') throw error;
          // Two units may report one loss; only the first replaces the thread.
          if (seat.current === holder) {
            if (++losses > MAX_LOSSES) throw error;
            onNotice(`T${error.message.slice(1)}. It was opened again and the run goes on; nothing measured so far is lost.`);
            shard.end(error); // the other unit in flight finds the device lost, too, and goes to the new thread
            shards.delete(shard);
            seat.current = start().then((opened) => {
              const now = opened.engine.device;
              if (now !== engine.device)
                onNotice(`The device is another one now: ${now} instead of ${engine.device}. The run may be much slower.`);
              return opened.shard;
            });
          }
        }
      }
    } finally {
      seat.busy--;
    }
  };
  return { engine, workers: size, capacity: size * perShard, close, measure };
}
