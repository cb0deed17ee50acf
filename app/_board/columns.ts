/** The columns of a board: what they are called, what they mean, which way is better. */
import type { BoardRow, BoardSort } from '@/db/queries/board';

export interface Column {
  id: BoardSort;
  label: string;
  /** One sentence for whoever meets it first. */
  meaning: string;
  /** Which way a reader looks for; null where neither is better. */
  better: 'up' | 'down' | null;
  /** In words, for screen readers: “higher is more robust”. */
  betterWords: string;
  value: (row: BoardRow) => number | null;
  /** Spread over orders of magnitude: drawn on a logarithmic axis. */
  log?: boolean;
  kind: 'share' | 'metric' | 'score' | 'count' | 'date';
  /** Shown unless the reader chose otherwise. */
  standard: boolean;
}

const robust = { better: 'up', betterWords: 'higher is more robust', kind: 'share' } as const;
const collapsed = { better: 'down', betterWords: 'lower is more collapsed', kind: 'metric' } as const;

export const COLUMNS: readonly Column[] = [
  {
    id: 'clean',
    label: 'Clean',
    meaning: 'Share of test images classified correctly as they are.',
    better: 'up',
    betterWords: 'higher is more accurate',
    kind: 'share',
    value: (r) => r.clean,
    standard: true,
  },
  {
    id: 'robust',
    label: 'Robust',
    meaning: 'Share of test images that no accepted attack has broken: the per-sample minimum over all of them, an upper bound.',
    ...robust,
    value: (r) => r.robust,
    standard: true,
  },
  {
    id: 'pgd',
    label: 'PGD',
    meaning: 'Per-sample minimum of clean, PGD-10 and PGD on the margin.',
    ...robust,
    value: (r) => r.pgd,
    standard: true,
  },
  {
    id: 'pgd10',
    label: 'PGD-10',
    meaning: 'The paper’s attack alone: ten steps up the cross-entropy.',
    ...robust,
    value: (r) => r.pgd10,
    standard: false,
  },
  {
    id: 'autoattack',
    label: 'AutoAttack',
    meaning: 'APGD-CE, APGD-T, FAB-T and Square in turn; per-sample minimum.',
    ...robust,
    value: (r) => r.autoattack,
    standard: true,
  },
  {
    id: 'collapse',
    label: 'Collapse',
    meaning: 'Collapse score on clean features, 0 to 100: mean of four maps of NC1 to NC4.',
    better: 'up',
    betterWords: 'higher is more collapsed',
    kind: 'score',
    value: (r) => r.collapse,
    standard: true,
  },
  {
    id: 'collapseAdversarial',
    label: 'Collapse, PGD',
    meaning: 'Collapse score on features of PGD-10 images; a scale of its own.',
    better: 'up',
    betterWords: 'higher is more collapsed',
    kind: 'score',
    value: (r) => r.collapseAdversarial,
    standard: false,
  },
  {
    id: 'nc1',
    label: 'NC1',
    meaning: 'Scatter within classes against scatter between them, clean features.',
    ...collapsed,
    value: (r) => r.nc1,
    log: true,
    standard: true,
  },
  {
    id: 'nc2',
    label: 'NC2',
    meaning: 'Distance of means and weights from a simplex’s equal lengths and angles; mean of four numbers.',
    ...collapsed,
    value: (r) => r.nc2,
    standard: true,
  },
  {
    id: 'nc3',
    label: 'NC3',
    meaning: 'Distance between the last layer’s weights and the class means; 0 to 4.',
    ...collapsed,
    value: (r) => r.nc3,
    standard: true,
  },
  {
    id: 'nc4',
    label: 'NC4',
    meaning: 'Share of training images on which the nearest class mean and the network disagree.',
    ...collapsed,
    value: (r) => r.nc4,
    standard: true,
  },
  {
    id: 'nc1Adversarial',
    label: 'NC1, PGD',
    meaning: 'NC1 on features of PGD-10 images.',
    ...collapsed,
    value: (r) => r.nc1Adversarial,
    log: true,
    standard: true,
  },
  {
    id: 'params',
    label: 'Params',
    meaning: 'Number of weights.',
    better: 'down',
    betterWords: 'lower is smaller',
    kind: 'count',
    value: (r) => r.params,
    log: true,
    standard: true,
  },
  {
    id: 'macs',
    label: 'MACs',
    meaning: 'Multiply–accumulates for one image.',
    better: 'down',
    betterWords: 'lower is cheaper',
    kind: 'count',
    value: (r) => r.macs,
    log: true,
    standard: false,
  },
  {
    id: 'date',
    label: 'Date',
    meaning: 'When the run shown was added; of baselines, when it was made.',
    better: null,
    betterWords: '',
    kind: 'date',
    value: (r) => r.measuredAt.getTime(),
    standard: false,
  },
];

export const columnOf = (id: string) => COLUMNS.find((c) => c.id === id);
