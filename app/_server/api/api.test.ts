import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seed } from '@/db/seed';
import { truncateAll } from '@/db/testing/databases';
import { wholeReport } from '@/lib/testing/whole-report';
import { addedRunSchema, boardSchema, modelSchema, rowsSchema } from './shapes';
import { type TestSite, testSite } from './testing';
import { contents, model, refusal, request, type Stage, sha256, submitted as submittedTo } from './testing-submission';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
beforeEach(async () => {
  await truncateAll(site.db);
  site.blobs.contents.clear();
});
afterAll(() => site.close());

const { files } = request;

/** A submission up to a point. */
const submitted = (token: string, until: Stage) => submittedTo(site, token, until);

describe('a submission over the API', () => {
  it('goes from files to a row on the board, which anybody can read and download', async () => {
    const { token } = await site.account('Grace');
    const { slug } = await submitted(token, 'public');
    const report = wholeReport({ sha256: model.sha256, samples: 500, holds: 200, trainSamples: 2000 });
    const added = await site.ask('POST', '/runs', { token, body: report });
    expect(added.status).toBe(201);
    const run = addedRunSchema.parse(await added.json());
    expect(run).toMatchObject({ kind: 'claim', known: false, state: 'self-reported' });
    const { rows } = rowsSchema.parse(await (await site.ask('GET', '/boards/fashion-mnist/linf/rows')).json());
    expect(rows).toMatchObject([
      { slug, name: 'My net', submitter: 'Grace', state: 'self-reported', tier: null, full: false, robust: 0.4, samples: 500 },
    ]);
    const page = modelSchema.parse(await (await site.ask('GET', `/models/${slug}`)).json());
    expect(page.versions[0].files.map((f) => f.path)).toEqual(['group1-shard1of1.bin', 'model.json']);
    expect(page.versions[0].runs.map((r) => r.id)).toEqual([run.runId]);
    const file = await site.ask('GET', `/models/${slug}/versions/1/files/group1-shard1of1.bin`);
    expect(sha256(new Uint8Array(await file.arrayBuffer()))).toBe(files[1].sha256);
    expect(await (await site.ask('GET', `/runs/${run.runId}/report`)).text()).toBe(JSON.stringify(report));
  });

  it('keeps a draft from everybody but its owner', async () => {
    const [owner, other] = [await site.account(), await site.account()];
    const { slug, versionId } = await submitted(owner.token, 'checked');
    for (const token of [undefined, other.token]) {
      for (const path of [`/models/${slug}`, `/models/${slug}/versions/1/files/model.json`]) {
        expect(await refusal(await site.ask('GET', path, token ? { token } : {}))).toMatchObject({ status: 404, code: 'not-found' });
      }
    }
    expect(
      (await site.ask('GET', `/models/${slug}/versions/1/files/model.json`, { token: owner.token })).headers.get('cache-control'),
    ).toBe('private, no-store');
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/check'],
      ['POST', '/publish'],
      ['DELETE', ''],
      ['PUT', `/files/${files[0].sha256}`],
    ]) {
      const refused = await site.ask(method, `/submissions/${versionId}${path}`, {
        token: other.token,
        ...(method === 'PUT' ? { raw: 'x' } : {}),
      });
      expect(await refusal(refused)).toMatchObject({ status: 404, code: 'not-found' });
    }
    expect((await site.ask('GET', '/boards/fashion-mnist/linf/rows')).status).toBe(200);
  });

  it('can be discarded until it is public', async () => {
    const { token } = await site.account();
    const { versionId } = await submitted(token, 'checked');
    expect((await site.ask('DELETE', `/submissions/${versionId}`, { token })).status).toBe(204);
    const second = await submitted(token, 'public');
    expect(await refusal(await site.ask('DELETE', `/submissions/${second.versionId}`, { token }))).toMatchObject({
      status: 409,
      code: 'not-ready',
    });
  });

  it('is done once however often the same request is sent', async () => {
    const { token } = await site.account();
    const headers = { 'idempotency-key': 'once-upon-a-time' };
    const answers = await Promise.all([1, 2].map(() => site.ask('POST', '/submissions', { token, body: request, headers })));
    const settled = await site.ask('POST', '/submissions', { token, body: request, headers });
    expect(settled.headers.get('idempotency-replayed')).toBe('true');
    const first = answers.find((a) => a.status === 201) as Response;
    expect(await settled.json()).toEqual(await first.json());
    const other = await site.ask('POST', '/submissions', { token, body: { ...request, name: 'Another' }, headers });
    expect(await refusal(other)).toMatchObject({ status: 422, code: 'other-request' });
  });

  it('two at once of the same weights are one submission', async () => {
    const { token } = await site.account();
    const both = await Promise.all([1, 2].map(() => site.ask('POST', '/submissions', { token, body: request })));
    const [a, b] = await Promise.all(both.map((r) => r.json()));
    expect(a).toEqual(b);
  });
});

