/** Whole reports that agree with themselves, for tests of whatever stores and shows them. */
import { DATASETS } from '../data/datasets';
import { BOARDS } from '../protocol/boards';
import { fromBase64, packBitmap, toBase64, unpackBitmap } from '../protocol/evidence';
import { wilson95 } from '../protocol/interval';
import { type Report, reportSchema } from '../protocol/report';
import { collapseValues } from './comparable-report';

export interface WholeReportChanges {
  board?: string;
  sha256?: string;
  samples?: number;
  trainSamples?: number;
  seed?: number;
  /** Samples from this index on are broken by pgd-margin, those from twice of it on are wrong already. */
  holds?: number;
  nc1?: number;
  /** A run of level `standard`, AutoAttack on the first so many images: from `withstand` on it breaks them. */
  autoattack?: { samples: number; withstand: number };
  startedAt?: string;
}

const TRAIN = '16d82e2b505296aa2b78bd5ea0992634f30419a4c97def7c907d154a35ac6157';

export function wholeReport(changes: WholeReportChanges = {}): Report {
  const { board: boardId = 'fashion-mnist/linf', samples = 10000, trainSamples = 10000, seed = 20231107, holds = 4000 } = changes;
  const board = BOARDS.get(boardId);
  if (!board) throw new Error(`expected a board, got ${boardId}`);
  const dataset = DATASETS[board.dataset];
  const correct = { clean: Math.min(samples, 2 * holds), 'pgd-10': Math.min(samples, holds + 10), 'pgd-margin': holds };
  const bitmap = (n: number) => toBase64(packBitmap(Array.from({ length: samples }, (_, i) => i < n)));
  const cost = { durationMs: 5, forwards: samples, backwards: samples };
  const attack = (n: number) => ({ accuracy: n / samples, correct: n, loss: 2, linfMax: 0.1, l2Max: 2, ...cost });
  const nc1 = changes.nc1 ?? collapseValues.nc1;
  const report = reportSchema.parse({
    schema: 'report/1',
    protocol: '1',
    board: boardId,
    level: 'pgd',
    seed,
    restarts: 1,
    model: {
      sha256: changes.sha256 ?? 'a'.repeat(64),
      params: 98684,
      macs: 2_584_064,
      layers: 12,
      featureLayer: 'gap',
      featureDim: 128,
      classes: 10,
      notes: [],
    },
    environment: { backend: 'wasm', device: 'test', engine: 'node', versions: { tfjs: '4.22.0' }, workers: 2, batch: 50 },
    startedAt: changes.startedAt ?? '2026-01-02T03:04:05.678Z',
    durationMs: 1234.5,
    data: {
      test: { sha256: dataset.officialSha256.test ?? 'b'.repeat(64), records: dataset.records.test, official: true },
      train: { sha256: dataset.officialSha256.train ?? TRAIN, records: dataset.records.train, official: true },
    },
    counts: { samples, trainSamples, forwards: samples, backwards: samples },
    clean: { accuracy: correct.clean / samples, loss: 0.3, correct: correct.clean },
    attacks: { 'pgd-10': attack(correct['pgd-10']), 'pgd-margin': attack(correct['pgd-margin']) },
    robust: {
      accuracy: holds / samples,
      correct: holds,
      interval95: wilson95(holds, samples),
      brokenBy: { 'pgd-10': correct.clean - correct['pgd-10'], 'pgd-margin': correct['pgd-10'] - holds },
    },
    collapse: { clean: { ...collapseValues, nc1 }, 'pgd-10': { ...collapseValues, nc1: 4 * (nc1 ?? 1), rank: 9 } },
    simplex: {},
    flags: [{ id: 'zero-gradient', value: 0, threshold: 0 }],
    evidence: Object.fromEntries(Object.entries(correct).map(([c, n]) => [c, bitmap(n)])),
  });
  return changes.autoattack ? withAutoAttack(report, changes.autoattack) : report;
}

/** APGD-CE breaks half of what AutoAttack breaks, APGD-T the rest. */
function withAutoAttack(report: Report, { samples, withstand }: { samples: number; withstand: number }): Report {
  const of = (condition: string) => unpackBitmap(fromBase64(report.evidence[condition]), samples);
  const clean = of('clean').reduce((n, b) => n + b, 0);
  const pgd = of('pgd-10').reduce((n, b) => n + b, 0);
  const margin = of('pgd-margin').reduce((n, b) => n + b, 0);
  const half = Math.ceil((clean + withstand) / 2);
  const left = { 'apgd-ce': half, 'apgd-t': withstand, 'fab-t': withstand, square: withstand };
  const robust = Math.min(margin, withstand);
  const counted = Object.entries(left).map(([id, correct], i) => {
    const cost = { durationMs: 5, forwards: samples, backwards: samples };
    const attacked = [clean, half, withstand, withstand][i];
    return [id, { accuracy: correct / samples, correct, loss: 2, linfMax: 0.1, l2Max: 2, ...cost, attacked, lostToRounding: 0 }];
  });
  const bits = ([id, n]: [string, number]) => [id, toBase64(packBitmap(Array.from({ length: samples }, (_, i) => i < n)))];
  const brokenBy = {
    ...{ 'pgd-10': clean - pgd, 'pgd-margin': pgd - margin, 'apgd-ce': Math.max(0, margin - half) },
    ...{ 'apgd-t': Math.min(margin, half) - robust, 'fab-t': 0, square: 0 },
  };
  return reportSchema.parse({
    ...report,
    level: 'standard',
    counts: { ...report.counts, autoattackSamples: samples },
    attacks: { ...report.attacks, ...Object.fromEntries(counted) },
    robust: { accuracy: robust / samples, correct: robust, interval95: wilson95(robust, samples), brokenBy },
    evidence: { ...report.evidence, ...Object.fromEntries(Object.entries(left).map(bits)) },
  });
}
