/** What `--resume` and `--merge` put in front of the laboratory: files with units that need not be measured again. */
import { RememberingLaboratory } from '../../lib/protocol/remembering';
import type { RunIdentity } from '../../lib/protocol/run-identity';
import type { Laboratory } from '../../lib/protocol/units';
import { CheckpointFile } from './checkpoint-file';

/** A file of a run grows no further by perturbed images than this; see Memory.pointsBudget. */
const POINTS_BUDGET = 2 ** 31;

export interface Remembered {
  laboratory: RememberingLaboratory;
  /** When the run was begun, here or where its first share was. */
  startedAt: string;
  /** Every device that measured. */
  device: string;
  /** Every engine that did. */
  engine: string;
  /** Units in the file to resume from. */
  units(): number;
  close(): Promise<void>;
  /** Removes the file to resume from: its run has come to its end. */
  discard(): Promise<void>;
}

const isThere = <T>(value: T | undefined): value is T => value !== undefined;

interface Files {
  resume?: string;
  merge: readonly string[];
}

/** Names a file of another run before anything long is begun. `run`: what is known of it by then. */
export async function checkFiles({ resume, merge }: Files, run: Partial<RunIdentity>): Promise<void> {
  for (const file of merge) await CheckpointFile.check(file, run, false);
  if (resume !== undefined) await CheckpointFile.check(resume, run, true);
}

export async function remember(
  { resume, merge }: Files,
  run: RunIdentity,
  inner: Laboratory,
  say: (line: string) => void,
): Promise<Remembered> {
  const opened: CheckpointFile[] = [];
  const close = async () => {
    for (const file of opened) await file.close();
  };
  const now = new Date().toISOString();
  try {
    for (const file of merge) opened.push(await CheckpointFile.read(file, run));
    const own = resume === undefined ? undefined : await CheckpointFile.open(resume, run, now);
    const others = [...opened];
    if (own) opened.push(own);
    for (const { file, units, torn } of opened) {
      if (units > 0) say(`${file}: ${units} units of this run are known`);
      if (torn > 0) say(`${file}: ${torn} bytes at its end were not whole; what they held is measured again`);
    }
    const laboratory = new RememberingLaboratory(inner, {
      ...(own ? { own } : {}),
      others,
      pointsBudget: Math.max(0, POINTS_BUDGET - (own?.bytes ?? 0)),
      now: () => performance.now(),
      onLost: (error) => say(`${(error as Error).message}; the run goes on, but what follows could not be resumed`),
    });
    const everyOne = (what: 'device' | 'engine') =>
      [...new Set([run[what], ...others.map(({ header }) => header.run[what])])].join(' and ').slice(0, 500);
    return {
      laboratory,
      startedAt: [own, ...others].filter(isThere).reduce((first, { header }) => (header.startedAt < first ? header.startedAt : first), now),
      device: everyOne('device'),
      engine: everyOne('engine'),
      units: () => own?.units ?? 0,
      close,
      discard: async () => {
        await own?.discard();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
