/** Puts the browser's memory of a run in front of its laboratory, where the browser keeps anything at all. */

import type { DataSource } from '../../lib/data/datasets';
import { Failure } from '../../lib/failure';
import type { EvaluationRequest } from '../../lib/protocol/evaluate';
import { RememberingLaboratory } from '../../lib/protocol/remembering';
import type { Report } from '../../lib/protocol/report';
import { type RunEnvironment, runIdentity } from '../../lib/protocol/run-identity';
import type { Laboratory } from '../../lib/protocol/units';
import type { EvaluateRequest } from './messages';
import { RunStore } from './run-store';

/** Perturbed images of a run take no more than this, and no more than a quarter of the room that the browser has left for the site. */
const POINTS_BUDGET = 2 ** 30;
/** How often it is noted how far a run has come. */
const NOTE_MS = 1000;

export interface KeptRun {
  laboratory: RememberingLaboratory;
  startedAt: string;
  /** 0 … 1 */
  reached(share: number): void;
  /** Keeps the report in place of the units. */
  finish(report: Report): Promise<void>;
  close(): Promise<void>;
}

interface World {
  inner: Laboratory;
  data: DataSource;
  environment: RunEnvironment;
  onNotice(text: string): void;
}

export async function keepRun(request: EvaluateRequest, evaluation: EvaluationRequest, world: World): Promise<KeptRun> {
  const { inner, data, environment, onNotice } = world;
  const { samples, trainSamples } = request;
  const run = runIdentity(
    evaluation,
    {
      ...(samples > 0 ? { test: (await data.info('test')).sha256 } : {}),
      ...(trainSamples > 0 ? { train: (await data.info('train')).sha256 } : {}),
    },
    environment,
  );
  const now = new Date();
  const onLost = (error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    onNotice(`This browser does not keep all of the run (${why}). It goes on; after a reload some of it would be measured again.`);
  };
  const { keep } = request;
  const opened = keep ? RunStore.open({ ...request, keep }, run, now.toISOString(), now.getTime()) : undefined;
  const store = await opened?.catch((error) => {
    if (error instanceof Failure) throw error;
    onLost(error);
    return undefined;
  });
  const { quota = 0, usage = 0 } = (await navigator.storage?.estimate().catch(() => undefined)) ?? {};
  const room = quota > 0 ? (quota - usage) / 4 : POINTS_BUDGET;
  const laboratory = new RememberingLaboratory(inner, {
    ...(store ? { own: store } : {}),
    pointsBudget: Math.max(0, Math.min(room, POINTS_BUDGET - (store?.saved.pointBytes ?? 0))),
    now: () => performance.now(),
    onLost,
  });
  let [share, noted, finished] = [store?.saved.share ?? 0, 0, false];
  const note = async () => {
    noted = Date.now();
    await store?.reached(share, noted).catch(() => undefined); // a full database was named when a unit could not be kept
  };
  return {
    laboratory,
    startedAt: store?.saved.startedAt ?? now.toISOString(),
    reached: (next) => {
      // A run that goes on passes through what it has already.
      share = Math.max(share, next);
      if (Date.now() - noted > NOTE_MS) void note();
    },
    finish: async (report) => {
      finished = true;
      await store?.finish(report, Date.now()).catch(onLost);
    },
    close: async () => {
      if (!finished) await note();
      await store?.close();
    },
  };
}
