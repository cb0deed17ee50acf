/** A runner as a test plays it, and reports such as it would send. */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Db } from '@/db/client';
import { runnerChecks } from '@/db/schema';
import { packBitmap, toBase64 } from '@/lib/protocol/evidence';
import { REFERENCES } from '@/lib/protocol/reference-check';
import type { Report } from '@/lib/protocol/report';
import { withChecks } from '@/lib/testing/checked';
import { wholeReport } from '@/lib/testing/whole-report';
import { localRunnerToken } from '@/scripts/local-runner.mjs';
import type { TestSite } from './testing';
import { model } from './testing-submission';

/** The owner of this installation's own runner. */
export const local = () => ({ token: localRunnerToken(process.env.SIMPLEXITY_SECRET as string) });

export interface Job {
  id: string;
  kind: 'verification' | 'witness' | 'spot';
  /** Of a job of that kind alone. */
  witnesses: { sha256: string; bytes: number; images: number };
  seed: number;
  level: string;
  attacks: string[];
  samples: number;
  autoattackSamples?: number;
  trainSamples: number;
  checks?: boolean;
  attempt: number;
  model: { sha256: string; files: { sha256: string }[] };
}

/** What it has measured of the reference models, so that none of them is due. */
async function proven(db: Db, runnerId: string): Promise<void> {
  const [now, outcome] = [new Date(), 'held' as const];
  const times = { startedAt: now, expiresAt: now, endedAt: now };
  await db.insert(runnerChecks).values(REFERENCES.map((reference) => ({ runnerId, outcome, ...reference, ...times })));
}

interface About {
  backend?: 'wasm' | 'webgpu';
  architecture?: string;
  /** False: the reference models are still to be measured. */
  proven?: boolean;
}

/** A runner as its machine is: a key, a token, and what it says to the site. */
export async function aRunner(site: Pick<TestSite, 'ask'> & Partial<TestSite>, owner: { token: string }, name = 'box', about: About = {}) {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const raw = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('base64');
  const body = {
    name,
    publicKey: raw,
    backend: about.backend ?? 'wasm',
    device: 'a processor',
    architecture: about.architecture ?? null,
    engine: 'node',
    versions: { simplexity: '0.1.0' },
  };
  const post = (path: string, more: object) => site.ask('POST', path, { token: owner.token, body: more });
  /** A report's bytes with the headers that vouch for them; `instead`: what is signed in their place. */
  const signed = (report: object, instead?: string) => {
    const text = JSON.stringify(report);
    const digest = createHash('sha256')
      .update(instead ?? text)
      .digest();
    const signature = sign(null, digest, privateKey).toString('base64');
    return { text, headers: { 'content-type': 'application/json', 'x-runner': id, 'x-signature': signature } };
  };
  const registered = await post('/runners', body);
  const { id, approved } = (await registered.json()) as { id: string; approved: boolean };
  if (registered.ok && site.db && about.proven !== false) await proven(site.db, id);
  return {
    id,
    approved,
    status: registered.status,
    lease: async () => ((await (await post(`/runners/${id}/lease`, {})).json()) as { job: Job | null }).job,
    progress: (job: string, more: object = {}) => post(`/jobs/${job}/progress`, { runner: id, done: 1, total: 2, stage: 'clean', ...more }),
    fail: (job: string, code: string) => post(`/jobs/${job}/failure`, { runner: id, code, message: 'because' }),
    release: (job: string) => post(`/jobs/${job}/release`, { runner: id }),
    file: (job: string, hash: string) => site.ask('GET', `/jobs/${job}/files/${hash}`, { token: owner.token }),
    send: (job: string, report: object, changes: { signed?: string } = {}) => {
      const { text, headers } = signed(report, changes.signed);
      return site.ask('POST', `/jobs/${job}/result`, { token: owner.token, raw: text, headers });
    },
    signed,
  };
}

/** A report such as the job asks for, of every attack. */
export function reportFor(
  job: Job,
  changes: { holds?: number; seed?: number; sha256?: string; autoattack?: { samples: number; withstand: number } } = {},
): Report {
  const { seed, samples, trainSamples, autoattackSamples } = job;
  const autoattack = autoattackSamples === undefined ? {} : { autoattack: { samples: autoattackSamples, withstand: 300 } };
  const report = wholeReport({ sha256: model.sha256, seed, samples, trainSamples, ...autoattack, ...changes });
  const half = toBase64(packBitmap(Array.from({ length: job.samples }, (_, i) => i < job.samples / 2)));
  for (const id of ['targeted', 'gaussian', 'sign'] as const) {
    report.attacks[id] = {
      ...(report.attacks['pgd-10'] as NonNullable<Report['attacks']['pgd-10']>),
      ...{ accuracy: 0.5, correct: job.samples / 2 },
      ...(id === 'targeted' ? { targetRate: 0.1 } : {}),
    };
    report.evidence[id] = half;
  }
  return job.checks ? withChecks(report) : report;
}
