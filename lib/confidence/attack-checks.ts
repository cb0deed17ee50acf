/** Checks that compare attacks: one that knows less, or does less, must not do better than one that knows or does more. */
import { ATTACK_INFO, type AttackId } from '../attacks/catalogue';
import type { ConfidenceCheckId } from './catalogue';
import { type Check, count, countsOf, shareFinding } from './finding';

/** Images by which the first condition holds more often than the second. */
const drop =
  (id: ConfidenceCheckId, first: readonly string[], second: string): Check =>
  (findings) => {
    const base = first.find((name) => findings.holds.has(name)) ?? first[0];
    const found = countsOf(findings, [base, second]);
    return found ? shareFinding(id, found.counts[0] - found.counts[1], found.samples) : { notRun: findings.notProbed };
  };

/** A probe where there is one, else the run's own condition, which it would only repeat. */
const PGD = ['check-pgd', 'pgd-10'];

export const noConvergence = drop('no-convergence', ['check-apgd-100', 'apgd-ce'], 'check-apgd-200');
export const fgsmBeatsPgd = drop('fgsm-beats-pgd', PGD, 'check-fgsm');
export const shiftSensitivity = drop('shift-sensitivity', ['clean'], 'check-shift');
export const noiseSensitivity = drop('noise-sensitivity', ['clean'], 'check-noise');

export const hugeRadius: Check = (findings) => {
  const found = countsOf(findings, ['check-huge']);
  return found ? shareFinding('huge-radius', found.counts[0], found.samples) : { notRun: findings.notProbed };
};

export const largerRadius: Check = (findings) => {
  const base = PGD.find((name) => findings.holds.has(name)) ?? PGD[0];
  const found = countsOf(findings, ['check-pgd-half', base, 'check-pgd-double']);
  if (!found) return { notRun: findings.notProbed };
  const [half, whole, double] = found.counts;
  return shareFinding('larger-radius', Math.max(whole - half, double - whole), found.samples);
};

/** AutoAttack's gradient attacks, which have to have tried before Square's success says anything. */
const WHITE_BOX: readonly AttackId[] = ['apgd-ce', 'apgd-t', 'fab-t'];

export const blackBoxWins: Check = ({ holds }) => {
  const square = holds.get('square');
  const missing = WHITE_BOX.filter((id) => !holds.has(id));
  if (!square) return { notRun: 'square was not run; level standard runs it' };
  if (missing.length) return { notRun: `${missing.join(', ')} did not run beside square` };
  const others = [...holds].filter(([id]) => {
    const info = id in ATTACK_INFO ? ATTACK_INFO[id as AttackId] : undefined;
    return id === 'clean' || (info?.bounded && !info.targeted && id !== 'square');
  });
  const broken = square.map((held, i) => !held && others.every(([, list]) => list[i] !== false));
  return shareFinding('black-box-wins', count(broken), square.length);
};
