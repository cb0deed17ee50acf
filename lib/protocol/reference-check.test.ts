import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUNDLED_MODELS } from '../bundled-models';
import { bundledFiles, modelOf } from '../testing/small-evaluation';
import { BOARDS } from './boards';
import { inconsistencies } from './consistency';
import { fromBase64, toBase64 } from './evidence';
import { REFERENCE_COUNTS, REFERENCES, referenceOutcome } from './reference-check';
import { type Report, reportSchema } from './report';

const pinned = (model: string) => reportSchema.parse(JSON.parse(readFileSync(`db/references/${model}.json`, 'utf8')));

describe('a pinned report', () => {
  it.each(REFERENCES)('of $model on $board is one of official data that agrees with itself', async ({ model, board }) => {
    const report = pinned(model);
    expect(inconsistencies(report)).toEqual([]);
    expect(BUNDLED_MODELS.find((m) => m.id === model)?.dataset).toBe(BOARDS.get(board)?.dataset);
    expect(report).toMatchObject({ board, seed: 20231107, restarts: 1, level: 'pgd', counts: REFERENCE_COUNTS });
    expect(report.model.sha256).toBe((await modelOf(bundledFiles(model))).sha256);
    expect(report.data).toMatchObject({ test: { official: true }, train: { official: true } });
  });
});

/** The report with the outcome of some samples turned round. */
function flipped(report: Report, condition: string, samples: readonly number[]): Report {
  const bytes = fromBase64(report.evidence[condition]);
  for (const i of samples) bytes[i >> 3] ^= 1 << (i & 7);
  return { ...report, evidence: { ...report.evidence, [condition]: toBase64(bytes) } };
}

describe('a measured one', () => {
  const report = pinned('fmnist_at');

  it('that is the same holds', () => {
    expect(referenceOutcome(report, report)).toEqual({
      ...{ held: true, outcomes: 4000, flips: 0, cleanCollapse: 0, otherCollapse: 0, beyond: [] },
    });
  });

  it('may flip one sample in a thousand, no more', () => {
    expect(referenceOutcome(report, flipped(report, 'pgd-10', [17]))).toMatchObject({ held: true, flips: 1 });
    const two = referenceOutcome(report, flipped(report, 'pgd-10', [17, 900]));
    expect(two).toMatchObject({ held: false, flips: 2, beyond: ['outcomes.pgd-10'] });
  });

  it('drifts with a collapse value beyond its band', () => {
    const clean = report.collapse?.clean as NonNullable<NonNullable<Report['collapse']>['clean']>;
    const moved = (by: number): Report => ({
      ...report,
      collapse: { ...report.collapse, clean: { ...clean, nc1: (clean.nc1 as number) * (1 + by) } },
    });
    expect(referenceOutcome(report, moved(5e-4))).toMatchObject({ held: true, cleanCollapse: expect.closeTo(5e-4, 6) });
    expect(referenceOutcome(report, moved(5e-3))).toMatchObject({ held: false, beyond: ['collapse.clean.nc1'] });
  });

  it('of another model is compared with nothing', () => {
    expect(referenceOutcome(report, pinned('fmnist_st'))).toMatchObject({ held: false, beyond: ['not comparable: the models differ'] });
  });
});
