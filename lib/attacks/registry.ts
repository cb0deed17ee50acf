/** Every attack by its id. Adding one: a file, a test, a line here and one in the catalogue. */
import type { Attack } from './attack';
import type { AttackId } from './catalogue';
import { gaussian, sign } from './noise';
import { pgd10, pgdMargin, targeted } from './pgd';

export const ATTACKS: Record<AttackId, Attack> = { 'pgd-10': pgd10, 'pgd-margin': pgdMargin, targeted, gaussian, sign };
