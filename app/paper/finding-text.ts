/** Findings in words: measured values with their intervals, and whether a claim holds. */
import type { Finding } from '@/lib/paper/claims';
import type { Depth } from '@/lib/paper/depth';
import type { Estimate } from '@/lib/paper/interval';
import { percent, significant } from '../_ui/format';

const SHOWN = {
  plain: { number: significant, unit: '' },
  share: { number: percent, unit: ' %' },
  radians: { number: (v: number) => v.toFixed(2), unit: ' rad' },
} as const;

/** “0.52 ± 0.10”, or the value alone where one seed was run. */
export function estimateText({ unit, estimate }: { unit: keyof typeof SHOWN; estimate: Estimate | undefined }): string {
  if (!estimate) return 'not run';
  const { number, unit: words } = SHOWN[unit];
  return `${number(estimate.mean)}${estimate.half === null ? '' : ` ± ${number(estimate.half)}`}${words}`;
}

export type Verdict = 'holds' | 'in part' | 'no' | 'undecided' | 'not run';

export function verdictOf({ held, seeds, undecided }: Finding): Verdict {
  if (seeds === 0) return undecided > 0 ? 'undecided' : 'not run';
  return held === seeds ? 'holds' : held === 0 ? 'no' : 'in part';
}

export function verdictText(finding: Finding): string {
  const { held, seeds, undecided } = finding;
  const of = `${held} of ${seeds} seeds`;
  const told = {
    holds: seeds === 1 ? 'Holds for the one seed' : `Holds for all ${seeds} seeds`,
    'in part': `Holds for ${of}`,
    no: seeds === 1 ? 'Does not hold for the one seed' : 'Does not hold',
    undecided: 'Can’t be told',
    'not run': 'Not run',
  }[verdictOf(finding)];
  return seeds > 0 && undecided > 0 ? `${told}; can’t be told of ${undecided}` : told;
}

/** What is so near to what is asked for that other seeds might say otherwise; undefined of nothing. */
export const nearText = ({ near }: Finding): string | undefined =>
  near.length ? `A near thing: the interval of ${near.join('; of ')} reaches across what is asked for.` : undefined;

/** What the layers of one way of training show, in a sentence. */
export function depthText({ bestEarly, lastLayer, nc1 }: Depth): string {
  const share = (estimate: Estimate | undefined) => estimateText({ unit: 'share', estimate });
  const ends = ({ first, last }: Depth['nc1']['pgd']) =>
    `from ${estimateText({ unit: 'plain', estimate: first })} to ${estimateText({ unit: 'plain', estimate: last })}`;
  return (
    `of perturbed test images the best of the first half’s layers has centres that name ${share(bestEarly)} rightly, the last layer’s name ${share(lastLayer)}; ` +
    `from the first learnt layer to the last NC1 goes ${ends(nc1.clean)} clean, ${ends(nc1.pgd)} under PGD.`
  );
}
