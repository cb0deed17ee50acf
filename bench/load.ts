/** 200 readers and 20 submitters at once against a production site of its own, on this machine: errors and times. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { readModel } from '../lib/model/preflight';
import { withSite } from './site';

const READERS = 200;
const SUBMITTERS = 20;
const SECONDS = 20;
const PATHS = ['/', '/boards/fashion-mnist/l2?sort=nc1', '/models/fmnist-at', '/api/v1/boards/fashion-mnist/linf/rows', '/evaluate'];

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** The bundled model with one weight changed, so that each submitter's is another. */
async function variant(n: number) {
  const json = new Uint8Array(await readFile('public/models/fmnist_at/model.json'));
  const weights = new Uint8Array(await readFile('public/models/fmnist_at/group1-shard1of1.bin'));
  new DataView(weights.buffer, weights.byteOffset).setFloat32(weights.length - 4, n / 1000, true);
  const files = new Map([
    ['model.json', json],
    ['group1-shard1of1.bin', weights],
  ]);
  const model = await readModel(files);
  if (!model.ok) throw new Error(model.reasons.join());
  return { files, sha256: model.value.sha256 };
}

export async function loadBench(): Promise<void> {
  console.log(`\n${READERS} readers and ${SUBMITTERS} submitters at once, ${SECONDS} s, embedded database`);
  await withSite(put);
}

async function put(site: string): Promise<void> {
  const times: number[] = [];
  const errors = new Map<string, number>();
  const failed = (what: string) => errors.set(what, (errors.get(what) ?? 0) + 1);
  const until = performance.now() + SECONDS * 1000;
  const reader = async (n: number) => {
    for (let i = n; performance.now() < until; i++) {
      const began = performance.now();
      try {
        const response = await fetch(site + PATHS[i % PATHS.length]);
        await response.arrayBuffer();
        if (!response.ok) failed(`${PATHS[i % PATHS.length]} answered ${response.status}`);
        times.push(performance.now() - began);
      } catch (error) {
        failed(`${PATHS[i % PATHS.length]}: ${(error as Error).message}`);
      }
    }
  };
  let submitted = 0;
  const submitter = async (n: number) => {
    const address = { 'x-forwarded-for': `198.51.100.${n}`, origin: site };
    const ask = async (method: string, where: string, headers: Record<string, string>, body?: BodyInit) => {
      const response = await fetch(site + where, { method, headers: { ...address, ...headers }, ...(body ? { body } : {}) });
      if (!response.ok) throw new Error(`${method} ${where.replace(/[0-9a-f-]{36,}/g, '…')} answered ${response.status}`);
      return response;
    };
    try {
      const json = { 'content-type': 'application/json' };
      const account = { name: `Load ${n}`, email: `load${n}@example.org`, password: 'correct horse battery' };
      const signedUp = await ask('POST', '/api/auth/sign-up/email', json, JSON.stringify(account));
      const cookie = signedUp.headers
        .getSetCookie()
        .map((c) => c.split(';')[0])
        .join('; ');
      const model = await variant(n);
      const files = [...model.files].map(([file, bytes]) => ({ path: file, sha256: sha256(bytes), bytes: bytes.length }));
      const request = { name: `Load ${n}`, board: 'fashion-mnist/linf', sha256: model.sha256, files, recipe: 'AT', licence: 'MIT' };
      const begun = (await (await ask('POST', '/api/v1/submissions', { ...json, cookie }, JSON.stringify(request))).json()) as {
        versionId: string;
        missing: string[];
      };
      for (const bytes of model.files.values())
        if (begun.missing.includes(sha256(bytes)))
          await ask('PUT', `/api/v1/submissions/${begun.versionId}/files/${sha256(bytes)}`, { cookie }, bytes as Uint8Array<ArrayBuffer>);
      await ask('POST', `/api/v1/submissions/${begun.versionId}/check`, { cookie });
      await ask('POST', `/api/v1/submissions/${begun.versionId}/publish`, { cookie });
      submitted++;
    } catch (error) {
      failed((error as Error).message);
    }
  };
  await Promise.all([
    ...Array.from({ length: READERS }, (_, n) => reader(n)),
    ...Array.from({ length: SUBMITTERS }, (_, n) => submitter(n + 1)),
  ]);
  times.sort((a, b) => a - b);
  const at = (q: number) => (times[Math.floor(q * times.length)] / 1000).toFixed(2);
  console.log(`  ${times.length} pages (${(times.length / SECONDS).toFixed(0)} a second), median ${at(0.5)} s, p95 ${at(0.95)} s`);
  console.log(`  ${submitted} of ${SUBMITTERS} submissions; errors: ${[...errors].map(([e, n]) => `${n} × ${e}`).join('; ') || 'none'}`);
}
