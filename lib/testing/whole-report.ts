/** Whole reports that agree with themselves, for tests of whatever stores and shows them. */
import { DATASETS } from '../data/datasets';
import { BOARDS } from '../protocol/boards';
import { packBitmap, toBase64 } from '../protocol/evidence';
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
  return reportSchema.parse({
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
}
