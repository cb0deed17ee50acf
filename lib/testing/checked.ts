/** A report whose run had `--checks`, every one of which was passed. */
import { CHECKS, CONFIDENCE_CHECK_IDS } from '../confidence/catalogue';
import { GRADE_RULE, gradeOf } from '../confidence/grade';
import { thresholdOf } from '../confidence/threshold';
import { CHECK_SAMPLES } from '../protocol/probes';
import type { Report } from '../protocol/report';

/** Of these the run itself, or the site, has the value; a report that is made up says nothing of them. */
const ELSEWHERE = ['black-box-wins', 'ambiguous', 'duplicate-weights'];

export function withChecks(report: Report): Report {
  const samples = Math.min(CHECK_SAMPLES, report.counts.samples);
  const checks = CONFIDENCE_CHECK_IDS.map((id) => {
    if (ELSEWHERE.includes(id)) return { id, value: null, threshold: CHECKS[id].threshold, raised: false, notRun: 'made up' };
    return { id, value: 0, threshold: thresholdOf(id, { samples, differ: 0 }), raised: false, samples, differ: 0 };
  });
  return {
    ...report,
    flags: checks.flatMap(({ id, value, threshold }) => (value === null ? [] : [{ id, value, threshold }])),
    confidence: { grade: gradeOf(checks, report.robust !== undefined), ruleVersion: GRADE_RULE, checks },
  };
}
