/** All checks of a run: the report's `confidence` and `flags`. */
import type { Report } from '../protocol/report';
import { brokenBesides } from './attack-checks';
import { CHECKS, CONFIDENCE_CHECK_IDS } from './catalogue';
import type { Findings } from './finding';
import { GRADE_RULE, gradeOf } from './grade';
import { CONFIDENCE_CHECKS } from './registry';

/** `attacked`: an attack ran that counts into robust accuracy. */
export function assess(findings: Findings, attacked: boolean): Required<Pick<Report, 'confidence' | 'flags'>> {
  const checks = CONFIDENCE_CHECK_IDS.map((id) => {
    const finding = CONFIDENCE_CHECKS[id](findings);
    if ('notRun' in finding) return { id, value: null, threshold: CHECKS[id].threshold, raised: false, notRun: finding.notRun };
    const { value, threshold, samples, differ } = finding;
    const count = { ...(samples === undefined ? {} : { samples }), ...(differ === undefined ? {} : { differ }) };
    return { id, value, threshold, raised: value > threshold, ...count };
  });
  const besides = attacked ? brokenBesides(findings.holds) : undefined;
  return {
    confidence: { grade: gradeOf(checks, attacked), ruleVersion: GRADE_RULE, checks, ...(besides ? { besides } : {}) },
    flags: checks.flatMap(({ id, value, threshold }) => (value === null ? [] : [{ id, value, threshold }])),
  };
}
