/** The OpenAPI file is kept: every route is asked once, and every good answer is what the file says, and no more than that. */

import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { dumpOfToday } from '@/db/dump/dumps';
import { users, versions } from '@/db/schema';
import { seed } from '@/db/seed';
import { aRun } from '@/db/testing/rows';
import { wholeReport } from '@/lib/testing/whole-report';
import { errorSchema } from './shapes';
import { type TestSite, testSite } from './testing';
import { aRunner, type Job, local, reportFor } from './testing-runner';
import { resultOf, type SpotJob, standardClaim } from './testing-spot';
import { request, sha256, submitted, variant } from './testing-submission';
import { board, glyphs, verdictOn, witnessFile } from './testing-witnesses';

interface Operation {
  responses: Record<string, { content?: Record<string, { schema: object }> }>;
}
interface Document {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, object> };
}

let site: TestSite;
let document: Document;
/** `METHOD path` as the file names it → the answers that were given. */
const answers = new Map<string, { status: number; type: string; body: unknown }[]>();

/** Asks, and notes the answer under the route's name in the file. */
async function ask(route: string, path: string, options: Parameters<TestSite['ask']>[2] = {}) {
  const [method] = route.split(' ');
  const answer = await site.ask(method, path, options);
  const type = answer.headers.get('content-type') ?? '';
  const body = type.startsWith('application/json') ? await answer.json() : await answer.arrayBuffer();
  answers.set(route, [...(answers.get(route) ?? []), { status: answer.status, type, body }]);
  return body as Record<string, string>;
}

beforeAll(async () => {
  site = await testSite();
  await seed(site.db, site.blobs);
  document = (await (await site.ask('GET', '/openapi.json')).json()) as Document;
  const { token } = await site.account('Grace');

  // What the seed has put there cannot be submitted again; another file of the same weights can.
  const { files, description } = variant();
  const body = { ...request, ...description, description: 'd', extraData: 'x', codeUrl: 'https://a.example' };

  const { versionId, slug, missing } = await ask('POST /submissions', '/submissions', {
    token,
    body,
    headers: { 'idempotency-key': 'a-key-of-mine' },
  });
  await ask('GET /submissions/{id}', `/submissions/${versionId}`, { token });
  for (const bytes of files.values())
    if (missing.includes(sha256(bytes)))
      await ask('PUT /submissions/{id}/files/{sha256}', `/submissions/${versionId}/files/${sha256(bytes)}`, { token, raw: bytes });
  await ask('POST /submissions/{id}/check', `/submissions/${versionId}/check`, { token });
  const report = wholeReport({ sha256: body.sha256 });
  const { runId } = await ask('POST /runs', '/runs', { token, body: report });
  await ask('POST /submissions/{id}/publish', `/submissions/${versionId}/publish`, { token });
  await ask('GET /boards', '/boards');
  await ask('GET /boards/{dataset}/{norm}', '/boards/fashion-mnist/linf');
  await ask('GET /boards/{dataset}/{norm}/rows', '/boards/fashion-mnist/linf/rows?limit=2&search=e&state=verified,self-reported');
  for (const query of ['cifar-10/l2/rows', 'fashion-mnist/linf/rows?format=csv'])
    await ask('GET /boards/{dataset}/{norm}/rows', `/boards/${query}`);
  for (const name of [slug, 'fmnist-at']) await ask('GET /models/{slug}', `/models/${name}`);
  await ask('GET /models', '/models?limit=2');
  await ask('GET /models/{slug}/versions/{number}/runs', `/models/${slug}/versions/1/runs`);
  await ask('GET /models/{slug}/versions/{number}/files/{path}', `/models/${slug}/versions/1/files/model.json`);
  await ask('GET /models/{slug}/versions/{number}/files/{path}', `/models/${slug}/versions/1/files/group1-shard1of1.bin`);
  await ask('GET /runs/{id}', `/runs/${runId}`);
  await ask('GET /runs/{id}/report', `/runs/${runId}/report`);
  await ask('GET /events', '/events?limit=200');
  await ask('GET /badge/{id}.svg', '/badge/fmnist-at.svg');
  await ask('GET /compare', '/compare?a=fmnist-at&b=fmnist-st@1');
  await ask('GET /compare', '/compare?m=fmnist-at,fmnist-st&on=clean&board=fashion-mnist/l2');
  const { day } = await dumpOfToday(site.db, site.blobs);
  await ask('GET /dumps', '/dumps');
  await ask('GET /dumps/{day}', `/dumps/${day}`);
  await ask('GET /account/notices/unread', '/account/notices/unread', { token });
  await askAdmins(slug, versionId, token);
  await askAsRunner();
  const draft = await submitted(site, token, 'begun', { sha256: 'a'.repeat(64), name: 'To be discarded' });
  await ask('DELETE /submissions/{id}', `/submissions/${draft.versionId}`, { token });
  await ask('GET /account/export', '/account/export', { token });
  await ask('POST /account/delete', '/account/delete', { token, body: { password: 'correct horse battery', removeWeights: true } });
  await ask('GET /models/{slug}', `/models/${slug}`);
  await ask('GET /events', '/events?limit=200');
}, 300_000);
afterAll(() => site.close());

