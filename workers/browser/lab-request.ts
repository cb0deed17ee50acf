/** What can be asked of the lab, and what is refused; without the code that does it, for the page. */
import type { NetId } from '../../lib/training/nets';
import { inRange, type Range, RECIPE_RANGES, rangeWords } from '../../lib/training/ranges';
import { SCHEDULE_IDS, type ScheduleId } from '../../lib/training/schedule';

/** Which images are learnt: as they are; a tenth of those of classes 5 – 9; with a square that names the class of 95 in 100. */
export const LAB_SETS = ['plain', 'imbalanced', 'shortcut'] as const;
export type LabSet = (typeof LAB_SETS)[number];
/** Share of the images of classes 5 – 9 that `imbalanced` keeps. */
export const MINORITY_SHARE = 0.1;
/** Share of the images whose square, under `shortcut`, names their own class. */
export const SHORTCUT_SHARE = 0.95;

/** Networks for images as small as the lab's. */
export const LAB_NETS = ['small', 'vgg-11', 'preact-resnet-18'] as const satisfies readonly NetId[];
export type LabNet = (typeof LAB_NETS)[number];

export interface LabRecipe {
  net: LabNet;
  /** Factor of the filters. */
  width: number;
  learningRate: number;
  batch: number;
  momentum: number;
  weightDecay: number;
  schedule: ScheduleId;
  /** Epochs, whole or not, in which the attack grows to the board's; 0 is the paper's way, and that of modes that do not attack. */
  warmup: number;
}

export interface LabRequest {
  /** st, at, trades, trades-as-published */
  mode: string;
  /** The first so many training images of Glyphs. */
  images: number;
  /** `plain` where it isn't said: what a browser keeps may be older than the choice. */
  set?: LabSet;
  epochs: number;
  /** Of those, the first so many are measured after each epoch. */
  measured: number;
  seed: number;
  /** What a browser keeps may be older than this choice, too: then it is the one recipe that the lab once had. */
  recipe?: LabRecipe;
}

const FIRST_RECIPE = {
  net: 'small',
  width: 1,
  learningRate: 0.1,
  batch: 64,
  momentum: 0.9,
  weightDecay: 5e-4,
  schedule: 'cosine',
} as const;

export const recipeOf = ({ recipe, mode, epochs }: Pick<LabRequest, 'recipe' | 'mode' | 'epochs'>): LabRecipe =>
  recipe ?? { ...FIRST_RECIPE, warmup: mode === 'st' ? 0 : epochs / 2 };

/** Least and most of each number; what a page must hold in memory is bounded closer than in the terminal. */
export const labRanges = ({ epochs, recipe }: Pick<LabRequest, 'epochs' | 'recipe'>) =>
  ({
    images: { least: 100, most: 60000, whole: true },
    epochs: { ...RECIPE_RANGES.epochs, most: 200 },
    measured: { least: 20, most: 5000, whole: true },
    seed: RECIPE_RANGES.seed,
    // Wider than this the large networks are more than the site takes.
    width: recipe && recipe.net !== 'small' ? { ...RECIPE_RANGES.width, most: 1 } : RECIPE_RANGES.width,
    learningRate: RECIPE_RANGES.learningRate,
    batch: { ...RECIPE_RANGES.batch, most: 1000 },
    momentum: RECIPE_RANGES.momentum,
    weightDecay: RECIPE_RANGES.weightDecay,
    warmup: { least: 0, most: epochs },
  }) satisfies Record<string, Range>;

export type LabNumber = keyof ReturnType<typeof labRanges>;

/** As sentences name them, where that is not the field's own name. */
const NAMES: Partial<Record<LabNumber, string>> = { learningRate: 'learning rate', weightDecay: 'weight decay', warmup: 'warm-up epochs' };

export interface Refusal {
  field: LabNumber | 'set' | 'net' | 'schedule';
  /** Names the field and what would be right. */
  sentence: string;
}

/** What can't be done as it is asked; `written` is what the reader typed, where that was no number. */
export function refusalsOf(request: LabRequest, written: Partial<Record<LabNumber, string>> = {}): Refusal[] {
  const recipe = recipeOf(request);
  const values = { ...request, ...recipe };
  const numbers = Object.entries(labRanges(request)).flatMap(([name, range]): Refusal[] => {
    const field = name as LabNumber;
    const words = `${NAMES[field] ?? field} must be ${rangeWords(range)}, got ${written[field] ?? values[field]}`;
    return inRange(values[field], range) ? [] : [{ field, sentence: words }];
  });
  const { set = 'plain' } = request;
  const choices = [
    { field: 'set', value: set, among: LAB_SETS },
    { field: 'net', value: recipe.net, among: LAB_NETS },
    { field: 'schedule', value: recipe.schedule, among: SCHEDULE_IDS },
  ] as const;
  const others = choices.flatMap(({ field, value, among }): Refusal[] =>
    (among as readonly string[]).includes(value) ? [] : [{ field, sentence: `${field} must be one of ${among.join(', ')}, got ${value}` }],
  );
  return [...numbers, ...others];
}
