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

const COLLAPSE: readonly Plot[] = [
  { title: 'NC1: scatter within classes', value: 'nc1', log: true },
  { title: 'NC2: angles between class means', value: 'nc2AngleMeans' },
  { title: 'NC3: weights against class means', value: 'nc3' },
  { title: 'NC4: disagreement with the nearest centre', value: 'nc4', share: true },
];
const PERTURBED = ['pgd-10', 'targeted', 'gaussian', 'sign'] as const;
const ANGLE: Plot = { title: 'Angle to the clean class means, radians', value: 'angle', conditions: PERTURBED };
const LEAPT: Plot = { title: 'Images nearest to the mean of class y + 1', value: 'leapt', share: true };

export const SECTIONS: readonly Section[] = [
  {
    ...{ id: 'standard', title: 'Standard training collapses, and small attacks destroy the simplex' },
    lead: 'Clean curves should fall towards zero while those under attack stay up; noise of the same size should follow the clean ones.',
    ...{ claims: ['st-collapses', 'attack-destroys', 'noise-spares'], modes: ['st'], plots: [...COLLAPSE, ANGLE] },
  },
  {
    ...{ id: 'leaping', title: 'Leaping' },
    lead: 'A targeted attack sends each image towards the next class, y + 1. Targeted images are grouped by that class here, so a fall of their NC1 is a simplex that appears again, and their angle is the one to the target’s clean mean.',
    ...{ claims: ['leaping', 'leaping-simplex'], modes: ['st'] },
    plots: [LEAPT, { ...ANGLE, conditions: ['pgd-10', 'targeted'] }],
  },
  {
    ...{ id: 'adversarial', title: 'Adversarial training collapses twice' },
    lead: 'Both the clean and the perturbed curves should fall, and the angle between their class means stay small.',
    ...{ claims: ['at-collapses', 'at-aligned', 'at-centres-robust'], modes: ['at'] },
    plots: [...COLLAPSE, ANGLE, { title: 'Images nearest to their own clean mean', value: 'ncc', share: true }, LEAPT],
  },
  {
    ...{ id: 'trades', title: 'TRADES is robust without collapse' },
    lead: 'In the paper’s code the attack leaves batch norms in inference mode for the rest of the epoch. Both ways are trained here: with the weight step in training mode, as TRADES’ own authors take it, and as published.',
    ...{
      claims: ['trades-robust-without', 'trades-as-published-robust-without'],
      modes: ['trades', 'trades-as-published'],
      plots: [...COLLAPSE, ANGLE, LEAPT],
    },
  },
  {
    ...{ id: 'layers', title: 'Early layers stay reliable' },
    lead: 'The finished models, layer by layer: how many test images the nearest class centre names rightly, and the scatter within classes of training images. Centres are those of clean training images.',
    ...{ claims: ['early-layers', 'depth-parts'], modes: ['st', 'at', 'trades', 'trades-as-published'], plots: [], layers: true },
  },
];

export const formatOf = ({ share }: Pick<Plot, 'share'>) => (share ? (v: number) => `${percent(v).replace('.0', '')} %` : tick);
