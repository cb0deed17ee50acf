/** What the page shows, in the paper's order: claims, and the curves in which they should be seen. */
import type { Condition } from '@/lib/attacks/catalogue';
import type { Point } from '@/lib/paper/run';
import { percent, tick } from '../_ui/format';
import type { ModeId } from './modes';
import { PERTURBED } from './series';

export interface Plot {
  title: string;
  value: keyof Point;
  log?: boolean;
  share?: boolean;
  conditions?: readonly Condition[];
  /** What the paper says of this curve, after “The paper: ”; by way of training, where it says something of that. */
  paper: string | Partial<Record<ModeId, string>>;
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
  /** Angles of the finished models' class means, class by class. */
  classes?: boolean;
  /** What the lower learning rate of TRADES as published does by itself. */
  control?: boolean;
}

const COLLAPSE: readonly Omit<Plot, 'paper'>[] = [
  { title: 'NC1: scatter within classes', value: 'nc1', log: true },
  { title: 'NC2: angles between class means', value: 'nc2AngleMeans' },
  { title: 'NC2: lengths of class means', value: 'nc2NormMeans' },
  { title: 'NC3: weights against class means', value: 'nc3' },
  { title: 'NC4: disagreement with the nearest centre', value: 'nc4', share: true },
];
const collapse = (paper: string): Plot[] => COLLAPSE.map((plot) => ({ ...plot, paper }));
const ANGLE: Omit<Plot, 'paper'> = { title: 'Angle to the clean class means, radians', value: 'angle', conditions: PERTURBED };
const DISTANCE: Omit<Plot, 'paper'> = { title: 'Distance to the clean class means', value: 'distance', conditions: PERTURBED };
const LEAPT: Omit<Plot, 'paper'> = { title: 'Images nearest to the mean of class y + 1', value: 'leapt', share: true };

const SILENT = 'says nothing of it for this way of training; for comparison.';
/** What the paper says of a curve, in a sentence's second half. */
export const paperSays = ({ paper }: Plot, mode: ModeId): string => (typeof paper === 'string' ? paper : (paper[mode] ?? SILENT));

/** By epoch and, of the finished models, by class. */
export const ANGLE_BY_CLASS: Plot = {
  ...ANGLE,
  paper: { st: 'small under noise, large under PGD.', at: 'small under PGD: the two simplices lie on each other.' },
};

export const SECTIONS: readonly Section[] = [
  {
    ...{ id: 'standard', title: 'Standard training collapses, and small attacks destroy the simplex' },
    lead: 'Clean curves should fall towards zero while those under attack stay up; noise of the same size should follow the clean ones.',
    ...{ claims: ['st-collapses', 'attack-destroys', 'noise-spares'], modes: ['st'] },
    plots: collapse('falls towards zero for clean and noisy images, not under PGD.'),
  },
  {
    ...{ id: 'leaping', title: 'Leaping' },
    lead: 'A targeted attack sends each image towards the next class, y + 1. Targeted images are grouped by that class here, so a fall of their NC1 is a simplex that appears again, and their angle is the one to the target’s clean mean.',
    ...{ claims: ['leaping', 'leaping-simplex'], modes: ['st'] },
    plots: [
      { ...LEAPT, paper: 'targeted images move near the vertex of their target.' },
      {
        ...ANGLE,
        conditions: ['pgd-10', 'targeted'],
        paper: 'small for targeted images: their mean lies where the clean mean of their target does.',
      },
    ],
  },
  {
    ...{ id: 'adversarial', title: 'Adversarial training collapses twice' },
    lead: 'Both the clean and the perturbed curves should fall.',
    ...{ claims: ['at-collapses', 'at-centres-robust'], modes: ['at'] },
    plots: [
      ...collapse('falls towards zero, clean and under PGD.'),
      {
        ...{ title: 'Images nearest to their own clean mean', value: 'ncc', share: true },
        paper: 'perturbed images stay with their own class, so nearest centres are a robust classifier.',
      },
      { ...LEAPT, paper: {} },
    ],
  },
  {
    ...{ id: 'trades', title: 'TRADES is robust without collapse', control: true },
    lead: 'In the paper’s code the attack leaves batch norms in inference mode for the rest of the epoch. Both ways are trained here: with the weight step in training mode, as TRADES’ own authors take it, and as published. As published the learning rate is a fifth, for at the others’ 0.1 its loss stops being a number in the second epoch. That alone does much: see the control.',
    ...{
      claims: ['trades-robust', 'trades-without-simplex', 'trades-as-published-robust', 'trades-as-published-without-simplex'],
      modes: ['trades', 'trades-as-published'],
      plots: [...collapse('stays away from zero on clean images: no simplex.'), { ...LEAPT, paper: {} }],
    },
  },
  {
    ...{ id: 'similarity', title: 'Does the perturbed simplex lie on the clean one?' },
    lead: 'Class by class, the mean of perturbed images beside the clean mean, both seen from their centre: the angle between them, and their distance in units of the features, whose scale is each network’s own: distances compare within a figure, angles everywhere. Targeted images are grouped by the class that they were sent to.',
    ...{ claims: ['at-aligned'], modes: ['st', 'at', 'trades', 'trades-as-published'], classes: true },
    plots: [ANGLE_BY_CLASS, { ...DISTANCE, paper: { st: 'small under noise, large under PGD.', at: 'small under PGD.' } }],
  },
  {
    ...{ id: 'layers', title: 'Early layers stay reliable' },
    lead: 'The finished models, layer by layer: how many test images the nearest class centre names rightly, and the scatter within classes of training images. Centres are those of clean training images.',
    ...{ claims: ['early-layers', 'depth-parts'], modes: ['st', 'at', 'trades', 'trades-as-published'], plots: [], layers: true },
  },
];

export const formatOf = ({ share }: Pick<Plot, 'share'>) => (share ? (v: number) => `${percent(v).replace('.0', '')} %` : tick);
