/** Reports that agree with themselves and are not true. */
import { packBitmap, toBase64 } from '../../lib/protocol/evidence';
import { wilson95 } from '../../lib/protocol/interval';
import type { Report } from '../../lib/protocol/report';

/** The same measurement, with the first `holds` images right under every condition. */
export function inflated(report: Report, holds: number, changes: Partial<Report> = {}): Report {
  const { samples } = report.counts;
  const score = { accuracy: holds / samples, correct: holds };
  const bits = toBase64(packBitmap(Array.from({ length: samples }, (_, i) => i < holds)));
  const { robust, clean } = report;
  if (!robust || !clean) throw new Error('expected a report of attacks');
  return {
    ...report,
    clean: { ...clean, ...score },
    attacks: Object.fromEntries(Object.entries(report.attacks).map(([id, attack]) => [id, { ...attack, ...score }])),
    robust: {
      ...score,
      interval95: wilson95(holds, samples) as [number, number],
      brokenBy: Object.fromEntries(Object.keys(robust.brokenBy).map((id) => [id, 0])),
    },
    evidence: Object.fromEntries(Object.keys(report.evidence).map((id) => [id, bits])),
    ...changes,
  };
}
