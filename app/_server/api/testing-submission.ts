/** A bundled model on its way to the site, as far as a test wants it. */
import { createHash } from 'node:crypto';
import { modelOf, testModelFiles } from '@/lib/testing/small-evaluation';
import { submissionSchema } from './shapes';
import type { TestSite } from './testing';

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

export const contents = testModelFiles('fmnist_at') as Map<string, Uint8Array<ArrayBuffer>>;
export const model = await modelOf(contents);
export const request = {
  name: 'My net',
  board: 'fashion-mnist/linf',
  sha256: model.sha256,
  files: [...contents].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length })),
  recipe: 'AT',
  licence: 'MIT',
  epsilonTrained: 0.1,
};

/** The same weights in another file, so that it is another model where the first one has been seeded. */
export function variant() {
  const json = new TextDecoder().decode(contents.get('model.json')).replace('{', '{ ');
  const files = new Map(contents).set('model.json', new TextEncoder().encode(json));
  const list = [...files].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length }));
  const lines = list.map((f) => `${f.sha256}  ${f.path}\n`).join('');
  return { files, description: { sha256: sha256(new TextEncoder().encode(lines)), files: list, name: 'A second net' } };
}

export type Stage = 'begun' | 'sent' | 'checked' | 'public';
type Sent = Omit<typeof request, 'epsilonTrained'> & Record<string, unknown>;

/** Throws where a step is not answered as it should be. */
export async function submitted(site: Pick<TestSite, 'ask'>, token: string, until: Stage, changes: Partial<Sent> = {}, files = contents) {
  const ask = async (method: string, path: string, options: object, status = 200) => {
    const answer = await site.ask(method, path, { token, ...options });
    if (answer.status !== status) throw new Error(`${method} ${path}: expected ${status}, got ${answer.status} ${await answer.text()}`);
    return submissionSchema.parse(await answer.json());
  };
  const submission = await ask('POST', '/submissions', { body: { ...request, ...changes } }, 201);
  if (until === 'begun') return submission;
  const at = `/submissions/${submission.versionId}`;
  const missing = new Set(submission.missing);
  for (const bytes of files.values()) if (missing.has(sha256(bytes))) await ask('PUT', `${at}/files/${sha256(bytes)}`, { raw: bytes });
  if (until === 'sent') return submission;
  await ask('POST', `${at}/check`, {});
  if (until === 'public') await ask('POST', `${at}/publish`, {});
  return submission;
}

/** A refusal as a test compares it. */
export async function refusal(asked: Response | Promise<Response>): Promise<{ status: number; code: string; message: string }> {
  const answer = await asked;
  const { error } = (await answer.json()) as { error: { code: string; message: string } };
  return { status: answer.status, ...error };
}