/** A complaint, a decision and its appeal; in the end all is as it was. */
async function askAdmins(slug: string, versionId: string, token: string): Promise<void> {
  const admin = await site.account('Grace');
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
  const complaint = { version: 1, kind: 'score', text: 'The number can’t be right.' };
  const { id } = await ask('POST /models/{slug}/complaints', `/models/${slug}/complaints`, { token, body: complaint });
  const decide = (decision: string) =>
    ask('POST /versions/{id}/decision', `/versions/${versionId}/decision`, { token: admin.token, body: { decision, reason: 'a test' } });
  await decide('disqualify');
  await ask('GET /models/{slug}', `/models/${slug}`);
  const text = 'It is not as the admins say.';
  await ask('POST /versions/{id}/appeal', `/versions/${versionId}/appeal`, { token, body: { text } });
  await ask('GET /complaints', '/complaints', { token: admin.token });
  const answer = 'It was looked into.';
  await ask('POST /complaints/{id}/answer', `/complaints/${id}/answer`, { token: admin.token, body: { answer } });
  const upheld = { upheld: true, answer };
  await ask('POST /versions/{id}/appeal/answer', `/versions/${versionId}/appeal/answer`, { token: admin.token, body: upheld });
  await decide('lock');
  await decide('unlock');
  const again = { board: 'fashion-mnist/linf' };
  await ask('POST /versions/{id}/measure', `/versions/${versionId}/measure`, { token: admin.token, body: again });
}

/** Everything that a runner asks; the job is of the version that was published. */
async function askAsRunner(): Promise<void> {
  const { token } = local();
  const runner = await aRunner(site, local());
  const { publicKey, ...said } = { publicKey: Buffer.alloc(32, 7).toString('base64'), name: 'second', backend: 'wasm' };
  const body = { ...said, publicKey, device: 'd', architecture: null, engine: 'e', versions: {} };
  const { id } = await ask('POST /runners', '/runners', { token, body });
  const lease = async (of: string) =>
    ((await ask('POST /runners/{id}/lease', `/runners/${of}/lease`, { token, body: {} })) as unknown as { job: Job | null }).job;
  const job = (await lease(runner.id)) as Job;
  await lease(id); // nothing is left
  const admin = await site.account('Admin');
  await site.db.update(users).set({ role: 'admin' }).where(eq(users.id, admin.id));
  await ask('GET /accounts', '/accounts', { token: admin.token });
  await ask('POST /accounts/{id}/role', `/accounts/${admin.id}/role`, { token: admin.token, body: { role: 'admin' } });
  await ask('POST /accounts/{id}/reset-link', `/accounts/${admin.id}/reset-link`, { token: admin.token });
  await ask('POST /runners/{id}/approve', `/runners/${id}/approve`, { token: admin.token });
  await ask('POST /runners/{id}/revoke', `/runners/${id}/revoke`, { token: admin.token, body: { reason: 'a test' } });
  await ask('GET /jobs/{id}/files/{sha256}', `/jobs/${job.id}/files/${job.model.files[0].sha256}`, { token });
  const progress = { runner: runner.id, done: 1, total: 2, stage: 's', log: 'a line\n' };
  await ask('POST /jobs/{id}/progress', `/jobs/${job.id}/progress`, { token, body: progress });
  await ask('GET /queue', '/queue');
  await ask('GET /runners', '/runners');
  await ask('GET /jobs/{id}', `/jobs/${job.id}`);
  await ask('GET /jobs/{id}/log', `/jobs/${job.id}/log`, { token: admin.token });
  const failure = { runner: runner.id, code: 'device-lost', message: 'm' };
  await ask('POST /jobs/{id}/failure', `/jobs/${job.id}/failure`, { token, body: failure });
  await lease(runner.id);
  await ask('POST /jobs/{id}/release', `/jobs/${job.id}/release`, { token, body: { runner: runner.id } });
  await lease(runner.id);
  const report = reportFor(job, { sha256: job.model.sha256 });
  const { text, headers } = runner.signed(report);
  const kept = await ask('POST /jobs/{id}/result', `/jobs/${job.id}/result`, { token, raw: text, headers });
  await ask('GET /runs/{id}/attestation', `/runs/${kept.runId}/attestation`);
  await ask('POST /jobs/{id}/retry', `/jobs/${job.id}/retry`, { token: admin.token });
  await ask('GET /queue', '/queue');
  const again = (await lease(runner.id)) as Job;
  await ask('POST /jobs/{id}/cancel', `/jobs/${again.id}/cancel`, { token: admin.token });
  await ask('GET /jobs/{id}', `/jobs/${job.id}`);
  await askAboutWitnesses(async () => (await lease(runner.id)) as Job, runner.signed);
}

