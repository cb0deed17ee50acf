/** What a spot check has shown of a claim: a note, not a state; it ranks nothing. */
import type { SpotCheck } from '@/db/schema';
import { count } from './format';

type Shown = Pick<SpotCheck, 'attacked' | 'robust' | 'broken' | 'verdict'>;

const WORDS = { passed: 'spot-checked', 'measure-in-full': 'spot check not passed' } as const;

export const spotWord = ({ verdict }: Pick<Shown, 'verdict'>) => (verdict ? WORDS[verdict] : 'spot check under way');

export function spotSentence({ attacked, robust, broken, verdict }: Shown): string {
  const called = `the ${count(robust)} images that the claim calls robust`;
  if (verdict === null && attacked === 0) return `Some of ${called} will be drawn by lot and attacked again.`;
  const so = `${count(attacked)} of ${called} were drawn by lot and attacked again, ${count(broken)} broke`;
  if (verdict === null) return `${so}; more are being attacked.`;
  return verdict === 'passed' ? `${so}. It doesn’t rank as verified.` : `${so}, more than rounding explains; it is measured in full.`;
}

export function SpotChecked({ check }: { check: Shown }) {
  return (
    <p className={`text-sm ${check.verdict === 'measure-in-full' ? 'text-warn' : 'text-muted'}`}>
      <strong className="font-medium">{spotWord(check)}</strong>: {spotSentence(check)}
    </p>
  );
}
