/** Rows for tests: accounts, models with a version, runs. */
import { randomUUID } from 'node:crypto';
import type { Report } from '../../lib/protocol/report';
import type { RunKind } from '../../lib/protocol/standing';
import type { Db } from '../client';
import { addRun } from '../queries/runs';
import { models, type Role, users, versions } from '../schema';

let last = 0;

export async function anAccount(db: Db, { name = 'Ada', role = 'submitter' as Role } = {}): Promise<string> {
  const id = randomUUID();
  await db.insert(users).values({ id, name, role, email: `${id}@example.org` });
  return id;
}

export async function aVersion(
  db: Db,
  {
    ownerId = null as string | null,
    state = 'public' as 'public' | 'draft' | 'uploading',
    name = 'A model',
    sha256 = '',
    baseline = false,
  } = {},
) {
  const n = ++last;
  const [model] = await db
    .insert(models)
    .values({ slug: `model-${n}`, name, ownerId, baseline })
    .returning();
  const [version] = await db
    .insert(versions)
    .values({
      modelId: model.id,
      number: 1,
      sha256: sha256 || n.toString(16).padStart(64, '0'),
      board: 'fashion-mnist/linf',
      recipe: 'AT',
      licence: 'MIT',
      state,
      bytes: 400_000,
      params: 98_684,
      macs: 2_584_064,
      classes: 10,
    })
    .returning();
  return { model, version };
}

export const aRun = (db: Db, versionId: string, report: Report, kind: RunKind = 'claim', accountId: string | null = null) =>
  addRun(db, { versionId, kind, accountId, report, text: JSON.stringify(report) });
