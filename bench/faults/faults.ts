/** Every fault by its name, in the order of the table. */
import { clockSkew } from './clock';
import { kills } from './kills';
import { lyingBrowsers } from './lying-browsers';
import { approvedLiar, lyingRunners } from './lying-runners';
import { databaseOutage, networkOutage, serverOutage } from './outages';
import { racing } from './racing';
import { duplicates, late } from './repeats';
import { revoked } from './revoked';
import type { Row } from './row';
import { scaling } from './scaling';
import type { Subject } from './subject';
import { anothersWitnesses, witnessesAtOnce } from './witnesses';
import type { World } from './world';

export interface Played {
  /** Published and measured by the command line when it is first asked for. */
  subject(): Promise<Subject>;
  kills: number;
  seed: number;
  say(line: string): void;
}

export type Fault = (world: World, played: Played) => Promise<Row>;

/** One that needs the small model alone. */
const onSubject =
  (fault: (world: World, subject: Subject) => Promise<Row>): Fault =>
  async (world, { subject }) =>
    fault(world, await subject());

export const FAULTS: Record<string, Fault> = {
  kills: async (world, played) => kills(world, await played.subject(), played),
  server: serverOutage,
  database: databaseOutage,
  network: networkOutage,
  duplicates: onSubject(duplicates),
  late: onSubject(late),
  racing: onSubject(racing),
  witnesses: onSubject(witnessesAtOnce),
  'lying-browsers': onSubject(lyingBrowsers),
  'others-witnesses': onSubject(anothersWitnesses),
  scaling,
  'lying-runners': onSubject(lyingRunners),
  'approved-liar': onSubject(approvedLiar),
  revoked: onSubject(revoked),
  clock: onSubject(clockSkew),
};
