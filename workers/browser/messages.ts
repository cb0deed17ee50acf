/** Everything that crosses between a page and the evaluation worker. Every message has `type` and `id`. */

import type { AttackId, Level } from '../../lib/attacks/catalogue';
import type { BackendChoice, Engine } from '../../lib/engine/choose';
import type { PlainFailure } from '../../lib/failure';
import type { EvaluationEvent } from '../../lib/protocol/evaluate';
import type { MeasureResult, MeasureSettings } from '../../lib/protocol/measure';
import type { Check, CheckId } from '../../lib/protocol/preflight-checks';
import type { Report } from '../../lib/protocol/report';
import type { UnitProgress } from '../../lib/protocol/unit-progress';
import type { Split } from '../../lib/random';
import type { TravellingJob } from '../layer-memory';
import type { SplitSummary } from './board-data';

/**
 * Where a model comes from: the site's own address, files that the visitor dropped (a zip counts as one), or the very files
 * that a preflight made ready.
 */
export type ModelSource = { kind: 'url'; url: string } | { kind: 'files'; files: File[] } | { kind: 'parts'; parts: UploadPart[] };

/** A file of a model as it will be sent; its path is relative to model.json. */
export interface UploadPart {
  path: string;
  sha256: string;
  bytes: number;
  content: Blob;
}

export interface InspectRequest {
  source: ModelSource;
  board: string;
  backend: BackendChoice;
}

export interface EvaluateRequest extends InspectRequest {
  /** Keeps the run in this browser under a name, so that it can be gone on with; `title`: the model's, where it is offered again. */
  keep?: { id: string; title: string };
  /** `pgd` where it isn't said: runs that a browser keeps may be older than the choice. */
  level?: Level;
  attacks: AttackId[];
  samples: number;
  /** Where an attack of AutoAttack runs. */
  autoattackSamples?: number;
  trainSamples: number;
  batch: number;
  seed: number;
  layers: boolean;
  /** Confidence checks and curves; neither where it isn't said. */
  checks?: boolean;
  curves?: boolean;
}

export interface ModelSummary {
  sha256: string;
  bytes: number;
  params: number;
  macs: number;
  layers: number;
  feature: { name: string; dim: number } | { missing: string };
  notes: string[];
  /** Cost of the layers' statistics for one image, in image-steps. */
  layerWork: number;
  /** Of the class means of all layers (layer-stage.ts). */
  layerBytes: number;
}

/** What is known before anything long starts. */
export interface Inspection {
  model: ModelSummary;
  engine: Engine;
  /** Threads that will measure. */
  workers: number;
  /** Image-steps (one image, one forward and one input gradient) per second, measured on this model just now. */
  rate: number;
  /** What the site has of each split. */
  splits: Partial<Record<Split, SplitSummary>>;
  /** What is to be known of the site's copy of the data. */
  dataNotes: string[];
}

/** What a preflight found; absent parts were not reached. */
export interface Preflight {
  checks: Check[];
  /** The model could be read, and this is it. */
  model?: { sha256: string; params: number; macs: number };
  /** Ready to be sent; there are none where a check was refused. */
  parts: UploadPart[];
  engine?: Engine;
  workers?: number;
  /** Image-steps per second, from the attack on this model; null where it did not run. */
  rate: number | null;
  /** Images that the site has. */
  records: Partial<Record<Split, number>>;
}

export type ToWorker =
  | { type: 'inspect'; id: number; request: InspectRequest }
  | { type: 'evaluate'; id: number; request: EvaluateRequest }
  | { type: 'preflight'; id: number; request: InspectRequest }
  | { type: 'stop'; id: number };

export type FromWorker =
  | { type: 'inspected'; id: number; inspection: Inspection }
  | { type: 'event'; id: number; event: EvaluationEvent }
  /** What is being waited for just now; the next one takes its place. */
  | { type: 'status'; id: number; text: string }
  /** Something ordinary but worth saying, such as a GPU that was lost and opened again. */
  | { type: 'notice'; id: number; text: string }
  | { type: 'result'; id: number; report: Report }
  | { type: 'preflight-progress'; id: number; check: CheckId; done: number; total: number }
  | { type: 'preflight-check'; id: number; check: Check }
  | { type: 'preflighted'; id: number; preflight: Preflight }
  | { type: 'failure'; id: number; failure: PlainFailure };

/** Between the evaluation worker and its measuring threads (wasm: one per core). */
export type ToShard =
  | { type: 'open'; id: number; files: Map<string, Uint8Array>; backend: BackendChoice; settings: MeasureSettings }
  | { type: 'measure'; id: number; job: TravellingJob };
export type FromShard =
  | { type: 'opened'; id: number; engine: Engine; atOnce: number }
  | { type: 'progress'; id: number; progress: UnitProgress }
  | { type: 'measured'; id: number; result: MeasureResult }
  | { type: 'failure'; id: number; failure: PlainFailure };
