/** Checks that compare attacks: one that knows less, or does less, must not do better than one that knows or does more. */
import { ATTACK_INFO, type AttackId, isRanking } from '../attacks/catalogue';
import type { ConfidenceCheckId } from './catalogue';
import { type Check, count, dropFinding, type Finding, type Findings, outcomesOf, shareFinding } from './finding';

/** Whether the first condition holds more often than the second. */
const drop =
  (id: ConfidenceCheckId, first: readonly string[], second: string): Check =>
  (findings) => {
    const base = first.find((name) => findings.holds.has(name)) ?? first[0];
    const outcomes = outcomesOf(findings, [base, second]);
    return outcomes ? dropFinding(id, outcomes) : { notRun: findings.notProbed };
  };

/** A probe where there is one, else the run's own condition, which it would only repeat. */
const PGD = ['check-pgd', 'pgd-10'];

export const fgsmBeatsPgd = drop('fgsm-beats-pgd', PGD, 'check-fgsm');
export const shiftSensitivity = drop('shift-sensitivity', ['clean'], 'check-shift');
export const noiseSensitivity = drop('noise-sensitivity', ['clean'], 'check-noise');

export const hugeRadius: Check = (findings) => {
  const held = findings.holds.get('check-huge');
  return held ? shareFinding('huge-radius', count(held), held.length) : { notRun: findings.notProbed };
};

export const largerRadius: Check = (findings) => {
  const base = PGD.find((name) => findings.holds.has(name)) ?? PGD[0];
  const outcomes = outcomesOf(findings, ['check-pgd-half', base, 'check-pgd-double']);
  if (!outcomes) return { notRun: findings.notProbed };
  const [half, whole, double] = outcomes;
  const rises = [dropFinding('larger-radius', [whole, half]), dropFinding('larger-radius', [double, whole])];
  // The one that is further above its threshold, or less far below.
  const excess = (rise: Finding) => ('notRun' in rise ? 0 : rise.value - rise.threshold);
  return excess(rises[1]) > excess(rises[0]) ? rises[1] : rises[0];
};

/** AutoAttack's gradient attacks, which have to have tried before Square's success says anything. */
const WHITE_BOX: readonly AttackId[] = ['apgd-ce', 'apgd-t', 'fab-t'];

type Holds = Findings['holds'];

/** Conditions of a run that count into robust accuracy, the clean images among them; probes do not. */
const counts = (name: string) => name === 'clean' || (name in ATTACK_INFO && isRanking(name as AttackId));

/** Images that the condition breaks and none of the others does, as far as those were run on them. */
function onlyBreaks(holds: Holds, condition: string, isOther: (name: string) => boolean): number {
  const others = [...holds].flatMap(([name, list]) => (name !== condition && isOther(name) ? [list] : []));
  return count((holds.get(condition) ?? []).map((held, i) => !held && others.every((list) => list[i] !== false)));
}

/** Images that only this probe breaks, of those that it was run on: every attack along the network's own gradients has failed there. */
const behind =
  (id: ConfidenceCheckId, probe: string): Check =>
  ({ holds, notProbed }) => {
    const climbs = (name: string) => name.startsWith('check-apgd-') || (counts(name) && name !== 'square');
    const held = holds.get(probe);
    return held ? shareFinding(id, onlyBreaks(holds, probe, climbs), held.length) : { notRun: notProbed };
  };

/** Per image, as the score is: what 100 steps break and 200 do not takes nothing back. */
export const noConvergence = behind('no-convergence', 'check-apgd-200');
export const smoothReplacement = behind('smooth-replacement', 'check-smooth');
export const transferWins: Check = (findings) =>
  findings.noSurrogate !== undefined && !findings.holds.has('check-transfer')
    ? { notRun: findings.noSurrogate }
    : behind('transfer-wins', 'check-transfer')(findings);

/** Networks that could not be altered say nothing; beyond this share the test does not either. */
const MOST_UNALTERED = 0.1;

/** Images on which an attack that must succeed does not. */
export const attackUnitTest: Check = ({ mustBreak, notProbed }) => {
  if (!mustBreak) return { notRun: notProbed };
  const samples = mustBreak.length;
  const altered = mustBreak.filter((outcome) => outcome > 0).length;
  if (altered === 0) return { notRun: 'the last layer could not be altered so that it must break' };
  if (samples - altered > MOST_UNALTERED * samples)
    return { notRun: `on ${samples - altered} of ${samples} images the last layer could not be altered so that it must break` };
  return shareFinding('attack-unit-test', mustBreak.filter((outcome) => outcome === 1).length, samples);
};

/** Probes within the board's own ball. */
const OWN_BALL = ['check-pgd', 'check-fgsm', 'check-apgd-100', 'check-apgd-200', 'check-smooth', 'check-transfer'];

/**
 * Images that count as robust, and that a probe of the checks has broken within the same ball: what the score would be lower by, had the
 * probes been attacks of the run. Undefined where no probe ran.
 */
export function brokenBesides(holds: Holds): { broken: number; samples: number } | undefined {
  const probes = OWN_BALL.flatMap((name) => {
    const list = holds.get(name);
    return list?.length ? [list] : [];
  });
  if (probes.length === 0) return undefined;
  const counted = [...holds].flatMap(([name, list]) => (counts(name) ? [list] : []));
  const samples = Math.min(...probes.map((list) => list.length));
  const broken = probes[0].slice(0, samples).map((_, i) => counted.every((list) => list[i] !== false) && probes.some((list) => !list[i]));
  return { broken: count(broken), samples };
}

/** Images that Square breaks after every other attack in the ball has failed on them; `holds` of the run's conditions. */
export const onlySquareBreaks = (holds: Holds): number => onlyBreaks(holds, 'square', counts);

export const blackBoxWins: Check = ({ holds }) => {
  const square = holds.get('square');
  const missing = WHITE_BOX.filter((id) => !holds.has(id));
  if (!square) return { notRun: 'square was not run; level standard runs it' };
  if (missing.length) return { notRun: `${missing.join(', ')} did not run beside square` };
  return shareFinding('black-box-wins', onlySquareBreaks(holds), square.length);
};
