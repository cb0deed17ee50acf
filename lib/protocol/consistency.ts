/**
 * Does a report agree with itself? Whatever follows from its bitmaps and counts is computed again, so that a report can't
 * claim a share that its own evidence denies. It says nothing about whether the bitmaps are true.
 */
import { ATTACK_INFO, type AttackId, isRanking, LEVEL_ATTACKS } from '../attacks/catalogue';
import { onlySquareBreaks } from '../confidence/attack-checks';
import { CHECKS, CONFIDENCE_CHECK_IDS, type ConfidenceCheckId } from '../confidence/catalogue';
import { GRADE_RULE, gradeOf } from '../confidence/grade';
import { thresholdOf } from '../confidence/threshold';
import { BOARDS } from './boards';
import { isAutoAttack, sharedCount, testCount } from './counts';
import { fromBase64, unpackBitmap } from './evidence';
import { wilson95 } from './interval';
import type { Report } from './report';

const close = (a: number, b: number) => Math.abs(a - b) <= 1e-9;

/** Sentences that name the field; empty if all of it fits. */
export function inconsistencies(report: Report): string[] {
  const { samples, autoattackSamples, trainSamples } = report.counts;
  const reasons: string[] = [];
  const check = (ok: boolean, reason: string) => {
    if (!ok) reasons.push(reason);
  };
  check(
    samples === 0 ? report.clean === null : report.clean !== null,
    `clean: expected ${samples === 0 ? 'null, no test image was measured' : 'a value'}`,
  );
  check(samples <= (report.data.test?.records ?? 0), `counts.samples: ${samples} images, of ${report.data.test?.records ?? 0}`);
  const runsAutoAttack = Object.keys(report.attacks).some(isAutoAttack);
  if (autoattackSamples !== undefined) {
    check(runsAutoAttack, 'counts.autoattackSamples: expected none, since no attack of AutoAttack was run');
    const fits = autoattackSamples >= 1 && autoattackSamples <= samples;
    check(fits, `counts.autoattackSamples: expected 1 to ${samples} images, got ${autoattackSamples}`);
  }
  check(
    trainSamples <= (report.data.train?.records ?? 0),
    `counts.trainSamples: ${trainSamples} images, of ${report.data.train?.records ?? 0}`,
  );
  const unproven = LEVEL_ATTACKS[report.level].filter((id) => ATTACK_INFO[id].onStanding && report.evidence[id] === undefined);
  check(unproven.length === 0, `level: ${report.level}, but AutoAttack's evidence is missing: ${unproven.join(', ')}`);
  const board = BOARDS.get(report.board);
  for (const [id, { linfMax, l2Max }] of Object.entries(report.attacks)) {
    const size = board?.norm === 'linf' ? linfMax : l2Max;
    const inside = !board || !ATTACK_INFO[id as AttackId].bounded || size <= board.epsilon * (1 + 1e-5);
    check(inside, `attacks.${id}: its images are ${size} away, outside the ball of ${board?.epsilonLabel}`);
  }
  for (const [condition, values] of Object.entries(report.collapse ?? {}))
    check(values.rank < report.model.classes, `collapse.${condition}.rank: ${values.rank} of at most ${report.model.classes - 1}`);
  const parts: [string, { accuracy: number; correct: number }][] = [
    ...(report.clean ? [['clean', report.clean] as [string, Report['clean'] & object]] : []),
    ...Object.entries(report.attacks),
  ];
  if (report.outputs) {
    check(samples > 0, 'outputs: expected none, no test image was measured');
    const [predictions, ambiguous] = [fromBase64(report.outputs.predictions), fromBase64(report.outputs.ambiguous)];
    check(predictions.length === samples, `outputs.predictions: ${predictions.length} bytes, expected ${samples}`);
    const largest = predictions.reduce((most, c) => Math.max(most, c), 0);
    check(largest < report.model.classes, `outputs.predictions: class ${largest} of ${report.model.classes}`);
    check(ambiguous.length === Math.ceil(samples / 8), `outputs.ambiguous: ${ambiguous.length} bytes, expected ${Math.ceil(samples / 8)}`);
    const share = report.flags.find(({ id }) => id === 'ambiguous')?.value;
    const marked = unpackBitmap(ambiguous, samples).reduce((n, b) => n + b, 0);
    check(share !== undefined && close(share, marked / samples), `flags: ambiguous: expected ${marked} of ${samples} images`);
  }
  const held = new Map<string, Uint8Array>();
  for (const [condition, { accuracy, correct }] of parts) {
    const images = testCount(condition, report.counts);
    check(correct <= images && close(accuracy, correct / images), `${condition}.accuracy: ${correct} of ${images} is not ${accuracy}`);
    const bitmap = report.evidence[condition];
    if (bitmap === undefined) {
      reasons.push(`evidence.${condition}: missing`);
      continue;
    }
    const bytes = fromBase64(bitmap);
    if (bytes.length !== Math.ceil(images / 8)) {
      reasons.push(`evidence.${condition}: ${bytes.length} bytes, expected ${Math.ceil(images / 8)} for ${images} images`);
      continue;
    }
    const bits = unpackBitmap(bytes, images);
    held.set(condition, bits);
    const counted = bits.reduce((n, b) => n + b, 0);
    check(counted === correct, `evidence.${condition}: ${counted} images are marked correct, ${condition}.correct says ${correct}`);
  }
  for (const name of Object.keys(report.evidence))
    check(
      parts.some(([condition]) => condition === name),
      `evidence.${name}: there is no such condition in the report`,
    );
  reasons.push(...confidenceReasons(report, held));
  return reasons.length ? reasons : robustReasons(report, held);
}

