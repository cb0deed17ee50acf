/** The installation's own runner as its program speaks to the site: registered, given a job, its answer signed. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { type APIRequestContext, expect } from '@playwright/test';
import { localRunnerToken } from '../scripts/local-runner.mjs';

export interface LeasedJob {
  id: string;
  kind: string;
  [more: string]: unknown;
}

export async function playedRunner(request: APIRequestContext) {
  const { SIMPLEXITY_SECRET } = JSON.parse(readFileSync(path.join(process.env.E2E_DATA_DIR as string, 'secrets.json'), 'utf8'));
  const auth = { Authorization: `Bearer ${localRunnerToken(SIMPLEXITY_SECRET)}` };
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const about = { name: 'a played runner', publicKey: raw, backend: 'wasm', device: 'a processor', architecture: null, engine: 'node' };
  const registered = await request.post('/api/v1/runners', { headers: auth, data: { ...about, versions: {} } });
  expect(registered.status(), await registered.text()).toBe(201);
  const { id } = await registered.json();
  return {
    lease: async (): Promise<LeasedJob> =>
      (await (await request.post(`/api/v1/runners/${id}/lease`, { headers: auth, data: {} })).json()).job,
    async send(job: LeasedJob, result: object): Promise<void> {
      const text = JSON.stringify(result);
      const signature = sign(null, createHash('sha256').update(text).digest(), privateKey).toString('base64');
      const headers = { ...auth, 'content-type': 'application/json', 'x-runner': id, 'x-signature': signature };
      const answer = await request.post(`/api/v1/jobs/${job.id}/result`, { headers, data: Buffer.from(text) });
      expect(answer.status(), await answer.text()).toBe(201);
    },
  };
}
