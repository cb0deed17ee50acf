/**
 * Where a version stands on a board under one protocol: a pure function of its non-revoked evidence, whatever the order it
 * came in. A browser's number is a claim; what is ranked has been measured in full by an approved runner whose owner is not
 * the submitter.
 */
import { agreement, type ComparableReport } from './agreement';
import type { Report } from './report';

export const STANDING_STATES = [
  'self-reported',
  'reproduced',
  'verified',
  'double-verified',
  'contested',
  'flagged',
  'disqualified',
] as const;
export type StandingState = (typeof STANDING_STATES)[number];

/**
 * Who measured, and why: a submitter's claim, somebody else's reproduction, a runner, this installation's own code; `curves`: a
 * runner, for its curves alone, so that no standing rests on it.
 */
export const RUN_KINDS = ['claim', 'reproduction', 'verification', 'baseline', 'curves'] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const RANKINGS = ['pgd', 'autoattack'] as const;
export type Ranking = (typeof RANKINGS)[number];

export interface EvidenceRun {
  id: string;
  kind: RunKind;
  /** Who sent it; null if unknown (a deleted account), which makes it nobody's confirmation. */
  accountId: string | null;
  /** Who owns the runner, where that is not the account. */
  ownerId?: string | null;
  /** GPU architecture; without one (a CPU) a run can't be half of a double verification. */
  architecture?: string | null;
  /** Not a preview (preview.ts). */
  full: boolean;
  /** The runner that signed it has an admin's approval. Baselines need none, nor does the installation's own runner. */
  approved: boolean;
  /** Measured by this installation's own runner. */
  byInstallation?: boolean;
  /** Ids of the report's flags that are raised (isRaised). */
  raisedFlags: readonly string[];
  /** When it arrived; any number that grows with time. */
  receivedAtMs: number;
  report: ComparableReport & Pick<Report, 'level'>;
}

export interface Decisions {
  /** Public reason. */
  disqualified?: string;
}

export interface Standing {
  state: StandingState;
  ranked: boolean;
  rankings: Ranking[];
  /** The run whose numbers the row shows. */
  runId: string;
  /** Runs that the state rests on, earliest first. */
  basis: string[];
  /** Approved runs that a majority disagrees with. */
  outvoted: string[];
  /** Flags that runs of the basis raise. */
  raisedFlags: string[];
  /** Verified by this installation's own code alone: to be labelled so. */
  byInstallation: boolean;
  /** Why, where a state needs a reason. */
  reason?: string;
}

/** Accounts other than the submitter that have to agree with a claim. */
const REPRODUCTIONS = 2;
/** Fewer shared test samples reproduce nothing. */
export const REPRODUCTION_SAMPLES = 100;

/** Nobody's account: everything that this installation measures by itself has one voice. */
const INSTALLATION = ' installation';
const isInstallations = ({ kind, byInstallation }: EvidenceRun) => kind === 'baseline' || byInstallation === true;
const ownerOf = (run: EvidenceRun) => (isInstallations(run) ? INSTALLATION : (run.ownerId ?? run.accountId ?? ''));

/** Attacks whose per-sample minimum is ranked: a run without one of them, however large, has no robust accuracy to rank. */
const RANKED_ATTACKS = ['pgd-10', 'pgd-margin'] as const;
const has = (run: EvidenceRun, attack: string) => run.report.evidence[attack] !== undefined;

/** A full run by somebody who may verify: this installation's code, or an approved runner that isn't the submitter's. */
function verifies(run: EvidenceRun, submitterId: string | null): boolean {
  if (!run.full || !RANKED_ATTACKS.every((attack) => has(run, attack))) return false;
  if (run.kind === 'baseline') return true;
  if (run.kind !== 'verification' || !run.approved) return false;
  if (run.byInstallation) return true;
  return ownerOf(run) !== '' && ownerOf(run) !== submitterId && run.accountId !== submitterId;
}

