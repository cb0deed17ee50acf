/** What a runner sends at a job's end: checked, kept and counted together with the end of its job. */
import { createRoute, z } from '@hono/zod-openapi';
import { and, eq } from 'drizzle-orm';
import type { Db } from '@/db/client';
import { askForAnother } from '@/db/queries/further-opinions';
import { addRunIn } from '@/db/queries/runs';
import { keptSpotResult } from '@/db/queries/spot-checks';
import { keptJudgement } from '@/db/queries/witnesses';
import { complete, heldJob } from '@/db/queue/leases';
import { type Runner, runners, runs } from '@/db/schema';
import { verifyAttestation } from '@/lib/protocol/attestation';
import { CHECK_SAMPLES, PROBED_CHECKS } from '@/lib/protocol/probes';
import { writeMeasured } from '../letters';
import { acceptableReport } from './acceptable-report';
import { askedFor, curvesAskedFor } from './asked-for';
import { checkById, keepCheck } from './checking';
import type { Api } from './frame';
import { keepJudgement } from './judging';
import { Problem } from './problem';
import { json, refusals } from './reading';
import { leaseLost, runnerOf } from './runner-callers';
import { keepSpot } from './spotting';

const id = z.object({ id: z.uuid() });

/** What became of a result: a run, the judgement of a witness file, or where a spot check stands (`state`). */
const resultSchema = z.object({
  runId: z.uuid().optional(),
  state: z.string().nullable().optional(),
  broken: z.number().int().optional(),
  first: z.number().int().optional(),
  ambiguous: z.number().int().optional(),
  held: z.number().int().optional(),
});

export function addResults(api: Api): void {
  api.openapi(
    createRoute({
      method: 'post',
      path: '/jobs/{id}/result',
      summary: 'The signed report of a job, the signed verdict on its witnesses, or the signed result of a spot check',
      request: {
        params: id,
        body: {
          required: true,
          content: {
            'application/json': {
              schema: z.unknown().openapi({
                description:
                  'a report (report/1), a verdict (witness-verdict/1) or the result of a spot check (spot-check/1); X-Signature is over its exact bytes',
              }),
            },
          },
        },
      },
      responses: { 201: json(resultSchema, 'the run, or the outcomes counted'), ...refusals },
    }),
    async (c) => {
      const { id: jobId } = c.req.valid('param');
      const bytes = new Uint8Array(await c.req.arrayBuffer());
      const { db, runner } = await runnerOf(c, z.uuid().safeParse(c.req.header('x-runner')).data ?? 'X-Runner');
      const signature = c.req.header('x-signature') ?? '';
      if (!(await verifyAttestation(bytes, Buffer.from(signature, 'base64'), Buffer.from(runner.publicKey, 'base64'))))
        throw new Problem('wrong-signature', 'X-Signature: it does not hold for these bytes under the runner’s key');
      return c.json(await keepResult(db, jobId, runner, signature, new TextDecoder().decode(bytes)), 201);
    },
  );
}

/** The run and the end of its job, together or not at all. A result that the job did not ask for is none. */
async function keepResult(db: Db, jobId: string, runner: Runner, signature: string, text: string) {
  const check = await checkById(db, jobId, runner.id);
  if (check) {
    const outcome = await keepCheck(db, check, signature, text);
    if (!outcome) throw leaseLost();
    return { state: outcome };
  }
  const held = await heldJob(db, jobId, runner.id);
  if (!held) {
    const known = await keptResult(db, runner.id, signature);
    if (known) return known;
    throw leaseLost();
  }
  if (held.kind === 'witness') {
    const judged = await keepJudgement(db, jobId, held, runner, signature, text);
    if (judged === 'lost') throw leaseLost();
    return judged;
  }
  if (held.kind === 'spot') {
    const check = await keepSpot(db, jobId, held, runner, signature, text);
    if (check === 'lost') throw leaseLost();
    return { state: check.verdict ?? 'draw-more' };
  }
  const { report, version } = await acceptableReport(text, { accountId: '', role: 'admin' });
  const asked = held.kind === 'curves' ? await curvesAskedFor(db, held) : await askedFor(db, held);
  const differs = (what: string, got: unknown, wanted: unknown) => {
    if (got !== wanted) throw new Problem('other-job', `${what}: ${String(got)}, the job asked for ${String(wanted)}`);
  };
  differs('model', version.id, held.versionId);
  differs('board', report.board, held.board);
  for (const key of ['protocol', 'level', 'seed', 'restarts'] as const) differs(key, report[key], asked?.[key]);
  for (const key of ['samples', 'autoattackSamples', 'trainSamples'] as const) differs(`counts.${key}`, report.counts[key], asked?.[key]);
  if (held.kind === 'curves' && !report.curves) throw new Problem('other-job', 'curves: they are missing');
  if (asked && 'checks' in asked && asked.checks) {
    const images = Math.min(CHECK_SAMPLES, asked.samples);
    const ran = (id: string) =>
      report.confidence?.checks.some((check) => check.id === id && check.value !== null && check.samples === images);
    const missing = PROBED_CHECKS.filter((id) => !ran(id));
    if (missing.length)
      throw new Problem('other-job', `confidence: ${missing.join(', ')} did not run on ${images} images; the runner may need an update`);
  }
  for (const attack of asked?.attacks ?? [])
    if (!(attack in report.evidence)) throw new Problem('other-job', `evidence.${attack}: it is missing`);
  const kept = await db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db;
    // Its key may be being revoked just now; whoever comes second sees the other. Then the version, as everywhere, then the job.
    const [signer] = await tx.select({ revokedAt: runners.revokedAt }).from(runners).where(eq(runners.id, runner.id)).for('share');
    if (!signer || signer.revokedAt) throw new Problem('not-a-runner', 'the runner’s key was revoked');
    const added = await addRunIn(tx, {
      ...{ versionId: version.id, kind: held.kind, accountId: runner.ownerId, text, report },
      signed: { runnerId: runner.id, signature },
    });
    const ended = await complete(tx, jobId, runner.id);
    // Two processes with one key: the job has its run.
    if (ended === 'lost' || (ended === 'done already' && !added.known)) throw leaseLost();
    const state = added.standing?.state ?? null;
    if (held.kind === 'curves') return { runId: added.runId, state };
    await askForAnother(tx, { versionId: version.id, board: report.board, protocol: report.protocol }, state);
    return { runId: added.runId, state };
  });
  if (held.kind === 'verification') writeMeasured(db, version.id, report.board, kept.state);
  return kept;
}

/** The answer to a result that was taken before, whose answer was lost. */
async function keptResult(db: Db, runnerId: string, signature: string) {
  const [run] = await db
    .select({ id: runs.id })
    .from(runs)
    .where(and(eq(runs.runnerId, runnerId), eq(runs.signature, signature)));
  if (run) return { runId: run.id, state: null };
  const spot = await keptSpotResult(db, runnerId, signature);
  return spot ? { state: spot.verdict ?? 'draw-more' } : keptJudgement(db, runnerId, signature);
}