/** Every check is there with its threshold for its count, raised where its value says so; the flags are those that ran, the grade follows. */
function confidenceReasons({ confidence, flags, robust, counts }: Report, held: ReadonlyMap<string, Uint8Array>): string[] {
  if (!confidence) return [];
  const { grade, ruleVersion, checks } = confidence;
  if (ruleVersion !== GRADE_RULE)
    return [`confidence.ruleVersion: ${ruleVersion}, but this version grades by rule ${GRADE_RULE}; evaluate again with it`];
  const missing = CONFIDENCE_CHECK_IDS.filter((id) => checks.filter((check) => check.id === id).length !== 1);
  if (missing.length || checks.length !== CONFIDENCE_CHECK_IDS.length)
    return [`confidence.checks: expected each of ${CONFIDENCE_CHECK_IDS.join(', ')} once`];
  const reasons = checks.flatMap((check) => {
    const { id, value, threshold, raised, samples = 0 } = check;
    const where = `confidence.checks.${id}`;
    const expected = value === null ? CHECKS[id as ConfidenceCheckId].threshold : thresholdOf(id as ConfidenceCheckId, check);
    return [
      ...(close(threshold, expected) ? [] : [`${where}.threshold: ${threshold}, expected ${expected} for ${samples} images`]),
      ...(samples <= Math.max(counts.samples, counts.trainSamples) ? [] : [`${where}.samples: ${samples}, more than were measured`]),
      ...(raised === (value !== null && value > threshold)
        ? []
        : [`${where}.raised: ${raised}, but ${value} is to be compared with ${threshold}`]),
    ];
  });
  const square = checks.find(({ id }) => id === 'black-box-wins');
  if (square?.value != null) {
    const only = onlySquareBreaks(new Map([...held].map(([id, bits]) => [id, Array.from(bits, (bit) => bit === 1)])));
    const images = held.get('square')?.length ?? 0;
    if (square.samples !== images || !close(square.value * images, only))
      reasons.push(
        `confidence.checks.black-box-wins: ${square.value}, but by the evidence Square alone breaks ${only} of ${images} images`,
      );
  }
  const ran = checks.flatMap(({ id, value, threshold }) => (value === null ? [] : [`${id} ${value} ${threshold}`]));
  const named = flags.map(({ id, value, threshold }) => `${id} ${value} ${threshold}`);
  if (ran.sort().join() !== named.sort().join()) reasons.push('flags: expected the checks of confidence that ran, with their values');
  const expected = gradeOf(checks, robust !== undefined);
  if (grade !== expected) reasons.push(`confidence.grade: ${grade}, but its checks give ${expected}`);
  return reasons;
}

/** Images that each attack takes from those that the ones before it left, in the order of the keys. */
function brokenInOrder(brokenBy: Record<string, number>, held: ReadonlyMap<string, Uint8Array>, samples: number): Map<string, number> {
  const alive = Uint8Array.from(held.get('clean') ?? new Uint8Array(samples));
  const broken = new Map<string, number>();
  for (const id of Object.keys(brokenBy)) {
    const bits = held.get(id);
    let n = 0;
    for (let i = 0; bits && i < samples; i++)
      if (alive[i] && !bits[i]) {
        alive[i] = 0;
        n++;
      }
    broken.set(id, n);
  }
  return broken;
}

function robustReasons({ robust, counts }: Report, held: ReadonlyMap<string, Uint8Array>): string[] {
  const counted = [...held].filter(([condition]) => condition === 'clean' || isRanking(condition as never));
  if (counted.length < 2 || !held.has('clean')) return robust ? ['robust: expected none, since no ranked attack was run'] : [];
  if (!robust) return ['robust: missing'];
  const samples = sharedCount(
    counted.map(([condition]) => condition),
    counts,
  );
  const correct = Array.from({ length: samples }, (_, i) => counted.every(([, bits]) => bits[i])).filter(Boolean).length;
  const [low, high] = wilson95(correct, samples) ?? [0, 1];
  const reasons: string[] = [];
  const broken = brokenInOrder(robust.brokenBy, held, samples);
  const named = Object.keys(robust.brokenBy).sort().join();
  const ran = counted.map(([condition]) => condition).filter((c) => c !== 'clean');
  if (named !== [...ran].sort().join()) reasons.push(`robust.brokenBy: names ${named || 'nothing'}; expected ${ran.join(', ')}`);
  else if (Object.entries(robust.brokenBy).some(([id, n]) => broken.get(id) !== n))
    reasons.push(`robust.brokenBy: expected ${[...broken].map(([id, n]) => `${id} ${n}`).join(', ')}`);
  if (robust.correct !== correct) reasons.push(`robust.correct: ${robust.correct}, but ${correct} images hold in every bitmap`);
  if (!close(robust.accuracy, correct / samples)) reasons.push(`robust.accuracy: ${correct} of ${samples} is not ${robust.accuracy}`);
  if (!close(robust.interval95[0], low) || !close(robust.interval95[1], high))
    reasons.push(`robust.interval95: expected [${low}, ${high}] (Wilson)`);
  return reasons;
}