describe('the API refuses', () => {
  it('writing without an account, and tokens that are not its own', async () => {
    expect(await refusal(await site.ask('POST', '/submissions', { body: request }))).toMatchObject({ status: 401, code: 'sign-in-needed' });
    expect(await refusal(await site.ask('GET', '/boards', { token: 'sx_made-up' }))).toMatchObject({ status: 401, code: 'bad-token' });
  });

  it.each<[string, object, RegExp]>([
    ['an unknown field', { ...request, admin: true }, /admin/],
    ['a missing field', { ...request, licence: undefined }, /^licence/],
    ['a wrong type', { ...request, name: 5 }, /^name: .*string/],
    ['a licence that nobody knows', { ...request, licence: 'mine' }, /^licence: expected an identifier of the SPDX/],
    ['a board that is not there', { ...request, board: 'mnist/linf' }, /^board/],
    ['a hash that is none', { ...request, sha256: 'XYZ' }, /^sha256: expected 64/],
    ['no model.json', { ...request, files: [files[1]] }, /model\.json is missing/],
    ['two files of one path', { ...request, files: [files[0], files[0]] }, /two files have the same path/],
    ['an address that runs a script', { ...request, paperUrl: 'javascript:alert(1)' }, /^paperUrl: expected an address/],
    ['control characters in a name', { ...request, name: 'a\u202eb' }, /^name: control characters/],
    ['a radius of another scale', { ...request, epsilonTrained: 8 }, /^epsilonTrained: 8 is far outside/],
  ])('%s', async (_, body, sentence) => {
    const { token } = await site.account();
    const refused = await refusal(await site.ask('POST', '/submissions', { token, body }));
    expect(refused).toMatchObject({ status: 400, code: 'bad-request' });
    expect(refused.message).toMatch(sentence);
  });

  it('bodies that are not JSON, of another type, or too large', async () => {
    const { token } = await site.account();
    const json = { 'content-type': 'application/json' };
    expect(await refusal(await site.ask('POST', '/submissions', { token, raw: '{', headers: json }))).toMatchObject({
      status: 400,
      code: 'bad-request',
    });
    expect(
      await refusal(await site.ask('POST', '/submissions', { token, raw: 'x', headers: { 'content-type': 'text/plain' } })),
    ).toMatchObject({ code: 'wrong-media-type' });
    const large = new Uint8Array(5_000_000);
    const { versionId } = await submitted(token, 'begun');
    expect(await refusal(await site.ask('PUT', `/submissions/${versionId}/files/${files[0].sha256}`, { token, raw: large }))).toMatchObject(
      {
        status: 413,
        code: 'too-large',
      },
    );
  });

  it('bytes that are not those of the list', async () => {
    const { token } = await site.account();
    const { versionId } = await submitted(token, 'begun');
    const put = (hash: string, raw: Uint8Array<ArrayBuffer>) => site.ask('PUT', `/submissions/${versionId}/files/${hash}`, { token, raw });
    const changed = contents.get('model.json')?.slice() as Uint8Array<ArrayBuffer>;
    changed[0] ^= 1;
    expect(await refusal(await put(files[0].sha256, changed))).toMatchObject({ status: 422, code: 'wrong-hash' });
    expect(await refusal(await put(files[0].sha256, changed.slice(1)))).toMatchObject({ status: 422, code: 'wrong-hash' });
    expect(await refusal(await put('f'.repeat(64), changed))).toMatchObject({ status: 404, code: 'not-found' });
    expect(site.blobs.contents.size).toBe(0);
    expect(await refusal(await site.ask('POST', `/submissions/${versionId}/check`, { token }))).toMatchObject({
      status: 409,
      code: 'files-missing',
    });
    expect(await refusal(await site.ask('POST', `/submissions/${versionId}/publish`, { token }))).toMatchObject({
      status: 409,
      code: 'not-ready',
    });
  });

  it('reports that lie: of another model, another data set, or against their own evidence', async () => {
    const { token } = await site.account();
    await submitted(token, 'public');
    const report = wholeReport({ sha256: model.sha256, samples: 100, holds: 40, trainSamples: 0 });
    const send = async (body: object) => refusal(await site.ask('POST', '/runs', { token, body }));
    expect(await send({ ...report, model: { ...report.model, sha256: 'e'.repeat(64) } })).toMatchObject({ status: 404, code: 'not-found' });
    expect(await send({ ...report, data: { ...report.data, test: { ...report.data.test, sha256: 'e'.repeat(64) } } })).toMatchObject({
      status: 422,
      code: 'other-data',
    });
    expect(await send({ ...report, robust: { ...report.robust, correct: 90, accuracy: 0.9 } })).toMatchObject({
      status: 422,
      code: 'inconsistent-report',
    });
    expect(await send({ ...report, board: 'cifar-10/linf' })).toMatchObject({ status: 400, code: 'bad-request' });
    expect(await send({ ...report, surprise: 1 })).toMatchObject({ status: 400, code: 'bad-request' });
    expect(rowsSchema.parse(await (await site.ask('GET', '/boards/fashion-mnist/linf/rows')).json()).rows).toEqual([]);
  });

  it('odd queries', async () => {
    for (const query of ['sort=owner', 'limit=0', 'limit=9999', 'order=up', 'surprise=1', 'state=great', 'recipe=AT,XX'])
      expect(await refusal(await site.ask('GET', `/boards/fashion-mnist/linf/rows?${query}`))).toMatchObject({
        status: 400,
        code: 'bad-request',
      });
    expect(await refusal(await site.ask('GET', '/boards/fashion-mnist/linf/rows?cursor=abc'))).toMatchObject({
      status: 400,
      code: 'bad-cursor',
    });
    expect(await refusal(await site.ask('GET', '/boards/mnist/linf'))).toMatchObject({ status: 404, code: 'not-found' });
    expect(await refusal(await site.ask('GET', '/nothing'))).toMatchObject({ status: 404, code: 'not-found' });
  });

  it('more requests than a limit, and says when the next is free', async () => {
    const headers = { 'x-forwarded-for': '192.0.2.7' };
    let last = new Response();
    // A minute may end on the way, and its count with it.
    for (let i = 0; i < 700 && last.status !== 429; i++) last = await site.ask('POST', '/submissions', { body: {}, headers });
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refusal(last)).toMatchObject({ status: 429, code: 'too-many-requests' });
  });
});

