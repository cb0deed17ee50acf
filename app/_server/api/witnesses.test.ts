/** Witnesses, request by request: from the file that anyone sends to the board that has changed, and what does not change it. */
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { removeLooseBlobs } from '@/db/queries/loose-blobs';
import { cancel } from '@/db/queue/jobs';
import { events, looseBlobs, type Role, standings, users, witnessFiles } from '@/db/schema';
import { truncateAll } from '@/db/testing/databases';
import { aRun } from '@/db/testing/rows';
import { fromBase64, unpackBitmap } from '@/lib/protocol/evidence';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local } from './testing-runner';
import { refusal, sha256 } from './testing-submission';
import { board, glyphs, publicGlyphs, sendWitnesses, verdictOn, witnessFile } from './testing-witnesses';

let site: TestSite;
let slug: string;
let versionId: string;
let owner: { id: string; token: string };
let finder: { id: string; token: string };
beforeAll(async () => {
  site = await testSite();
});
/** A model with a verified standing of 4 000 robust images of 10 000: those from 4 000 on are broken. */
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
  [owner, finder] = [await site.account('Ada'), await site.account('Grace')];
  ({ slug, versionId } = await publicGlyphs(site, owner.token));
  await aRun(site.db, versionId, wholeReport({ board, sha256: glyphs.sha256 }), 'baseline');
});
afterAll(() => site.close());

const standing = async () => (await site.db.select().from(standings).where(eq(standings.versionId, versionId)))[0];
const outcome = async (id: string) => (await (await site.ask('GET', `/witnesses/${id}`)).json()) as Record<string, unknown>;

async function withRole(role: Role) {
  const account = await site.account();
  await site.db.update(users).set({ role }).where(eq(users.id, account.id));
  return account;
}
async function decide(runnerId: string, what: 'approve' | 'revoke', body: object = {}): Promise<void> {
  const { token } = await withRole('admin');
  expect((await site.ask('POST', `/runners/${runnerId}/${what}`, { token, body })).status).toBe(200);
}

async function sent(file: Uint8Array<ArrayBuffer>, token = finder.token): Promise<string> {
  const answer = await sendWitnesses(site, slug, file, token);
  expect(answer.status).toBe(201);
  return ((await answer.json()) as { id: string }).id;
}

