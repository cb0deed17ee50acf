/**
 * What a page of the site does for a runner that has opened it: units of work go to the worker that visitors run. The runner
 * reaches in by the debugging pipe of its own Chromium; this page asks nobody for anything and knows no token.
 */
import type { Adapter, Engine } from '../../lib/engine/choose';
import { Failure, type PlainFailure, toPlainFailure } from '../../lib/failure';
import type { MeasureSettings } from '../../lib/protocol/measure';
import type { UnitProgress } from '../../lib/protocol/unit-progress';
import { dependencies, version } from '../../package.json';
import type { TravellingJob } from '../layer-memory';
import { pack, unpack } from '../wire';
import { browserBase64 } from './base64';
import { browserHost } from './host';
import { Shard } from './shard';

/** Packed (wire.ts), as all that goes through the pipe. */
export type RunnerAnswer<T> = { value: T } | { failure: PlainFailure };
export type OpenedForRunner = { engine: Engine; atOnce: number };

export interface ForRunner {
  /** Of this page's code. */
  versions: { tfjs: string; simplexity: string };
  /** The GPU as the browser sees it; null where it sees none. */
  adapter(): Promise<Adapter | null>;
  /** The next piece of a file of the model, in base64. */
  file(path: string, piece: string): void;
  /** Packed MeasureSettings in, RunnerAnswer<OpenedForRunner> out. */
  open(settings: string): Promise<string>;
  /** Packed TravellingJob in, RunnerAnswer<MeasureResult> out; how far it is is told under its number. */
  measure(job: string, unit: number): Promise<string>;
}

const answered = (work: () => Promise<unknown>): Promise<string> =>
  work().then(
    (value) => pack({ value }, browserBase64),
    (error) => pack({ failure: toPlainFailure(error) }, browserBase64),
  );

/** One model, one worker. */
export function forRunner(): ForRunner {
  const pieces = new Map<string, Uint8Array<ArrayBuffer>[]>();
  let shard: Shard | undefined;
  return {
    versions: { tfjs: dependencies['@tensorflow/tfjs-core'], simplexity: version },
    adapter: () => browserHost.adapter(),
    file(path, piece) {
      pieces.set(path, [...(pieces.get(path) ?? []), browserBase64.decode(piece)]);
    },
    open: (settings) =>
      answered(async (): Promise<OpenedForRunner> => {
        const files = new Map<string, Uint8Array>();
        for (const [path, parts] of pieces) files.set(path, new Uint8Array(await new Blob(parts).arrayBuffer()));
        pieces.clear();
        shard = new Shard();
        const opened = await shard.ask({
          type: 'open',
          backend: 'webgpu',
          files,
          settings: unpack<MeasureSettings>(settings, browserBase64),
        });
        if (opened.type !== 'opened') throw new Error(`expected opened, got ${opened.type}`);
        return { engine: opened.engine, atOnce: opened.atOnce };
      }),
    measure: (job, unit) =>
      answered(async () => {
        if (!shard) throw new Failure('arguments', 'expected open before measure');
        // The runner has left out the layers that the worker has already.
        const measured = await shard.ask({ type: 'measure', job: unpack<TravellingJob>(job, browserBase64) }, (progress) =>
          window.simplexityHeard?.(unit, progress),
        );
        if (measured.type !== 'measured') throw new Error(`expected measured, got ${measured.type}`);
        return measured.result;
      }),
  };
}

declare global {
  interface Window {
    simplexityForRunner?: ForRunner;
    /** The runner's own ear, where one has opened this page. */
    simplexityHeard?: (unit: number, progress: UnitProgress) => void;
  }
}
