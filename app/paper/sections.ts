/** What the page shows, in the paper's order: claims, and the curves in which they should be seen. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Point } from '@/lib/paper/run';
import { percent, tick } from '../_ui/format';
import type { ModeId } from './modes';

export interface Plot {
  title: string;
  value: keyof Point;
  log?: boolean;
  share?: boolean;
  conditions?: readonly Condition[];
  /** What the paper says of this curve, after “The paper: ”. */
  paper: string;
}

export interface Section {
  id: string;
  title: string;
  lead: string;
  claims: readonly string[];
  modes: readonly ModeId[];
  plots: readonly Plot[];
  /** Curves along depth. */
  layers?: boolean;
}

const COLLAPSE: readonly Omit<Plot, 'paper'>[] = [
  { title: 'NC1: scatter within classes', value: 'nc1', log: true },
  { title: 'NC2: angles between class means', value: 'nc2AngleMeans' },
  { title: 'NC3: weights against class means', value: 'nc3' },
  { title: 'NC4: disagreement with the nearest centre', value: 'nc4', share: true },
];
const collapse = (paper: string): Plot[] => COLLAPSE.map((plot) => ({ ...plot, paper }));
const PERTURBED = ['pgd-10', 'targeted', 'gaussian', 'sign'] as const;
const ANGLE: Omit<Plot, 'paper'> = { title: 'Angle to the clean class means, radians', value: 'angle', conditions: PERTURBED };
const LEAPT: Omit<Plot, 'paper'> = { title: 'Images nearest to the mean of class y + 1', value: 'leapt', share: true };

const SILENT = 'says nothing of it for this way of training; for comparison.';

export const SECTIONS: readonly Section[] = [
  {
    ...{ id: 'standard', title: 'Standard training collapses, and small attacks destroy the simplex' },
    lead: 'Clean curves should fall towards zero while those under attack stay up; noise of the same size should follow the clean ones.',
    ...{ claims: ['st-collapses', 'attack-destroys', 'noise-spares'], modes: ['st'] },
    plots: [
      ...collapse('falls towards zero for clean and noisy images, not under PGD.'),
      { ...ANGLE, paper: 'small under noise, large under PGD.' },
    ],
  },
  {
    ...{ id: 'leaping', title: 'Leaping' },
    lead: 'A targeted attack sends each image towards the next class, y + 1. Targeted images are grouped by that class here, so a fall of their NC1 is a simplex that appears again, and their angle is the one to the target’s clean mean.',
    ...{ claims: ['leaping', 'leaping-simplex'], modes: ['st'] },
    plots: [
      { ...LEAPT, paper: 'targeted images move near the vertex of their target.' },
      { ...ANGLE, conditions: ['pgd-10', 'targeted'], paper: 'small for targeted images, whose own mean is that of the target.' },
    ],
  },
  {
    ...{ id: 'adversarial', title: 'Adversarial training collapses twice' },
    lead: 'Both the clean and the perturbed curves should fall, and the angle between their class means stay small.',
    ...{ claims: ['at-collapses', 'at-aligned', 'at-centres-robust'], modes: ['at'] },
    plots: [
      ...collapse('falls towards zero, clean and under PGD.'),
      { ...ANGLE, paper: 'small under PGD: the two simplices lie on each other.' },
      {
        ...{ title: 'Images nearest to their own clean mean', value: 'ncc', share: true },
        paper: 'perturbed images stay with their own class, so nearest centres are a robust classifier.',
      },
      { ...LEAPT, paper: SILENT },
    ],
  },
  {
    ...{ id: 'trades', title: 'TRADES is robust without collapse' },
    lead: 'In the paper’s code the attack leaves batch norms in inference mode for the rest of the epoch. Both ways are trained here: with the weight step in training mode, as TRADES’ own authors take it, and as published.',
    ...{
      claims: ['trades-robust-without', 'trades-as-published-robust-without'],
      modes: ['trades', 'trades-as-published'],
      plots: [...collapse('stays away from zero on clean images: no simplex.'), { ...ANGLE, paper: SILENT }, { ...LEAPT, paper: SILENT }],
    },
  },
  {
    ...{ id: 'layers', title: 'Early layers stay reliable' },
    lead: 'The finished models, layer by layer: how many test images the nearest class centre names rightly, and the scatter within classes of training images. Centres are those of clean training images.',
    ...{ claims: ['early-layers', 'depth-parts'], modes: ['st', 'at', 'trades', 'trades-as-published'], plots: [], layers: true },
  },
];

export const formatOf = ({ share }: Pick<Plot, 'share'>) => (share ? (v: number) => `${percent(v).replace('.0', '')} %` : tick);
