/** Every attack by its id. Adding one: a file, a test, a line here and one in the catalogue. */
import { apgdCe, apgdDlr, apgdT } from './apgd-attacks';
import type { Attack } from './attack';
import { gaussian, sign } from './noise';
import { pgd10, pgdMargin, targeted } from './pgd';
import type { StandingAttack } from './standing';

export const ATTACKS = { 'pgd-10': pgd10, 'pgd-margin': pgdMargin, targeted, gaussian, sign } satisfies Record<string, Attack>;

/** AutoAttack's, which run on what the ones before them left standing. */
export const STANDING_ATTACKS = { 'apgd-ce': apgdCe, 'apgd-dlr': apgdDlr, 'apgd-t': apgdT } satisfies Record<string, StandingAttack>;
