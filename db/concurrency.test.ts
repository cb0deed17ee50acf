/** Many at once, each with commits of its own: nothing is lost, nothing is there twice. */
import { readdirSync } from 'node:fs';
import { and, eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest';
import { BUNDLED_MODELS } from '../lib/bundled-models';
import { wholeReport } from '../lib/testing/whole-report';
import type { Db } from './client';
import { claimKey } from './queries/idempotency';
import { addRun, revokeRun } from './queries/runs';
import { recomputeStanding } from './queries/standings';
import { beginSubmission, type NewSubmission, publish } from './queries/submissions';
import { countUse } from './queries/uses';
import { events, models, runs, standings, versions } from './schema';
import { seed } from './seed';
import { memoryBlobs } from './testing/blobs';
import { truncateAll } from './testing/databases';
import { ownDatabase } from './testing/own-database';
import { anAccount, aVersion } from './testing/rows';

const times = <T>(n: number, work: (i: number) => Promise<T>) => Promise.all(Array.from({ length: n }, (_, i) => work(i)));

describe.each(['PGlite', 'PostgreSQL'] as const)('at once on %s', (kind) => {
  const absent = kind === 'PGlite' ? '' : inject('postgresAbsent');
  if (absent) return it.skip(absent, () => undefined);

  let db: Db;
  let close: () => Promise<void>;
  beforeAll(async () => {
    ({ db, close } = await ownDatabase(kind));
  });
  beforeEach(() => truncateAll(db));
  afterAll(() => close?.());

  const report = (i: number) => wholeReport({ startedAt: `2026-01-02T03:04:${String(i).padStart(2, '0')}.000Z` });

  it('twenty runs of one version end in one standing, the one that all of them together give', async () => {
    const accounts = await times(20, () => anAccount(db));
    const { version } = await aVersion(db, { ownerId: accounts[0] });
    const added = await times(20, (i) =>
      addRun(db, {
        versionId: version.id,
        kind: i === 0 ? 'claim' : 'reproduction',
        accountId: accounts[i],
        report: report(i),
        text: JSON.stringify(report(i)),
      }),
    );
    expect(new Set(added.map((a) => a.runId)).size).toBe(20);
    expect(await db.select({ id: runs.id }).from(runs)).toHaveLength(20);
    const rows = await db.select().from(standings);
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({ state: 'reproduced', robust: 0.4 });
    const again = await db.transaction((tx) =>
      recomputeStanding(tx as unknown as Db, { versionId: version.id, board: 'fashion-mnist/linf', protocol: '1' }),
    );
    expect(again).toMatchObject({ state: rows[0].state, runId: rows[0].runId, basis: rows[0].basis });
    const changes = await db.select({ data: events.data }).from(events).where(eq(events.kind, 'state-changed')).orderBy(events.id);
    const states = changes.map((c) => c.data as { from: string | null; to: string });
    expect(states[0].from).toBeNull();
    for (let i = 1; i < states.length; i++) expect(states[i].from, 'each change starts where the last one ended').toBe(states[i - 1].to);
    expect(states.at(-1)?.to).toBe('reproduced');
  });

  it('the same bytes twenty times are one run', async () => {
    const { version } = await aVersion(db);
    const text = JSON.stringify(report(0));
    const added = await times(20, () => addRun(db, { versionId: version.id, kind: 'claim', accountId: null, report: report(0), text }));
    expect(new Set(added.map((a) => a.runId)).size).toBe(1);
    expect(added.filter((a) => !a.known)).toHaveLength(1);
    expect(await db.select({ id: events.id }).from(events).where(eq(events.kind, 'run-added'))).toHaveLength(1);
  });

  it('runs that come while others are revoked leave the standing of those that count', async () => {
    const { version } = await aVersion(db);
    const add = (i: number) =>
      addRun(db, { versionId: version.id, kind: 'claim', accountId: null, report: report(i), text: JSON.stringify(report(i)) });
    const first = await times(8, add);
    const [revoked] = await Promise.all([times(8, (i) => revokeRun(db, first[i].runId, 'a mistake')), times(8, (i) => add(8 + i))]);
    expect(revoked).toEqual(Array(8).fill(true));
    const counting = await db.select({ id: runs.id }).from(runs).where(eq(runs.versionId, version.id));
    const [row] = await db.select().from(standings);
    expect(counting).toHaveLength(16);
    expect(first.map((f) => f.runId)).not.toContain(row.runId);
  });

  it('of two that publish the same weights, one wins and the other is told', async () => {
    const owners = await times(2, () => anAccount(db));
    const sha256 = 'c'.repeat(64);
    const drafts = await times(2, (i) => aVersion(db, { ownerId: owners[i], state: 'draft', sha256 }));
    const outcomes = await times(2, (i) => publish(db, owners[i], drafts[i].version.id));
    expect(outcomes.filter((o) => o.ok)).toHaveLength(1);
    expect(outcomes.find((o) => !o.ok)).toEqual({
      ok: false,
      code: 'duplicate-model',
      message: 'these weights have been published on the site already',
    });
    expect(
      await db
        .select()
        .from(versions)
        .where(and(eq(versions.sha256, sha256), eq(versions.state, 'public'))),
    ).toHaveLength(1);
    expect(await db.select().from(events).where(eq(events.kind, 'published'))).toHaveLength(1);
  });

  it('twenty publishes of one version are one', async () => {
    const owner = await anAccount(db);
    const { version } = await aVersion(db, { ownerId: owner, state: 'draft' });
    const outcomes = await times(20, () => publish(db, owner, version.id));
    expect(outcomes.every((o) => o.ok)).toBe(true);
    expect(await db.select().from(events).where(eq(events.kind, 'published'))).toHaveLength(1);
  });

  const submission = (accountId: string, changes: Partial<NewSubmission> = {}): NewSubmission => ({
    ...{ accountId, name: 'My net', board: 'fashion-mnist/linf', sha256: 'd'.repeat(64), description: '', recipe: 'AT', extraData: null },
    ...{ epsilonTrained: 0.1, paperUrl: null, codeUrl: null, licence: 'MIT' },
    files: [{ path: 'model.json', sha256: 'e'.repeat(64), bytes: 10 }],
    ...changes,
  });

  it('the same submission five times is begun once; five of one name by others get five addresses', async () => {
    const account = await anAccount(db);
    const same = await times(5, () => beginSubmission(db, submission(account)));
    expect(new Set(same.map((o) => o.ok && o.value.versionId)).size).toBe(1);
    expect(await db.select().from(models)).toHaveLength(1);
    const others = await times(4, async (i) => beginSubmission(db, submission(await anAccount(db), { sha256: String(i).repeat(64) })));
    expect(new Set(others.map((o) => o.ok && o.value.slug))).toEqual(new Set(['my-net-2', 'my-net-3', 'my-net-4', 'my-net-5']));
  });

  it('a key is claimed by one of twenty, and a limit of three lets three of twenty through', async () => {
    const account = await anAccount(db);
    const claims = await times(20, () => claimKey(db, account, 'a-key-of-mine', 'request'));
    expect(claims.filter((c) => c.kind === 'new')).toHaveLength(1);
    expect(claims.filter((c) => c.kind === 'under-way')).toHaveLength(19);
    const uses = await times(20, () => countUse(db, { key: 'submit:x', most: 3, windowSeconds: 86_400 }));
    expect(uses.filter((u) => u.ok)).toHaveLength(3);
  });

  it('two that seed do it once', async () => {
    const blobs = memoryBlobs();
    await times(2, () => seed(db, blobs));
    expect(await db.select().from(models)).toHaveLength(BUNDLED_MODELS.length);
    expect(await db.select().from(runs)).toHaveLength(readdirSync('db/baselines').length);
  });
});