describe('witnesses', () => {
  it('are judged before anything else that waits, and lower the board’s number by the images that it took for robust', async () => {
    const file = witnessFile([0, 1, 2, 3, 5000]);
    const id = await sent(file);
    expect(await outcome(id)).toMatchObject({ state: 'queued', ahead: 0, images: 5, by: 'Grace', judgedAt: null, outcomes: [] });
    const runner = await aRunner(site, local());
    const job = (await runner.lease()) as Job;
    expect(job).toMatchObject({ kind: 'witness', board, witnesses: { sha256: sha256(file), bytes: file.length, images: 5 } });
    expect(await outcome(id)).toMatchObject({ state: 'active' });
    expect(new Uint8Array(await (await runner.file(job.id, sha256(file))).arrayBuffer())).toEqual(file);
    expect((await runner.file(job.id, job.model.files[0].sha256)).status).toBe(200);
    const before = await standing();
    const answer = await runner.send(job.id, verdictOn(job, file, [0.2, 0.01, 0.00005, -0.3, 0.5]));
    expect([answer.status, await answer.json()]).toEqual([201, { broken: 3, first: 2, ambiguous: 1, held: 1 }]);
    const after = await standing();
    expect([before.robust, after.robust, after.pgd]).toEqual([0.4, 0.3998, 0.4]);
    expect(after.robustHigh).toBeLessThan(before.robustHigh as number);
    const rows = (await (await site.ask('GET', `/boards/${board}/rows?sort=robust`)).json()) as { rows: { robust: number }[] };
    expect(rows.rows[0].robust).toBe(0.3998);
    expect(await outcome(id)).toMatchObject({
      ...{ state: 'judged', runner: 'box', broken: 3, first: 2, ambiguous: 1, held: 1 },
      outcomes: [
        { index: 0, outcome: 'broken', first: true, lead: 0.2, predicted: 1 },
        { index: 1, outcome: 'broken', first: true },
        { index: 2, outcome: 'ambiguous', first: false },
        { index: 3, outcome: 'held', first: false },
        { index: 5000, outcome: 'broken', first: false },
      ],
    });
    const held = (await (await site.ask('GET', `/models/${slug}/versions/1/outcomes?board=${board}`)).json()) as Record<string, string>;
    expect([...unpackBitmap(fromBase64(held.robust), 10000).subarray(0, 5)]).toEqual([0, 0, 1, 1, 1]);
    expect([...unpackBitmap(fromBase64(held.pgd), 10000).subarray(0, 2)]).toEqual([1, 1]);
    const [event] = await site.db.select().from(events).where(eq(events.kind, 'witnesses-accepted'));
    expect(event).toMatchObject({ board, versionId, accountId: finder.id, data: { file: id, images: 2, from: 0.4, to: 0.3998 } });
    expect((await runner.lease())?.kind, 'the verification that waited before').toBe('verification');
  });

  it('that are accepted are there for everybody; what was not judged, or broke nothing, is not', async () => {
    const [good, bad, waiting] = [witnessFile([7]), witnessFile([8]), witnessFile([9])];
    for (const file of [good, bad, waiting]) await sent(file);
    const runner = await aRunner(site, local());
    for (let n = 0; n < 2; n++) {
      const job = (await runner.lease()) as Job;
      const isGood = job.witnesses.sha256 === sha256(good);
      expect((await runner.send(job.id, verdictOn(job, isGood ? good : bad, [isGood ? 0.1 : -0.1]))).status).toBe(201);
    }
    const list = (await (await site.ask('GET', `/models/${slug}/witnesses?board=${board}`)).json()) as { witnesses: object[] };
    expect(list.witnesses).toEqual([expect.objectContaining({ sha256: sha256(good), by: 'Grace', first: 1, model: slug, version: 1 })]);
    const file = await site.ask('GET', `/models/${slug}/witnesses/${sha256(good)}`);
    expect(new Uint8Array(await file.arrayBuffer())).toEqual(good);
    for (const hidden of [bad, waiting])
      expect(await refusal(site.ask('GET', `/models/${slug}/witnesses/${sha256(hidden)}`))).toMatchObject({ code: 'not-found' });
  });

  it('sent twice are a file once, whoever sends them; after a job that failed they are queued once more', async () => {
    const file = witnessFile([0]);
    const id = await sent(file);
    expect(await (await sendWitnesses(site, slug, file, owner.token)).json()).toEqual({ id, known: true, images: 1 });
    const runner = await aRunner(site, local());
    const job = (await runner.lease()) as Job;
    await cancel(site.db, job.id);
    expect(await outcome(id)).toMatchObject({ state: 'cancelled' });
    await sent(file);
    expect(await outcome(id)).toMatchObject({ state: 'queued', by: 'Grace' });
    expect(((await runner.lease()) as Job).id).not.toBe(job.id);
    expect(await site.db.select().from(witnessFiles)).toHaveLength(1);
  });

  it('known already lower nothing and write no history', async () => {
    const runner = await aRunner(site, local());
    for (const file of [witnessFile([0, 6000]), witnessFile([0, 6000, 6001])]) {
      await sent(file);
      const job = (await runner.lease()) as Job;
      await runner.send(job.id, verdictOn(job, file, [0.1, 0.1, 0.1]));
    }
    expect((await standing()).robust).toBe(0.3999);
    expect(await site.db.select().from(events).where(eq(events.kind, 'witnesses-accepted'))).toHaveLength(1);
  });

  it('hold as long as they stand, whatever run comes later', async () => {
    const file = witnessFile([0]);
    await sent(file);
    const runner = await aRunner(site, local());
    const job = (await runner.lease()) as Job;
    await runner.send(job.id, verdictOn(job, file, [0.1]));
    await aRun(site.db, versionId, wholeReport({ board, sha256: glyphs.sha256, startedAt: '2026-02-02T03:04:05.678Z' }), 'baseline');
    expect((await standing()).robust).toBe(0.3999);
  });
});

