/**
 * A submission's way to the site, step by step: begun, files sent one by one, checked, measured here if wished, the report
 * added, published. It can break off anywhere; what was reached is kept, and the next call goes on from there.
 */
import type { SiteAnswer, SiteProblem } from './site-client';

export type SendStep = 'begin' | 'upload' | 'check' | 'measure' | 'claim' | 'publish';

/** As the API answers (submissionSchema). */
export interface Submission {
  versionId: string;
  slug: string;
  number: number;
  state: 'uploading' | 'draft' | 'public' | 'refused' | 'hidden';
  /** Hashes of files that are still to be sent. */
  missing: string[];
}

/** What has been reached. */
export interface Kept {
  submission?: Submission;
  /** The model's name on the site: an earlier one, where the same weights had been begun before. */
  name?: string;
  /** The report's exact bytes. */
  report?: string;
  /** State of the row that the report made. */
  claimed?: string | null;
}

export interface Plan {
  /** Body of POST /submissions. */
  request: Record<string, unknown>;
  files: readonly { path: string; sha256: string; bytes: number }[];
  claim: boolean;
  publish: boolean;
}

export interface SendWorld {
  ask(method: 'GET' | 'POST', path: string, body?: string): Promise<SiteAnswer>;
  /** The bytes of one file; `onSent` hears how many have left. */
  put(path: string, sha256: string, onSent: (bytes: number) => void): Promise<SiteAnswer>;
  /** Measures the model here and gives the report's bytes; rejects with a sentence. */
  measure(): Promise<string>;
  wait(ms: number): Promise<void>;
  onStep(step: SendStep): void;
  onBytes(sent: number): void;
  onKept(kept: Kept): void;
  signal: AbortSignal;
}

export type SendOutcome = { ok: true; kept: Kept } | { ok: false; step: SendStep; problem: SiteProblem; kept: Kept };

/** Steps that a plan has, in order. */
export const stepsOf = ({ claim, publish }: Pick<Plan, 'claim' | 'publish'>): SendStep[] => [
  'begin',
  'upload',
  'check',
  ...(claim ? (['measure', 'claim'] as const) : []),
  ...(publish ? (['publish'] as const) : []),
];

/** Outages pass; each is tried again after these waits. */
const WAITS_MS = [1000, 4000];
const PASSING = new Set(['unreachable', 'store-unavailable', 'database-unavailable', 'too-many-requests', 'under-way']);
/** Nobody is kept waiting longer for a limit to end. */
const LONGEST_WAIT_S = 20;

class Broken extends Error {
  constructor(readonly problem: SiteProblem) {
    super(problem.message);
  }
}

export async function send(plan: Plan, world: SendWorld, before: Kept = {}): Promise<SendOutcome> {
  let kept = before;
  let step = 'begin' as SendStep;
  const go = (next: SendStep) => {
    step = next;
    world.onStep(next);
  };
  const keep = (more: Kept) => {
    kept = { ...kept, ...more };
    world.onKept(kept);
  };
  const submissionFrom = (body: unknown): Submission => {
    const submission = body as Submission;
    keep({ submission });
    return submission;
  };

  try {
    go('begin');
    let submission = submissionFrom(await begun(plan, world, kept));
    if (kept.name === undefined) keep(await nameOf(world, submission));
    for (let round = 0; submission.state === 'uploading'; round++) {
      go('upload');
      submission = await upload(plan, world, submission, submissionFrom);
      go('check');
      const checked = await sure(world, () => world.ask('POST', `/submissions/${submission.versionId}/check`), ['files-missing']);
      if (checked.ok) submission = submissionFrom(checked.body);
      // A file that the site has lost since: it says which, and takes it again.
      else if (round === 2) throw new Broken(checked.problem);
      else submission = submissionFrom(await given(world, 'GET', `/submissions/${submission.versionId}`));
    }
    if (plan.claim && kept.claimed === undefined) {
      if (kept.report === undefined) {
        go('measure');
        keep({ report: await world.measure() });
      }
      go('claim');
      const added = (await given(world, 'POST', '/runs', kept.report)) as { state: string | null };
      keep({ claimed: added.state });
    }
    if (plan.publish && submission.state === 'draft') {
      go('publish');
      submissionFrom(await given(world, 'POST', `/submissions/${submission.versionId}/publish`));
    }
    return { ok: true, kept };
  } catch (error) {
    if (world.signal.aborted) return { ok: false, step, problem: { code: 'stopped', message: 'stopped' }, kept };
    if (error instanceof Broken) return { ok: false, step, problem: error.problem, kept };
    if (step !== 'measure') throw error;
    return { ok: false, step, problem: { code: 'not-measured', message: (error as Error).message }, kept };
  }
}

/** Where it stands: asked for by its number where that is known, else begun or found again by its weights. */
async function begun({ request }: Plan, world: SendWorld, { submission }: Kept): Promise<unknown> {
  if (submission) {
    const now = await sure(world, () => world.ask('GET', `/submissions/${submission.versionId}`), ['not-found']);
    if (now.ok && (now.body as Submission).state !== 'refused') return now.body;
  }
  return given(world, 'POST', '/submissions', JSON.stringify(request));
}

/** A model of which something is public keeps its details; the page says so. */
async function nameOf(world: SendWorld, { slug }: Submission): Promise<Kept> {
  const answer = await world.ask('GET', `/models/${slug}`);
  const name = answer.ok ? (answer.body as { name?: unknown }).name : undefined;
  return typeof name === 'string' ? { name } : {};
}

async function upload({ files }: Plan, world: SendWorld, start: Submission, take: (body: unknown) => Submission): Promise<Submission> {
  let submission = start;
  const left = () => new Set(submission.missing);
  const arrived = () => files.reduce((n, f) => n + (left().has(f.sha256) ? 0 : f.bytes), 0);
  world.onBytes(arrived());
  for (const { sha256 } of files) {
    if (!left().has(sha256)) continue;
    const before = arrived();
    const to = `/submissions/${submission.versionId}/files/${sha256}`;
    const answer = await sure(world, () => world.put(to, sha256, (sent) => world.onBytes(before + sent)));
    if (!answer.ok) throw new Broken(answer.problem);
    submission = take(answer.body);
    world.onBytes(arrived());
  }
  return submission;
}

async function given(world: SendWorld, method: 'GET' | 'POST', path: string, body?: string): Promise<unknown> {
  const answer = await sure(world, () => world.ask(method, path, body));
  if (!answer.ok) throw new Broken(answer.problem);
  return answer.body;
}

/** An answer that is one: outages are waited out; what is in `expected` is handed on, anything else breaks off. */
async function sure(world: SendWorld, ask: () => Promise<SiteAnswer>, expected: readonly string[] = []): Promise<SiteAnswer> {
  for (let attempt = 0; ; attempt++) {
    if (world.signal.aborted) throw new Broken({ code: 'stopped', message: 'stopped' });
    const answer = await ask();
    if (answer.ok || expected.includes(answer.problem.code)) return answer;
    const { code, retryAfterSeconds = 0 } = answer.problem;
    if (!PASSING.has(code) || attempt === WAITS_MS.length || retryAfterSeconds > LONGEST_WAIT_S) throw new Broken(answer.problem);
    await world.wait(Math.max(WAITS_MS[attempt], 1000 * retryAfterSeconds));
  }
}
