/** What crosses between the lab's page and its worker. */
import type { Engine } from '../../lib/engine/choose';
import type { PlainFailure } from '../../lib/failure';
import type { LabRequest } from './lab-request';
import type { LabState } from './lab-run';

export type ToLab = { type: 'train'; request: LabRequest; begun: LabState | undefined } | { type: 'stop' };

export type FromLab =
  | { type: 'engine'; engine: Engine }
  | { type: 'status'; text: string }
  /** Something that the reader should know, though training goes on. */
  | { type: 'notice'; text: string }
  | { type: 'step'; done: number; total: number; loss: number }
  | { type: 'epoch'; state: LabState }
  | { type: 'done' }
  | { type: 'failure'; failure: PlainFailure };