describe('only an approved runner judges', () => {
  it('one without approval is given none', async () => {
    await sent(witnessFile([0]));
    const runner = await aRunner(site, await withRole('runner'));
    expect(await runner.lease()).toBeNull();
    await decide(runner.id, 'approve');
    expect((await runner.lease())?.kind).toBe('witness');
  });

  it('the submitter’s own runner is given no witness against its own model, and the job waits for another', async () => {
    await site.db.update(users).set({ role: 'runner' }).where(eq(users.id, owner.id));
    const own = await aRunner(site, owner, 'own');
    await decide(own.id, 'approve');
    await sent(witnessFile([0]));
    expect(await own.lease()).toBeNull();
    expect((await (await aRunner(site, local())).lease())?.kind).toBe('witness');
  });

  it('with its key goes what it judged: the number comes back, and another judges again', async () => {
    const file = witnessFile([0, 1]);
    const id = await sent(file);
    const other = await withRole('runner');
    const runner = await aRunner(site, other);
    await decide(runner.id, 'approve');
    const job = (await runner.lease()) as Job;
    await runner.send(job.id, verdictOn(job, file, [0.1, 0.1]));
    expect((await standing()).robust).toBe(0.3998);
    await decide(runner.id, 'revoke', { reason: 'it lied' });
    expect((await standing()).robust).toBe(0.4);
    expect(await outcome(id)).toMatchObject({ state: 'queued', judgedAt: null });
    const honest = await aRunner(site, local());
    const again = (await honest.lease()) as Job;
    expect(again).toMatchObject({ kind: 'witness', attempt: 1 });
    await honest.send(again.id, verdictOn(again, file, [0.1, -0.1]));
    expect((await standing()).robust).toBe(0.3999);
    expect(await outcome(id)).toMatchObject({ state: 'judged', first: 1, held: 1 });
    const kinds = (await site.db.select({ kind: events.kind }).from(events).where(eq(events.versionId, versionId))).map((e) => e.kind);
    expect(kinds).toContain('witnesses-revoked');
  });
});

describe('a file is refused', () => {
  it.each<[string, string, () => Promise<Response>, RegExp]>([
    ['without an account', 'sign-in-needed', () => sendWitnesses(site, slug, witnessFile([0])), /sign in/],
    ['that is no witness file', 'witness-refused', () => sendWitnesses(site, slug, new Uint8Array(10), finder.token), /not gzip/],
    [
      'for another board',
      'witness-refused',
      () => sendWitnesses(site, slug, witnessFile([0]), finder.token, 'cifar-10/linf'),
      /header\.board/,
    ],
    [
      'on other data',
      'other-data',
      () => sendWitnesses(site, slug, witnessFile([0], { data: '0'.repeat(64) }), finder.token),
      /header\.data/,
    ],
    [
      'of another model',
      'witness-refused',
      () => sendWitnesses(site, slug, witnessFile([0], { model: '0'.repeat(64) }), finder.token),
      /header\.model/,
    ],
    ['of a model that is not here', 'not-found', () => sendWitnesses(site, 'nobody', witnessFile([0]), finder.token), /nobody/],
    [
      'whose pixels leave the ball',
      'witness-refused',
      () => sendWitnesses(site, slug, witnessFile([3], { delta: 3265 }), finder.token),
      /image 3, row \d+, column \d+/,
    ],
    [
      'without a board',
      'bad-request',
      () => site.ask('POST', `/models/${slug}/witnesses`, { token: finder.token, raw: witnessFile([0]) }),
      /board/,
    ],
  ])('%s', async (_, code, ask, sentence) => {
    const answer = await refusal(ask());
    expect([answer.code, answer.message]).toEqual([code, expect.stringMatching(sentence)]);
    expect(await site.db.select().from(witnessFiles)).toEqual([]);
  });
});

it('a verdict that the job did not ask for is refused, and a right one still counts; sent twice it counts once', async () => {
  const file = witnessFile([4, 5]);
  await sent(file);
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  const right = verdictOn(job, file, [0.1, 0.2]);
  const wrong: [string, object, string?][] = [
    ['other-job', { ...right, file: '0'.repeat(64) }],
    ['other-job', { ...right, model: '0'.repeat(64) }],
    ['other-job', { ...right, board: 'glyphs/l2' }],
    ['other-job', { ...right, images: right.images.slice(1) }],
    ['other-job', { ...right, images: right.images.map((i) => ({ ...i, index: i.index + 1 })) }],
    ['other-job', { ...right, images: right.images.map((i) => ({ ...i, predicted: 10 })) }],
    ['bad-request', { ...right, images: right.images.map((i) => ({ ...i, lead: 7 })) }],
    ['bad-request', { ...right, note: 'hello' }],
    ['wrong-signature', right, 'something else'],
  ];
  for (const [code, verdict, signed] of wrong)
    expect((await refusal(runner.send(job.id, verdict, signed ? { signed } : {}))).code).toBe(code);
  const first = await runner.send(job.id, right);
  const again = await runner.send(job.id, right);
  expect([first.status, again.status]).toEqual([201, 201]);
  expect(await again.json()).toEqual(await first.json());
  expect((await standing()).robust).toBe(0.3998);
});

it('the bytes of witnesses stay, even where somebody lists the same as a file of a draft and discards that', async () => {
  const file = witnessFile([0]);
  await sent(file);
  await site.db.insert(looseBlobs).values({ sha256: sha256(file) });
  await removeLooseBlobs(site.db, site.blobs);
  expect(await site.blobs.has(sha256(file))).toBe(true);
});
