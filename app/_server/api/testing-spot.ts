/** Claims of AutoAttack's level about the bundled glyphs_st, and results of their spot checks, as tests send them. */
import { DATASETS } from '@/lib/data/datasets';
import { packBitmap, toBase64 } from '@/lib/protocol/evidence';
import { wilson95 } from '@/lib/protocol/interval';
import type { Report } from '@/lib/protocol/report';
import type { SpotResult } from '@/lib/protocol/spot-result';
import { wholeReport } from '@/lib/testing/whole-report';
import type { Job } from './testing-runner';
import { board, glyphs, witnessFile } from './testing-witnesses';

/** What a spot job says beyond any job. */
export interface SpotAsked {
  claim: string;
  data: string;
  attacks: string[];
  indices: number[];
  restarts: number;
}
export type SpotJob = Job & SpotAsked;

/** Images from `holds` on are broken; AutoAttack breaks none besides. */
export function standardClaim(holds = 4000, seed = 20231107): Report {
  const report = wholeReport({ board, sha256: glyphs.sha256, holds, seed });
  const { samples } = report.counts;
  report.level = 'standard';
  Object.assign(report.model, { params: glyphs.graph.params, macs: glyphs.macs });
  const attack = report.attacks['pgd-margin'] as NonNullable<Report['attacks']['pgd-margin']>;
  for (const id of ['apgd-ce', 'apgd-t', 'fab-t', 'square'] as const) {
    report.attacks[id] = { ...attack };
    report.evidence[id] = toBase64(packBitmap(Array.from({ length: samples }, (_, i) => i < holds)));
    if (report.robust) report.robust.brokenBy[id] = 0;
  }
  for (const id of ['targeted', 'gaussian', 'sign'] as const) {
    report.attacks[id] = { ...attack, ...(id === 'targeted' ? { targetRate: 0.1 } : {}) };
    report.evidence[id] = report.evidence['pgd-margin'];
  }
  return report;
}

/** The same where Square has broken every image that the others left. */
export function claimOfNothing(): Report {
  const report = standardClaim();
  const { samples } = report.counts;
  const left = report.robust?.correct ?? 0;
  Object.assign(report.attacks.square as object, { accuracy: 0, correct: 0 });
  report.evidence.square = toBase64(new Uint8Array(samples / 8));
  report.robust = {
    accuracy: 0,
    correct: 0,
    interval95: wilson95(0, samples) as [number, number],
    brokenBy: { ...report.robust?.brokenBy, square: left },
  };
  return report;
}

/** What a runner would say of the samples that it was given, these of them broken. */
export function resultOf(job: SpotJob, broken: readonly number[] = [], changes: Partial<SpotResult> = {}): SpotResult {
  const { claim, attacks, indices, seed, restarts } = job;
  const data = DATASETS.glyphs.officialSha256.test as string;
  return {
    ...{ schema: 'spot-check/1', protocol: '1', board, claim, model: glyphs.sha256, data, seed, restarts, attacks, indices },
    held: toBase64(packBitmap(indices.map((index) => !broken.includes(index)))),
    ...(broken.length ? { witnesses: toBase64(witnessFile([...broken])) } : {}),
    environment: { backend: 'wasm', device: 'a processor', engine: 'node', versions: {} },
    ...{ startedAt: '2026-01-02T03:04:05.678Z', durationMs: 12 },
    ...changes,
  };
}
