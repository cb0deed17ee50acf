/**
 * pg-boss on the connections that we have: it is given a transaction, runs its statements there, and has no timer, no
 * listener and no connection of its own, so that it lives on an embedded database and in functions that sleep alike.
 *
 * What is asked of it: jobs that are unique by a key while they wait or run (policy `exclusive`), handing out the oldest to
 * one taker only (`for update skip locked`), and their states. It counts every hand-out as an attempt, and its time limits
 * end at 24 hours; a runner that hands its job back must not cost one, so leases and attempts are ours (leases.ts). Its
 * upkeep (`supervise`) is never called: it deletes jobs that waited long.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { sql } from 'drizzle-orm';
import { boolean, integer, jsonb, pgSchema, text, uuid } from 'drizzle-orm/pg-core';
import { type Db as BossDatabase, type DrizzleTransactionLike, fromDrizzle, PgBoss } from 'pg-boss';
import type { Excluded } from '../../lib/protocol/further-opinion';
import type { SpotStage } from '../../lib/protocol/spot-check';
import type { Db } from '../client';
import { time } from '../schema/columns';

export const QUEUE = 'verification';

const OPTIONS = { supervise: false, schedule: false, registerInstance: false } as const;

const connection = new AsyncLocalStorage<BossDatabase>();

/** One for all: it looks the queue up once, and holds no connection. */
const boss = new PgBoss({
  ...OPTIONS,
  migrate: false,
  db: {
    executeSql(text, values) {
      const database = connection.getStore();
      if (!database) throw new Error('pg-boss was called outside onBoss');
      return database.executeSql(text, values);
    },
  },
});

/** Lets pg-boss work within a transaction. */
export const onBoss = <T>(tx: Db, work: (boss: PgBoss) => Promise<T>): Promise<T> =>
  connection.run(fromDrizzle(tx as unknown as DrizzleTransactionLike, sql), () => work(boss));

/**
 * Makes pg-boss's schema and the queue, or brings them to the newest version. Part of the migration of a database, never of
 * a request.
 * @param database one connection that takes several statements in one text
 */
export async function installQueue(database: BossDatabase): Promise<void> {
  const installer = new PgBoss({ ...OPTIONS, db: database });
  await installer.start();
  try {
    if (!(await installer.getQueue(QUEUE))) await installer.createQueue(QUEUE, { policy: 'exclusive', retryLimit: 0 });
    // The newest job of a key is looked up wherever a model is shown; pg-boss has an index for those alone that have not ended.
    await database.executeSql('create index if not exists job_of_key on pgboss.job (name, singleton_key, created_on)', []);
    // Jobs from before there were kinds.
    await database.executeSql(`update pgboss.job set data = data || '{"kind": "verification"}' where name = $1 and data->>'kind' is null`, [
      QUEUE,
    ]);
  } finally {
    await installer.stop({ graceful: false, close: false });
  }
}

/** pg-boss's table, to read and to lock; only pg-boss writes to it. Not among our schema, or a migration would make it again. */
export const jobs = pgSchema('pgboss').table('job', {
  id: uuid().notNull(),
  name: text().notNull(),
  priority: integer().notNull(),
  data: jsonb().$type<Job>().notNull(),
  state: text({ enum: ['created', 'retry', 'active', 'completed', 'cancelled', 'failed'] }).notNull(),
  singletonKey: text(),
  createdOn: time().notNull(),
  completedOn: time(),
  blocked: boolean().notNull(),
});

interface AnyJob {
  versionId: string;
  /** `dataset/norm`, as in lib/protocol/boards.ts. */
  board: string;
  protocol: string;
  /** One sentence for everybody who looks at the queue. */
  reason: string;
}

/** A version is to be measured again. */
export interface VerificationJob extends AnyJob {
  kind: 'verification';
  level: string;
  /** Where somebody else is to say it, too: who is not asked. */
  excluded?: Excluded;
}

/** A file of witnesses is to be judged, with one forward pass for each image. */
export interface WitnessJob extends AnyJob {
  kind: 'witness';
  fileId: string;
}

/** A stage of a claim's spot check: samples that were drawn for it are to be attacked again. */
export interface SpotJob extends AnyJob {
  kind: 'spot';
  runId: string;
  stage: SpotStage;
}

/** Accuracy against radius, steps and restarts, which somebody asked for. */
export interface CurvesJob extends AnyJob {
  kind: 'curves';
}

/** What a runner is to do, and why. A kind more: a member here, a line in KINDS, its part of app/_server/api/asked-for.ts and results.ts. */
export type Job = VerificationJob | WitnessJob | SpotJob | CurvesJob;

/** Jobs of a larger priority are for approved runners alone: their result counts at once. */
export const MOST_FOR_ANYBODY = 0;

interface Kind<J extends Job> {
  /** The largest is handed out first. */
  priority(job: J): number;
  /** What there is one job of at a time. */
  key(job: Omit<J, 'reason' | 'kind' | 'level' | 'excluded'> & { level?: string }): string;
}

export const KINDS: { [K in Job['kind']]: Kind<Extract<Job, { kind: K }>> } = {
  // A lower score that is proved shows within a minute, whatever else waits.
  witness: { priority: () => 10, key: ({ fileId }) => `witness ${fileId}` },
  // A tenth of the work that it spares.
  spot: { priority: () => 5, key: ({ runId, stage }) => `spot ${runId} ${stage}` },
  // No score waits for it, so it waits for every score: whoever asks again and again keeps nothing back.
  curves: { priority: () => -20, key: ({ versionId, board, protocol }) => `curves ${versionId} ${board} ${protocol}` },
  // AutoAttack takes hours: what is quick goes first, and does not wait for it under the same key.
  verification: {
    // What few may take comes after everything else of its level, so that nobody looks through it for long.
    priority: ({ level, excluded }) => (level === 'standard' ? -10 : 0) - (excluded ? 1 : 0),
    key: ({ versionId, board, protocol, level = 'pgd' }) => `${versionId} ${board} ${protocol}${level === 'pgd' ? '' : ` ${level}`}`,
  },
};

export const JOB_KINDS = Object.keys(KINDS) as Job['kind'][];

/** While a job of a key waits or runs, there is no second one. */
export const keyOf = (job: Job): string => (KINDS[job.kind] as Kind<Job>).key(job);

export const priorityOf = (job: Job): number => (KINDS[job.kind] as Kind<Job>).priority(job);