/** Witnesses against a seeded model, before and after they are judged. */
async function askAboutWitnesses(
  lease: () => Promise<Job>,
  signed: (verdict: object) => { text: string; headers: Record<string, string> },
) {
  const { token } = await site.account('Grace');
  const at = '/models/glyphs-st';
  await ask('GET /models/{slug}/versions/{number}/outcomes', `${at}/versions/1/outcomes?board=${board}`);
  await ask('POST /models/{slug}/versions/{number}/curves', `${at}/versions/1/curves`, { token, body: { board } });
  const file = witnessFile([0, 1]);
  const options = { token, raw: file, headers: { 'content-type': 'application/gzip', 'idempotency-key': 'a-key-of-mine' } };
  const { id } = await ask('POST /models/{slug}/witnesses', `${at}/witnesses?board=${board}`, options);
  await ask('GET /witnesses/{id}', `/witnesses/${id}`);
  const job = await lease();
  const { text, headers } = signed(verdictOn(job, file, [0.1, -0.1]));
  await ask('POST /jobs/{id}/result', `/jobs/${job.id}/result`, { token: local().token, raw: text, headers });
  await ask('GET /witnesses/{id}', `/witnesses/${id}`);
  await ask('GET /models/{slug}/witnesses', `${at}/witnesses?board=${board}&limit=1`);
  await ask('GET /models/{slug}/witnesses/{sha256}', `${at}/witnesses/${sha256(file)}`);
  const [version] = await site.db.select({ id: versions.id }).from(versions).where(eq(versions.sha256, glyphs.sha256));
  const { runId } = await aRun(site.db, version.id, standardClaim(), 'claim');
  await ask('GET /runs/{id}/spot-check', `/runs/${runId}/spot-check`);
  const spot = (await lease()) as SpotJob;
  const result = signed(resultOf(spot, spot.indices.slice(0, 4)));
  await ask('POST /jobs/{id}/result', `/jobs/${spot.id}/result`, { token: local().token, raw: result.text, headers: result.headers });
  await ask('GET /runs/{id}/spot-check', `/runs/${runId}/spot-check`);
  await ask('GET /runs/{id}', `/runs/${runId}`);
  await ask('GET /events', '/events?model=glyphs-st');
}

/** A schema of the file with its references; what it does not name is refused, so that nothing is given away unsaid. */
function zodOf(schema: object): z.ZodType {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  const strict = JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'), (_, value) =>
    value?.type === 'object' && value.properties && value.additionalProperties === undefined
      ? { ...value, additionalProperties: false }
      : value,
  );
  return z.fromJSONSchema(strict);
}

const routes = () =>
  Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ route: `${method.toUpperCase()} ${path}`, operation })),
  );

describe('the OpenAPI file', () => {
  it('names exactly the routes that were asked', () => {
    expect([...answers.keys()].sort()).toEqual(
      routes()
        .map((r) => r.route)
        .sort(),
    );
  });

  it('describes every good answer: its status, its type, and its body to the last field', () => {
    for (const { route, operation } of routes())
      for (const { status, type, body } of answers.get(route) ?? []) {
        expect(Object.keys(operation.responses), `${route}: ${status} ${JSON.stringify(body)}`).toContain(String(status));
        expect(status, route).toBeLessThan(300);
        const content = operation.responses[status].content;
        if (!content) {
          expect((body as ArrayBuffer).byteLength, `${route} has no body`).toBe(0);
          continue;
        }
        expect(Object.keys(content), route).toContain(type.split(';')[0]);
        if (!type.startsWith('application/json')) continue;
        const parsed = zodOf(content['application/json'].schema).safeParse(body);
        expect(parsed.success || z.prettifyError(parsed.error), route).toBe(true);
      }
  });

  it('would notice an answer that is not as it says', () => {
    const schema = zodOf({ $ref: '#/components/schemas/Submission' });
    const body = answers.get('GET /submissions/{id}')?.[0].body as object;
    expect(schema.safeParse(body).success).toBe(true);
    expect(schema.safeParse({ ...body, surprise: 1 }).success).toBe(false);
    expect(schema.safeParse({ ...body, number: '1' }).success).toBe(false);
    expect(schema.safeParse({ ...body, state: 'lost' }).success).toBe(false);
  });

  it('gives every route the same shape of a refusal', () => {
    for (const { route, operation } of routes())
      expect(operation.responses.default?.content?.['application/json'].schema, route).toEqual({ $ref: '#/components/schemas/Error' });
    expect(errorSchema.safeParse({ error: { code: 'a', message: 'b' } }).success).toBe(true);
  });

  it('leaves nothing of an account in what everybody reads but its name', () => {
    const text = JSON.stringify(
      [...answers]
        .filter(([route]) => route.startsWith('GET') && !['GET /accounts', 'GET /account/export'].includes(route))
        .map(([, list]) => list.map((a) => a.body)),
    );
    expect(text).toContain('Grace');
    expect(text).not.toMatch(/@example\.org|accountId|ownerId|sx_/);
  });
});
