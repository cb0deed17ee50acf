/** Browsers that lie: claims are shown as claims, and a runner's measurement takes their place. */
import { and, eq } from 'drizzle-orm';
import { refusal } from '../../app/_server/api/testing-submission';
import { runs, standings } from '../../db/schema';
import type { Report } from '../../lib/protocol/report';
import { inflated } from './lies';
import { Checks, type Row } from './row';
import { publishVariant, type Subject, verify } from './subject';
import type { World } from './world';

export async function lyingBrowsers(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  await verify(world, subject);
  const { expected } = subject;
  const [before, mallory] = [await world.counts(), await world.account('Mallory')];
  const send = (report: object, { token } = mallory) => world.ask('POST', '/runs', { token, body: report });
  const refused = async (what: string, report: Partial<Report>, code: string) =>
    checks.same(what, (await refusal(send({ ...expected, ...report }))).code, code);

  await refused('of no model that is here', { model: { ...expected.model, sha256: '0'.repeat(64) } }, 'not-found');
  const other = { ...(expected.data.test as object), sha256: '0'.repeat(64) } as NonNullable<Report['data']['test']>;
  await refused('of other data', { data: { ...expected.data, test: other } }, 'other-data');
  await refused('with an accuracy that its bitmap denies', { clean: { accuracy: 1, loss: 0, correct: 10_000 } }, 'inconsistent-report');
  await refused('with half of its evidence', { evidence: { clean: expected.evidence.clean } }, 'inconsistent-report');
  checks.changed(before, await world.counts(), {});

  // Of a model that has been verified: the submitter's, a stranger's, and the same bytes from two more.
  const lie = inflated(expected, 9_990, { durationMs: 12 });
  const others = [await world.account('Eve'), await world.account('Trudy')];
  for (const [n, account] of [subject.owner, mallory, ...others].entries())
    checks.same('an inflated claim', (await send(n < 2 ? { ...lie, durationMs: 10 + n } : lie, account)).status < 300, true);
  const claimed = await world.counts();
  checks.changed(before, claimed, { runs: 3 });

  // Of one that has not: evidence copied from another model, and the accounts of friends who agree.
  const { versionId, report } = await publishVariant(world, mallory, expected);
  const standing = async () => (await world.db.select().from(standings).where(eq(standings.versionId, versionId)))[0];
  for (const [n, account] of [mallory, ...others].entries())
    checks.same('a claim with copied evidence', (await send({ ...inflated(report, 9_990), durationMs: n }, account)).status < 300, true);
  checks.same('rankings of a claim that friends confirm', (await standing()).rankings, []);
  const { code, stderr } = await world.runner('measuring').ended;
  checks.same(`exit of the runner, which said ${stderr}`, code, 0);
  const [{ report: measured }] = await world.db
    .select({ report: runs.report })
    .from(runs)
    .where(and(eq(runs.versionId, versionId), eq(runs.kind, 'verification')));
  const { state, pgd } = await standing();
  const { robust } = JSON.parse(measured) as Report;
  checks.same('what the board says once a runner has measured', [state, pgd], ['verified', robust?.accuracy]);
  checks.that('the lie was left', (pgd ?? 1) < 0.1);
  const after = await world.counts();
  checks.changed(claimed, after, { open: 0, done: 1, leases: 1, runs: 4 }, true);
  return checks.row(
    'a lying browser',
    'reports of another model’s hash, of other data, with accuracies or evidence that do not fit; inflated claims of the submitter and of strangers, the same bytes twice; copied evidence, confirmed by two friends’ accounts',
    'refused by name, or kept as claims: a verified row did not move, a row of claims alone was never ranked, and a runner’s measurement took its place',
    before,
    after,
  );
}
