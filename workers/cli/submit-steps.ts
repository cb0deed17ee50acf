/** The way of a submission over the public API: begun or found again, files sent, checked, the claim added, published. */
import { z } from 'zod';
import { SiteRefusal } from '../site-api';
import type { SubmitArguments } from './submit-arguments';
import type { ModelToSend, Part } from './submit-model';
import type { Site } from './submit-site';

const submissionSchema = z.object({
  versionId: z.uuid(),
  slug: z.string().regex(/^[a-z0-9-]+$/),
  number: z.number().int().positive(),
  state: z.enum(['uploading', 'draft', 'public', 'refused']),
  missing: z.array(z.string()),
});
type Submission = z.infer<typeof submissionSchema>;

const addedRunSchema = z.object({ runId: z.uuid(), known: z.boolean(), kind: z.string(), state: z.string().nullable() });

export interface Submitted {
  submission: Submission;
  run?: z.infer<typeof addedRunSchema>;
}

export interface StepWorld {
  site: Site;
  /** For idempotency: of one run of the command, so that another run is told how things stand now. */
  newKey(): string;
  log(line: string): void;
  onSent(sent: { files: number; bytes: number }, total: { files: number; bytes: number }): void;
}

/** A file may have got lost at the site since it came; it says which. */
const ROUNDS = 3;

/** The body of POST /submissions. */
export const requestOf = ({ description, board }: SubmitArguments, { sha256, parts }: ModelToSend) => ({
  ...description,
  board: board.id,
  sha256,
  files: parts.map(({ path, sha256: hash, bytes }) => ({ path, sha256: hash, bytes })),
});

export async function submit(args: SubmitArguments, model: ModelToSend, report: string | undefined, world: StepWorld): Promise<Submitted> {
  const { site, newKey, log } = world;
  const post = (path: string, body?: string) =>
    site.ask({ method: 'POST', path, ...(body === undefined ? {} : { type: 'application/json', body }), idempotencyKey: newKey() });
  let submission = read(submissionSchema, await post('/submissions', JSON.stringify(requestOf(args, model))));
  const at = `/submissions/${submission.versionId}`;
  for (let round = 1; submission.state === 'uploading'; round++) {
    await sendMissing(submission, model.parts, world);
    log('the site checks the files');
    try {
      submission = read(submissionSchema, await post(`${at}/check`));
    } catch (error) {
      if (!(error instanceof SiteRefusal && error.code === 'files-missing') || round === ROUNDS) throw error;
      log(error.message);
      submission = read(submissionSchema, await site.ask({ method: 'GET', path: at }));
    }
  }
  // Before it is public, so that it is never seen there without its numbers.
  const run = report === undefined ? undefined : read(addedRunSchema, await post('/runs', report));
  if (run) log(run.known ? 'the site has this report already' : `the report was added as a ${run.kind}`);
  if (args.publish && submission.state === 'draft') submission = read(submissionSchema, await post(`${at}/publish`));
  return { submission, ...(run ? { run } : {}) };
}

async function sendMissing(submission: Submission, parts: readonly Part[], { site, onSent, log }: StepWorld): Promise<void> {
  const byHash = new Map(parts.map((p) => [p.sha256, p]));
  const wanted = submission.missing.map((hash) => {
    const part = byHash.get(hash);
    if (!part) throw new SiteRefusal('not-the-api', `the site asks for file ${hash}, which is not among those of this model`);
    return part;
  });
  const known = byHash.size - wanted.length;
  if (known > 0) log(`${known} of ${byHash.size} files are there already`);
  const total = { files: wanted.length, bytes: wanted.reduce((n, p) => n + p.bytes, 0) };
  const sent = { files: 0, bytes: 0 };
  for (const { sha256, bytes, content } of wanted) {
    const path = `/submissions/${submission.versionId}/files/${sha256}`;
    await site.ask({ method: 'PUT', path, type: 'application/octet-stream', body: content });
    sent.files++;
    sent.bytes += bytes;
    onSent({ ...sent }, total);
  }
}

function read<T extends z.ZodType>(schema: T, body: unknown): z.infer<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new SiteRefusal(
    'not-the-api',
    `the site's answer is not that of API version 1: ${issue.path.join('.') || 'body'}: ${issue.message}`,
  );
}