/** Null without evidence that counts. `submitterId` null: the account is gone. */
export function standing(submitterId: string | null, runs: readonly EvidenceRun[], { disqualified }: Decisions = {}): Standing | null {
  if (runs.length === 0) return null;
  const agrees = (a: EvidenceRun, b: EvidenceRun) => relation(a, b) === 'agrees';
  const { upheld, outvoted, contested } = majority(runs.filter((run) => verifies(run, submitterId)));
  const reproduced = upheld.length > 0 ? noReproduction : reproductions(submitterId, runs);
  const own = runs.filter((run) => run.kind === 'baseline' || (run.kind === 'claim' && run.accountId === submitterId));
  const pools = [upheld, [...reproduced.claims, ...reproduced.others], own];
  const shown = pools.flatMap((pool) => [...pool].sort(byPreference).slice(0, 1))[0];
  // What a stranger alone measured says nothing in the submitter's name.
  if (!shown) return null;
  const basis = [...new Set(upheld.length > 0 ? upheld : [...reproduced.claims, ...reproduced.others, shown])].sort(byArrival);
  const raisedFlags = [...new Set(basis.flatMap((run) => run.raisedFlags))].sort();

  const double = upheld.some((a) => upheld.some((b) => isSecondOpinion(a, b) && agrees(a, b)));
  const checked: StandingState = reproduced.others.length > 0 ? 'reproduced' : 'self-reported';
  const verified: StandingState = upheld.length === 0 ? checked : double ? 'double-verified' : 'verified';
  const [state, reason]: [StandingState, string?] =
    disqualified !== undefined
      ? ['disqualified', disqualified]
      : contested
        ? ['contested', 'approved runs disagree, and no majority of their owners decides']
        : raisedFlags.length > 0
          ? ['flagged', `raised: ${raisedFlags.join(', ')}`]
          : [verified];
  const ranked = state === 'verified' || state === 'double-verified';
  return {
    state,
    ranked,
    rankings: RANKINGS.filter((ranking) => ranked && (ranking === 'pgd' || upheld.some((run) => run.report.level === 'standard'))),
    runId: shown.id,
    basis: basis.map((run) => run.id),
    outvoted: [...outvoted].sort(byArrival).map((run) => run.id),
    raisedFlags,
    byInstallation: upheld.length > 0 && upheld.every(isInstallations),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** Images of AutoAttack. */
const attackedBy = ({ report: { counts, level } }: EvidenceRun) =>
  level === 'standard' ? (counts.autoattackSamples ?? counts.samples) : 0;

const isBrowsers = ({ kind }: EvidenceRun) => kind === 'claim' || kind === 'reproduction';

/** Different owners, different GPU architectures, the same seed. */
const isSecondOpinion = (a: EvidenceRun, b: EvidenceRun) =>
  ownerOf(a) !== ownerOf(b) && !!a.architecture && !!b.architecture && a.architecture !== b.architecture && a.report.seed === b.report.seed;

function relation(a: EvidenceRun, b: EvidenceRun): 'agrees' | 'disagrees' | 'incomparable' {
  const result = agreement(a.report, b.report);
  return !result.comparable ? 'incomparable' : result.agrees ? 'agrees' : 'disagrees';
}

/**
 * Settles disagreement among runs that may verify. A run has the voice of each owner with a run that agrees with it: an
 * owner who measures again adds nothing. It is outvoted by a run that it disagrees with and that has more voices. Where
 * runs disagree that are not outvoted, the version is contested.
 */
function majority(runs: readonly EvidenceRun[]) {
  const relations = runs.map((a) => runs.map((b) => (a === b ? 'agrees' : relation(a, b))));
  const voices = relations.map((row) => new Set(runs.filter((_, j) => row[j] === 'agrees').map(ownerOf)).size);
  const isOutvoted = relations.map((row, i) => row.some((r, j) => r === 'disagrees' && voices[j] > voices[i]));
  const upheld = runs.filter((_, i) => !isOutvoted[i]);
  const contested = relations.some((row, i) => !isOutvoted[i] && row.some((r, j) => r === 'disagrees' && !isOutvoted[j]));
  return { upheld, outvoted: runs.filter((_, i) => isOutvoted[i]), contested };
}

const noReproduction = { claims: [] as EvidenceRun[], others: [] as EvidenceRun[] };

/** The submitter's claims that enough other accounts agree with, and the runs that do. */
function reproductions(submitterId: string | null, runs: readonly EvidenceRun[]): typeof noReproduction {
  const browsers = runs.filter(isBrowsers);
  const others = browsers.filter((run) => run.accountId !== null && run.accountId !== submitterId);
  const found = browsers
    .filter((run) => run.accountId === submitterId)
    .map((claim) => ({ claim, agreeing: others.filter((run) => reproduces(claim, run)) }))
    .filter(({ agreeing }) => new Set(agreeing.map((run) => run.accountId)).size >= REPRODUCTIONS);
  return { claims: found.map((f) => f.claim), others: found.flatMap((f) => f.agreeing) };
}

/** The same seed, so that the attacks are compared too, and every ranked attack that the claim has. */
function reproduces(claim: EvidenceRun, run: EvidenceRun): boolean {
  if (claim.report.seed !== run.report.seed || RANKED_ATTACKS.some((attack) => has(claim, attack) && !has(run, attack))) return false;
  const result = agreement(claim.report, run.report);
  return result.comparable && result.agrees && result.samples >= REPRODUCTION_SAMPLES;
}

const byArrival = (a: EvidenceRun, b: EvidenceRun) => a.receivedAtMs - b.receivedAtMs || (a.id < b.id ? -1 : 1);

/**
 * Whose numbers are shown among runs that count alike: full before preview, AutoAttack before PGD alone, more samples
 * before fewer, of AutoAttack too; of equals the earliest, so that repeating a measurement moves no row.
 */
const byPreference = (a: EvidenceRun, b: EvidenceRun) =>
  Number(b.full) - Number(a.full) ||
  Number(b.report.level === 'standard') - Number(a.report.level === 'standard') ||
  b.report.counts.samples - a.report.counts.samples ||
  attackedBy(b) - attackedBy(a) ||
  byArrival(a, b);
