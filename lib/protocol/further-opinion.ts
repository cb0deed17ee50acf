/**
 * Whether somebody else is to measure a version as well: to decide where approved runs disagree, or to be the second GPU of
 * another owner that makes it double-verified. Asked for only where there is a runner that could.
 */
import type { StandingState } from './standing';

/** Who measured, or could. */
export interface Measurer {
  /** Of the runner; one name for everything that this installation measures by itself. */
  owner: string;
  /** Of its GPU; null without one. */
  architecture: string | null;
}

/** Whose opinion would add nothing. */
export interface Excluded {
  owners: string[];
  /** Null: any hardware will do. Else a GPU, and none of these. */
  architectures: string[] | null;
}

export interface FurtherOpinion {
  why: 'decide' | 'second';
  excluded: Excluded;
}

export const isExcluded = ({ owner, architecture }: Measurer, { owners, architectures }: Excluded): boolean =>
  owners.includes(owner) || (architectures !== null && (architecture === null || architectures.includes(architecture)));

/**
 * @param opinions who has measured it in full, and may verify
 * @param submitter never its own judge; null where the account is gone
 * @param candidates approved runners that have been heard of lately
 */
export function furtherOpinion(
  state: StandingState | null,
  opinions: readonly Measurer[],
  submitter: string | null,
  candidates: readonly Measurer[],
): FurtherOpinion | undefined {
  if (state !== 'contested' && state !== 'verified') return undefined;
  const second = state === 'verified';
  const that = second ? opinions.filter((o) => o.architecture !== null) : opinions;
  const excluded: Excluded = {
    owners: [...new Set([...that.map((o) => o.owner), ...(submitter === null ? [] : [submitter])])],
    architectures: second ? [...new Set(that.flatMap((o) => o.architecture ?? []))] : null,
  };
  if (!candidates.some((c) => !isExcluded(c, excluded))) return undefined;
  return { why: second ? 'second' : 'decide', excluded };
}
