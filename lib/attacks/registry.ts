/** Every attack by its id. Adding one: a file, a test, a line here and one in the catalogue. */
import { apgdCe, apgdDlr, apgdT } from './apgd-attacks';
import type { Attack } from './attack';
import type { AutoAttackId } from './catalogue';
import { fabT } from './fab-t';
import { gaussian, sign } from './noise';
import { pgd10, pgdMargin, targeted } from './pgd';
import { square } from './square';
import type { StandingAttack } from './standing';

export const ATTACKS = { 'pgd-10': pgd10, 'pgd-margin': pgdMargin, targeted, gaussian, sign } satisfies Record<string, Attack>;

/** AutoAttack's, which run on what the ones before them left standing. */
export const STANDING_ATTACKS: Readonly<Record<AutoAttackId, StandingAttack>> = {
  'apgd-ce': apgdCe,
  'apgd-dlr': apgdDlr,
  'apgd-t': apgdT,
  'fab-t': fabT,
  square,
};
