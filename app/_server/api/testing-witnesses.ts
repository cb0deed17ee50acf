/** Witnesses against the bundled glyphs_st, and verdicts on them, as tests send them: the site itself runs no network. */
import { DATASETS } from '@/lib/data/datasets';
import { packWitnesses, readWitnesses } from '@/lib/protocol/witness-file';
import type { WitnessVerdict } from '@/lib/protocol/witness-verdict';
import { bundledFiles, modelOf } from '@/lib/testing/small-evaluation';
import type { TestSite } from './testing';
import type { Job } from './testing-runner';
import { type Stage, sha256, submitted } from './testing-submission';

const contents = bundledFiles('glyphs_st') as Map<string, Uint8Array<ArrayBuffer>>;
export const glyphs = await modelOf(contents);
export const board = 'glyphs/linf';

/** A public version of it, of the token's account. */
export const publicGlyphs = (site: Pick<TestSite, 'ask'>, token: string) => ofGlyphs(site, token, 'public');
/** A checked draft of it. */
export const draftOfGlyphs = (site: Pick<TestSite, 'ask'>, token: string) => ofGlyphs(site, token, 'checked');

const ofGlyphs = (site: Pick<TestSite, 'ask'>, token: string, until: Stage) =>
  submitted(
    site,
    token,
    until,
    {
      ...{ name: 'Glyphs net', board, sha256: glyphs.sha256 },
      files: [...contents].map(([path, bytes]) => ({ path, sha256: sha256(bytes), bytes: bytes.length })),
    },
    contents,
  );

export interface FileChanges {
  board?: string;
  data?: string;
  model?: string;
  /** Of every pixel. */
  delta?: number;
}

/** A file in which no pixel leaves its range, glyphs being white on black or black on white. */
export function witnessFile(indices: number[], { delta = 0, ...changes }: FileChanges = {}): Uint8Array<ArrayBuffer> {
  const data = DATASETS.glyphs.officialSha256.test as string;
  const header = { board, data, model: glyphs.sha256, indices, shape: [28, 28, 1] as [number, number, number], ...changes };
  return packWitnesses(header, new Int16Array(784 * indices.length).fill(delta)) as Uint8Array<ArrayBuffer>;
}

export const sendWitnesses = (site: Pick<TestSite, 'ask'>, slug: string, file: Uint8Array<ArrayBuffer>, token?: string, to = board) =>
  site.ask('POST', `/models/${slug}/witnesses?board=${to}`, {
    ...(token ? { token } : {}),
    raw: file,
    headers: { 'content-type': 'application/gzip' },
  });

/** What a runner would say of a file that it was given, with these leads. */
export function verdictOn(job: Job, file: Uint8Array, leads: number[]): WitnessVerdict {
  const read = readWitnesses(file);
  if (!read.ok) throw new Error(read.reasons.join('; '));
  const { indices, model, data } = read.value.header;
  return {
    ...{ schema: 'witness-verdict/1', protocol: '1', board, file: job.witnesses.sha256, model, data },
    environment: { backend: 'wasm', device: 'a processor', engine: 'node', versions: {} },
    ...{ startedAt: '2026-01-02T03:04:05.678Z', durationMs: 12 },
    images: indices.map((index, n) => ({ index, lead: leads[n], predicted: 1 })),
  };
}
