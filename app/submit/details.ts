/** What a submitter says of a model: as typed, what is wrong with it, and as the API takes it. */
import type { Recipe } from '@/db/schema';
import type { Board } from '@/lib/protocol/boards';

export const RECIPES: readonly { id: Recipe; label: string }[] = [
  { id: 'ST', label: 'Standard' },
  { id: 'AT', label: 'Adversarial (AT)' },
  { id: 'TRADES', label: 'TRADES' },
  { id: 'other', label: 'Other' },
];

/** Those that models usually have; any other identifier of the SPDX list can be typed, and the server knows them all. */
export const COMMON_LICENCES: readonly { id: string; label: string }[] = [
  { id: 'MIT', label: 'MIT' },
  { id: 'Apache-2.0', label: 'Apache 2.0' },
  { id: 'BSD-3-Clause', label: 'BSD 3-Clause' },
  { id: 'CC0-1.0', label: 'CC0 1.0, public domain' },
  { id: 'CC-BY-4.0', label: 'CC BY 4.0' },
  { id: 'CC-BY-SA-4.0', label: 'CC BY-SA 4.0' },
  { id: 'CC-BY-NC-4.0', label: 'CC BY-NC 4.0' },
  { id: 'GPL-3.0-or-later', label: 'GPL 3.0 or later' },
  { id: 'LicenseRef-proprietary', label: 'Proprietary' },
];
export const OTHER_LICENCE = 'other';

export interface Details {
  /** Slug of the own model that this is the next version of; empty: a new one. */
  model: string;
  name: string;
  recipe: Recipe;
  /** The board’s own training split is all that was used. */
  noExtraData: boolean;
  extraData: string;
  /** As people write it: 8/255, 0.1. */
  epsilon: string;
  description: string;
  paperUrl: string;
  codeUrl: string;
  /** Identifier, empty for none yet, or OTHER_LICENCE. */
  licence: string;
  otherLicence: string;
}

export const EMPTY: Details = {
  model: '',
  name: '',
  recipe: 'ST',
  noExtraData: true,
  extraData: '',
  epsilon: '',
  description: '',
  paperUrl: '',
  codeUrl: '',
  licence: '',
  otherLicence: '',
};

/** Fields that a sentence can stand beside. */
export type DetailField = 'name' | 'extraData' | 'epsilon' | 'description' | 'paperUrl' | 'codeUrl' | 'licence' | 'otherLicence';

/** The radius that a recipe is usually trained with on a board. */
export const usualEpsilon = (recipe: Recipe, board: Pick<Board, 'epsilonLabel'>) =>
  recipe === 'AT' || recipe === 'TRADES' ? board.epsilonLabel : '';

/** A decimal number or a fraction; null for nothing, NaN for something else. */
export function readEpsilon(text: string): number | null {
  const trimmed = text.trim().replace(',', '.');
  if (trimmed === '') return null;
  const match = /^(\d*\.?\d+)(?:\s*\/\s*(\d*\.?\d+))?$/.exec(trimmed);
  return match ? Number(match[1]) / Number(match[2] ?? 1) : Number.NaN;
}

const isWebAddress = (text: string) => {
  try {
    return /^https?:$/.test(new URL(text).protocol);
  } catch {
    return false;
  }
};

/** What is wrong, a sentence for each field, in the order of the page. */
export function detailProblems(details: Details, board: Board): Partial<Record<DetailField, string>> {
  const problems: Partial<Record<DetailField, string>> = {};
  if (details.name.trim() === '') problems.name = 'Give the model a name.';
  if (!details.noExtraData && details.extraData.trim() === '') problems.extraData = 'Say what data were used besides the training split.';
  const epsilon = readEpsilon(details.epsilon);
  if (epsilon !== null && !(epsilon > 0))
    problems.epsilon = 'Give a number or a fraction, such as 0.1 or 8/255; leave it empty if there was none.';
  else if (epsilon !== null && epsilon > 4 * board.epsilon)
    problems.epsilon = `${details.epsilon.trim()} is far outside the board’s ${board.epsilonLabel}; the radius is in pixel units of [0, 1].`;
  else if (details.recipe !== 'ST' && details.recipe !== 'other' && epsilon === null)
    problems.epsilon = 'Give the radius that the model was trained with.';
  for (const field of ['paperUrl', 'codeUrl'] as const)
    if (details[field].trim() !== '' && !isWebAddress(details[field].trim()))
      problems[field] = 'Give an address that begins with https:// or http://.';
  if (details.licence === '') problems.licence = 'Choose a licence: others have to know what they may do with the model.';
  if (details.licence === OTHER_LICENCE && !/^[A-Za-z0-9.+-]+$/.test(details.otherLicence.trim()))
    problems.otherLicence = 'Give an identifier of the SPDX list, such as EUPL-1.2.';
  return problems;
}

/** The body of POST /submissions, without what the files say. */
export function describedAs(details: Details): Record<string, unknown> {
  const orNull = (text: string) => text.trim() || null;
  return {
    ...(details.model ? { model: details.model } : {}),
    name: details.name.trim(),
    description: details.description.trim(),
    recipe: details.recipe,
    extraData: details.noExtraData ? null : orNull(details.extraData),
    epsilonTrained: readEpsilon(details.epsilon),
    paperUrl: orNull(details.paperUrl),
    codeUrl: orNull(details.codeUrl),
    licence: details.licence === OTHER_LICENCE ? details.otherLicence.trim() : details.licence,
  };
}

/** What the site knows of a version, as it would be typed. */
export function detailsOf(version: {
  name: string;
  recipe: Recipe;
  extraData: string | null;
  epsilonTrained: number | null;
  description: string;
  paperUrl: string | null;
  codeUrl: string | null;
  licence: string;
}): Details {
  const common = COMMON_LICENCES.some((l) => l.id === version.licence);
  return {
    model: '',
    name: version.name,
    recipe: version.recipe,
    noExtraData: version.extraData === null,
    extraData: version.extraData ?? '',
    epsilon: version.epsilonTrained === null ? '' : String(Number(version.epsilonTrained.toPrecision(6))),
    description: version.description,
    paperUrl: version.paperUrl ?? '',
    codeUrl: version.codeUrl ?? '',
    licence: common ? version.licence : OTHER_LICENCE,
    otherLicence: common ? '' : version.licence,
  };
}
