/** What a dump holds: the public columns of everything public, each table in pages by its key. Nothing of accounts but their names. */
import { and, asc, eq, gt, inArray, isNull, type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import { alias } from 'drizzle-orm/pg-core';
import type { Db } from '../client';
import { events, models, runners, runs, standings, users, versions, witnessFiles, witnessOutcomes, witnessVerdicts } from '../schema';

type Row = Record<string, unknown>;
/** At most `PAGE` rows after this one, in the order of the key. */
type Read = (db: Db, last: Row | undefined) => Promise<Row[]>;

export const PAGE = 500;
const isPublic = eq(versions.state, 'public');
const after = (column: PgColumn, last: unknown): SQL | undefined => (last === undefined ? undefined : gt(column, last));
const base64 = (column: PgColumn) => sql<string | null>`translate(encode(${column}, 'base64'), E'\n', '')`;
const finders = alias(users, 'finders');

/** A verdict that counts on a version that everybody sees. */
const judged = and(isPublic, isNull(witnessVerdicts.revokedAt));

const READ: Record<string, Read> = {
  models: (db, last) =>
    db
      .select({
        id: models.id,
        slug: models.slug,
        name: models.name,
        owner: users.name,
        baseline: models.baseline,
        createdAt: models.createdAt,
      })
      .from(models)
      .leftJoin(users, eq(users.id, models.ownerId))
      .where(and(inArray(models.id, db.select({ id: versions.modelId }).from(versions).where(isPublic)), after(models.id, last?.id)))
      .orderBy(asc(models.id))
      .limit(PAGE),
  versions: (db, last) =>
    db
      .select({
        ...{ id: versions.id, modelId: versions.modelId, number: versions.number, sha256: versions.sha256, board: versions.board },
        ...{ description: versions.description, recipe: versions.recipe, extraData: versions.extraData },
        ...{ epsilonTrained: versions.epsilonTrained, paperUrl: versions.paperUrl, codeUrl: versions.codeUrl, licence: versions.licence },
        ...{ bytes: versions.bytes, params: versions.params, macs: versions.macs, layers: versions.layers, classes: versions.classes },
        ...{ featureLayer: versions.featureLayer, featureDim: versions.featureDim, notes: versions.notes, locked: versions.locked },
        ...{ disqualified: versions.disqualified, weightsRemovedAt: versions.weightsRemovedAt, publishedAt: versions.publishedAt },
      })
      .from(versions)
      .where(and(isPublic, after(versions.id, last?.id)))
      .orderBy(asc(versions.id))
      .limit(PAGE),
  standings: (db, last) => {
    const key = sql`(${standings.versionId}, ${standings.board}, ${standings.protocol})`;
    const beyond = last && sql`${key} > (${last.versionId}, ${last.board}, ${last.protocol})`;
    return db
      .select({
        ...{ versionId: standings.versionId, board: standings.board, protocol: standings.protocol, state: standings.state },
        ...{ reason: standings.reason, rankings: standings.rankings, runId: standings.runId, basis: standings.basis },
        ...{ full: standings.full, samples: standings.samples, autoattackSamples: standings.autoattackSamples },
        ...{ trainSamples: standings.trainSamples, clean: standings.clean, pgd10: standings.pgd10, pgd: standings.pgd },
        ...{ autoattack: standings.autoattack, robust: standings.robust, robustLow: standings.robustLow, robustHigh: standings.robustHigh },
        ...{ nc1: standings.nc1, nc2: standings.nc2, nc3: standings.nc3, nc4: standings.nc4, nc1Adversarial: standings.nc1Adversarial },
        ...{ meansRank: standings.meansRank, collapse: standings.collapse, collapseAdversarial: standings.collapseAdversarial },
        ...{ flags: standings.flags, pgdBits: base64(standings.pgdBits), robustBits: base64(standings.robustBits) },
        measuredAt: standings.measuredAt,
      })
      .from(standings)
      .innerJoin(versions, eq(versions.id, standings.versionId))
      .where(and(isPublic, beyond))
      .orderBy(asc(standings.versionId), asc(standings.board), asc(standings.protocol))
      .limit(PAGE);
  },
  // Reports are large: each is had by its run, and its SHA-256 stands here.
  runs: (db, last) =>
    db
      .select({
        ...{ id: runs.id, versionId: runs.versionId, board: runs.board, protocol: runs.protocol, level: runs.level, kind: runs.kind },
        ...{ by: users.name, runner: runners.name, publicKey: runners.publicKey, signature: runs.signature, full: runs.full },
        ...{ samples: runs.samples, autoattackSamples: runs.autoattackSamples, trainSamples: runs.trainSamples, seed: runs.seed },
        ...{
          testSha256: runs.testSha256,
          trainSha256: runs.trainSha256,
          cleanCorrect: runs.cleanCorrect,
          robustCorrect: runs.robustCorrect,
        },
        ...{ environment: runs.environment, reportSha256: runs.reportSha256, startedAt: runs.startedAt, durationMs: runs.durationMs },
        ...{ createdAt: runs.createdAt, revokedAt: runs.revokedAt, revokedReason: runs.revokedReason },
      })
      .from(runs)
      .innerJoin(versions, eq(versions.id, runs.versionId))
      .leftJoin(users, eq(users.id, runs.accountId))
      .leftJoin(runners, eq(runners.id, runs.runnerId))
      .where(and(isPublic, after(runs.id, last?.id)))
      .orderBy(asc(runs.id))
      .limit(PAGE),
  witnesses: (db, last) =>
    db
      .select({
        ...{ id: witnessFiles.id, versionId: witnessFiles.versionId, board: witnessFiles.board, protocol: witnessFiles.protocol },
        ...{ by: finders.name, sha256: witnessFiles.sha256, bytes: witnessFiles.bytes, split: witnessFiles.split },
        ...{ dataSha256: witnessFiles.dataSha256, createdAt: witnessFiles.createdAt, judgedAt: witnessVerdicts.createdAt },
      })
      .from(witnessFiles)
      .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
      .innerJoin(witnessVerdicts, eq(witnessVerdicts.fileId, witnessFiles.id))
      .leftJoin(finders, eq(finders.id, witnessFiles.accountId))
      .where(and(judged, after(witnessFiles.id, last?.id)))
      .orderBy(asc(witnessFiles.id))
      .limit(PAGE),
  'witness-outcomes': (db, last) => {
    const beyond = last && sql`(${witnessFiles.id}, ${witnessOutcomes.index}) > (${last.witnessId}, ${last.index})`;
    return db
      .select({
        ...{ witnessId: witnessFiles.id, index: witnessOutcomes.index, outcome: witnessOutcomes.outcome, first: witnessOutcomes.first },
        ...{ lead: witnessOutcomes.lead, predicted: witnessOutcomes.predicted },
      })
      .from(witnessOutcomes)
      .innerJoin(witnessVerdicts, eq(witnessVerdicts.id, witnessOutcomes.verdictId))
      .innerJoin(witnessFiles, eq(witnessFiles.id, witnessVerdicts.fileId))
      .innerJoin(versions, eq(versions.id, witnessFiles.versionId))
      .where(and(judged, beyond))
      .orderBy(asc(witnessFiles.id), asc(witnessOutcomes.index))
      .limit(PAGE);
  },
  events: (db, last) =>
    db
      .select({
        ...{ id: events.id, at: events.at, kind: events.kind, versionId: events.versionId, board: events.board, runId: events.runId },
        ...{ by: users.name, data: events.data },
      })
      .from(events)
      .innerJoin(versions, eq(versions.id, events.versionId))
      .leftJoin(users, eq(users.id, events.accountId))
      .where(and(isPublic, after(events.id, last?.id)))
      .orderBy(asc(events.id))
      .limit(PAGE),
};

export const DUMPED = Object.keys(READ);

/** A table as JSON lines, and how many. */
export async function jsonLines(db: Db, table: string): Promise<{ text: Buffer; rows: number }> {
  const pieces: Buffer[] = [];
  let rows = 0;
  for (let last: Row | undefined; ; ) {
    const page = await READ[table](db, last);
    pieces.push(Buffer.from(page.map((row) => `${JSON.stringify(row)}\n`).join('')));
    rows += page.length;
    if (page.length < PAGE) return { text: Buffer.concat(pieces), rows };
    last = page[page.length - 1];
  }
}
