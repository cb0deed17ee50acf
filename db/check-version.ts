/** The server's own look at what was uploaded. Nothing that a browser said of the files is believed. */
import { createHash } from 'node:crypto';
import { and, eq, inArray, sql } from 'drizzle-orm';
import { DATASETS } from '../lib/data/datasets';
import { readModelJson, shardPaths } from '../lib/model/bundle';
import { boardReasons, type Model, readModel } from '../lib/model/preflight';
import { printable } from '../lib/model/sentences';
import { BOARDS } from '../lib/protocol/boards';
import type { Blobs } from './blobs/blobs';
import type { Db } from './client';
import { sketchRow } from './queries/duplicates';
import { type Outcome, refuse, type Submission, submissionOf } from './queries/submissions';
import { events, files, versions, weightSketches } from './schema';

/**
 * Checks hashes, byte counts, layers, limits and the board's shape. Fit: the version is a draft from now on. Unfit: it is
 * refused, with every reason. Called again it finds what was decided; interrupted it has decided nothing.
 */
export async function checkVersion(db: Db, blobs: Blobs, versionId: string): Promise<Outcome<Submission>> {
  const [version] = await db.select().from(versions).where(eq(versions.id, versionId));
  if (version.state === 'refused') return refuse('model-refused', version.reasons.join('\n'));
  if (version.state !== 'uploading') return { ok: true, value: await submissionOf(db, versionId) };
  const submission = await submissionOf(db, versionId);
  if (submission.missing.length)
    return refuse('files-missing', `${submission.missing.length} files have not arrived yet: ${submission.missing.join(', ')}`);
  const read = await readFiles(db, blobs, versionId);
  if (!read.ok) return read;
  const model = await readModel(read.value);
  const reasons = model.ok ? [...fitReasons(model.value, version.sha256, version.board), ...strangers(read.value)] : model.reasons;
  const sketch = model.ok && reasons.length === 0 ? sketchRow(versionId, model.value.graph) : undefined;
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    const decision = model.ok && reasons.length === 0 ? describe(model.value) : ({ state: 'refused', reasons } as const);
    const [decided] = await tx
      .update(versions)
      .set({ ...decision, checkedAt: sql`now()` })
      .where(and(eq(versions.id, versionId), eq(versions.state, 'uploading'), eq(versions.board, version.board)))
      .returning();
    if (!decided) return refuse('not-ready', 'the submission was changed while it was checked; check it again');
    if (sketch) await tx.insert(weightSketches).values(sketch).onConflictDoNothing();
    if (reasons.length)
      await tx.insert(events).values({ kind: 'refused', modelId: version.modelId, versionId, board: version.board, data: { reasons } });
    return reasons.length ? refuse('model-refused', reasons.join('\n')) : { ok: true, value: await submissionOf(tx, versionId) };
  });
}

/** The files by path, each compared with its hash and length again; one that got lost has to be sent again. */
async function readFiles(db: Db, blobs: Blobs, versionId: string): Promise<Outcome<Map<string, Uint8Array>>> {
  const rows = await db.select().from(files).where(eq(files.versionId, versionId));
  const contents = new Map<string, Uint8Array>();
  const lost: string[] = [];
  for (const { path, sha256, bytes } of rows) {
    const content = await blobs.get(sha256);
    const true256 = content && createHash('sha256').update(content).digest('hex') === sha256;
    if (true256 && content.length === bytes) {
      contents.set(path, content);
      continue;
    }
    lost.push(sha256);
    // A store keeps what it has: the bytes that come next must find their place free. Others may share the blob, so only one
    // that is damaged goes; a submission that merely misstates its length harms nobody but itself.
    if (content && !true256) await blobs.delete(sha256);
  }
  if (lost.length === 0) return { ok: true, value: contents };
  await db
    .update(files)
    .set({ arrivedAt: null })
    .where(and(eq(files.versionId, versionId), inArray(files.sha256, lost)));
  return refuse('files-missing', `${lost.length} files have to be sent again: ${lost.join(', ')}`);
}

function fitReasons(model: Model, sha256: string, boardId: string): string[] {
  const board = BOARDS.get(boardId);
  if (!board) return [`there is no board ${boardId}`];
  const reasons = boardReasons(model, DATASETS[board.dataset]);
  if (model.sha256 !== sha256) reasons.unshift(`the files make up model ${model.sha256}; the submission says ${sha256}`);
  return reasons;
}

/** A site keeps models, not whatever else somebody wants to be hosted. */
function strangers(contents: ReadonlyMap<string, Uint8Array>): string[] {
  const json = readModelJson(contents.get('model.json') as Uint8Array);
  const named = new Set(['model.json', ...(json.ok ? shardPaths(json.value) : [])]);
  return [...contents.keys()]
    .filter((path) => !named.has(path))
    .map((path) => printable(`file ${path} is not named by model.json; leave it out`));
}

const describe = (model: Model) => ({
  state: 'draft' as const,
  params: model.graph.params,
  macs: model.macs,
  layers: model.graph.layers,
  classes: model.graph.nodes[model.graph.output].shape[0],
  featureLayer: 'name' in model.feature ? model.feature.name : null,
  featureDim: 'name' in model.feature ? model.feature.dim : null,
  notes: model.graph.notes,
});