describe('reading', () => {
  it('shows the baselines from the first second, also as CSV, from any origin, with an ETag', async () => {
    await seed(site.db, site.blobs);
    await seed(site.db, site.blobs);
    const boards = (await (await site.ask('GET', '/boards')).json()) as { boards: unknown[] };
    expect(boards.boards.map((b) => boardSchema.parse(b)).find((b) => b.id === 'fashion-mnist/linf')?.rows).toBe(3);
    const answer = await site.ask('GET', '/boards/fashion-mnist/linf/rows', { headers: { origin: 'https://elsewhere.example' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    const { rows } = rowsSchema.parse(await answer.json());
    expect(rows.map((r) => [r.name, r.state, r.baseline, r.tier])).toEqual([
      ['fmnist_at', 'verified', true, 1],
      ['fmnist_trades', 'verified', true, 2],
      ['fmnist_st', 'verified', true, 3],
    ]);
    const etag = answer.headers.get('etag') as string;
    const again = await site.ask('GET', '/boards/fashion-mnist/linf/rows', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    const csv = await (await site.ask('GET', '/boards/fashion-mnist/linf/rows?format=csv')).text();
    expect(csv.split('\r\n')[0]).toContain('slug,name,version');
    expect(csv.split('\r\n')).toHaveLength(5);
  });

  it('publishes an OpenAPI 3.1 file that names every route', async () => {
    const doc = (await (await site.ask('GET', '/openapi.json')).json()) as { openapi: string; paths: Record<string, object> };
    expect(doc.openapi).toBe('3.1.0');
    expect(Object.keys(doc.paths).sort()).toEqual([
      '/account/delete',
      '/account/export',
      '/account/notices/unread',
      '/accounts',
      '/accounts/{id}/reset-link',
      '/accounts/{id}/role',
      '/badge/{id}.svg',
      '/boards',
      '/boards/{dataset}/{norm}',
      '/boards/{dataset}/{norm}/rows',
      '/compare',
      '/complaints',
      '/complaints/{id}/answer',
      '/dumps',
      '/dumps/{day}',
      '/events',
      '/jobs/{id}',
      '/jobs/{id}/cancel',
      '/jobs/{id}/failure',
      '/jobs/{id}/files/{sha256}',
      '/jobs/{id}/log',
      '/jobs/{id}/progress',
      '/jobs/{id}/release',
      '/jobs/{id}/result',
      '/jobs/{id}/retry',
      '/models',
      '/models/{slug}',
      '/models/{slug}/complaints',
      '/models/{slug}/versions/{number}/curves',
      '/models/{slug}/versions/{number}/files/{path}',
      '/models/{slug}/versions/{number}/outcomes',
      '/models/{slug}/versions/{number}/runs',
      '/models/{slug}/witnesses',
      '/models/{slug}/witnesses/{sha256}',
      '/queue',
      '/runners',
      '/runners/{id}/approve',
      '/runners/{id}/lease',
      '/runners/{id}/revoke',
      '/runs',
      '/runs/{id}',
      '/runs/{id}/attestation',
      '/runs/{id}/report',
      '/runs/{id}/spot-check',
      '/submissions',
      '/submissions/{id}',
      '/submissions/{id}/check',
      '/submissions/{id}/files/{sha256}',
      '/submissions/{id}/publish',
      '/versions/{id}/appeal',
      '/versions/{id}/appeal/answer',
      '/versions/{id}/decision',
      '/versions/{id}/measure',
      '/witnesses/{id}',
    ]);
  });

  it('tells what happened to public models only', async () => {
    const { token } = await site.account();
    const { versionId } = await submitted(token, 'checked');
    const list = async () =>
      ((await (await site.ask('GET', '/events?board=fashion-mnist/linf')).json()) as { events: { kind: string }[] }).events.map(
        (e) => e.kind,
      );
    expect(await list()).toEqual([]);
    await site.ask('POST', `/submissions/${versionId}/publish`, { token });
    expect(await list()).toEqual(['published', 'submitted']);
  });
});
