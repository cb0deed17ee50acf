/** Witnesses at once, and such as are another model's; both end at what one forward pass shows. */
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { and, desc, eq, inArray } from 'drizzle-orm';
import { refusal } from '../../app/_server/api/testing-submission';
import { glyphs, publicGlyphs, sendWitnesses } from '../../app/_server/api/testing-witnesses';
import { jobs } from '../../db/queue/boss';
import { standings, witnessOutcomes, witnessVerdicts } from '../../db/schema';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type DataSource } from '../../lib/data/datasets';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { leadsOf, readTestRecords } from '../../lib/protocol/judge';
import { deltasAt, packWitnesses, readWitnesses, type WitnessFile } from '../../lib/protocol/witness-file';
import { outcomeOf } from '../../lib/protocol/witness-verdict';
import { laboratoryOf, modelOf, networkOf, requestFor } from '../../lib/testing/small-evaluation';
import { smallModel } from '../../workers/testing/chromium';
import { inflated } from './lies';
import { Checks, type Row } from './row';
import { BOARD, type Subject, verify } from './subject';
import type { Account, World } from './world';

const CLAIMED = 4_000;
const IMAGES = 12;

type Packed = Uint8Array<ArrayBuffer>;

/** The bundled glyphs_st of a liar, who claims that 4 000 images are robust. It is too large to be measured in full here. */
const boasts = new WeakMap<World, ReturnType<typeof boast>>();

function boastfulGlyphs(world: World, subject: Subject): ReturnType<typeof boast> {
  const known = boasts.get(world) ?? boast(world, subject);
  boasts.set(world, known);
  return known;
}

async function boast(world: World, { expected, admin }: Subject): Promise<{ slug: string; versionId: string }> {
  const liar = await world.account('Mallory');
  const { slug, versionId } = await publicGlyphs(world, liar.token);
  const { macs, graph } = glyphs;
  const claim = inflated(expected, CLAIMED, { model: { ...expected.model, sha256: glyphs.sha256, params: graph.params, macs } });
  await world.told('POST', '/runs', { token: liar.token, body: claim });
  const open = await world.db
    .select({ id: jobs.id, data: jobs.data })
    .from(jobs)
    .where(inArray(jobs.state, ['created', 'retry']));
  for (const { id } of open.filter(({ data }) => data.versionId === versionId))
    await world.told('POST', `/jobs/${id}/cancel`, { token: admin.token });
  return { slug, versionId };
}

/** What a hunter's process finds among images that the board calls robust. */
async function hunted(world: World, slug: string, { id, token }: Account): Promise<WitnessFile> {
  const out = world.folderOf(`found for ${id}`);
  mkdirSync(out, { recursive: true });
  const where = ['--server', world.server, '--model', slug, '--board', BOARD, '--backend', 'wasm', '--workers', '1'];
  const size = ['--images', String(IMAGES), '--rounds', '2', '--steps', '10', '--seed', '3', '--out', out];
  const { code, stderr } = await world.command('hunt', [...where, ...size], token).ended;
  const [name] = readdirSync(out);
  if (code !== 0 || !name) throw new Error(`the hunter found nothing: ${stderr}`);
  const read = readWitnesses(new Uint8Array(readFileSync(path.join(out, name))));
  if (!read.ok) throw new Error(read.reasons.join('; '));
  return read.value;
}

/** A file of some of its images, of another model if one is named. */
function part(file: WitnessFile, from: number, to: number, model = file.header.model): Packed {
  const { board, data, indices, shape } = file.header;
  const deltas = Int16Array.from(Array.from({ length: to - from }, (_, i) => [...deltasAt(file, from + i)]).flat());
  return packWitnesses({ board, data, model, shape, indices: indices.slice(from, to) }, deltas) as Packed;
}

export async function witnessesAtOnce(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  await verify(world, subject);
  const [one, two] = [await world.account('Hedy'), await world.account('Emmy')];
  const { slug, versionId } = await boastfulGlyphs(world, subject);
  const robust = async () => (await world.db.select().from(standings).where(eq(standings.versionId, versionId)))[0].robust;
  checks.same('what the liar claims', await robust(), CLAIMED / 10_000);
  const before = await world.counts();
  const found = await hunted(world, slug, one);
  const n = found.header.indices.length;
  const [left, right] = [part(found, 0, n - Math.floor(n / 3)), part(found, Math.floor(n / 3), n)];
  const sent = await Promise.all([
    ...[left, right].map((file) => sendWitnesses(world, slug, file, one.token)),
    ...[left, right].map((file) => sendWitnesses(world, slug, file, two.token)),
  ]);
  checks.same('answers', [...new Set(sent.map(({ status }) => status < 300))], [true]);
  const judges = await Promise.all(['judge 1', 'judge 2'].map((name) => world.runner(name).ended));
  checks.same(
    'exits of both judges',
    judges.map(({ code }) => code),
    [0, 0],
  );
  const after = await world.counts();
  checks.changed(before, after, { done: 2, leases: 2, verdicts: 2, broken: n }, true);
  checks.same('what the board calls robust now', await robust(), (CLAIMED - n) / 10_000);
  return checks.row(
    'two witnesses at once',
    `two files that share a third of ${n} broken images, each sent by two accounts at once, judged by two runners’ processes at once`,
    `each image was counted once: the liar’s claim of ${CLAIMED} robust images fell by ${n}`,
    before,
    after,
  );
}

export async function anothersWitnesses(world: World, subject: Subject): Promise<Row> {
  const checks = new Checks();
  await verify(world, subject);
  const finder = await world.account('Eve');
  const { slug } = await boastfulGlyphs(world, subject);
  const found = await hunted(world, slug, finder);
  const n = found.header.indices.length;
  const before = await world.counts();
  const refused = async (what: string, file: Packed, code: string) =>
    checks.same(what, (await refusal(sendWitnesses(world, subject.slug, file, finder.token))).code, code);
  await refused('of another model by name', part(found, 0, n), 'witness-refused');
  const far = { ...found, deltas: found.deltas.map((d) => 2 * d) };
  await refused('out of the ball', part(far, 0, n, subject.sha256), 'witness-refused');
  checks.changed(before, await world.counts(), {});

  const renamed = await sendWitnesses(world, subject.slug, part(found, 0, n, subject.sha256), finder.token);
  checks.same('renamed', renamed.status, 201);
  const judge = await world.runner('judge').ended;
  checks.same(`exit of the judge, which said ${judge.stderr}`, judge.code, 0);
  const { id } = (await renamed.json()) as { id: string };
  const judged = await world.db
    .select({ index: witnessOutcomes.index, outcome: witnessOutcomes.outcome, first: witnessOutcomes.first })
    .from(witnessOutcomes)
    .innerJoin(witnessVerdicts, and(eq(witnessVerdicts.id, witnessOutcomes.verdictId), eq(witnessVerdicts.fileId, id)))
    .orderBy(desc(witnessOutcomes.index));
  const truth = await outcomesHere(found);
  checks.same('outcomes', judged.map(({ index, outcome }) => [index, outcome]).reverse(), truth);
  const fell = judged.filter(({ first }) => first).length;
  const after = await world.counts();
  checks.changed(before, after, { done: 1, leases: 1, verdicts: 1, broken: fell }, fell > 0);
  return checks.row(
    'another model’s witnesses',
    `${n} adversarial images of glyphs_st sent against the small model: under their own name, out of the ball, and renamed`,
    `refused by name; of the renamed ones ${truth.filter(([, outcome]) => outcome === 'broken').length} fool it in truth, ${fell} of which it was taken for robust on`,
    before,
    after,
  );
}

/** The same images on the small model, in this process. */
async function outcomesHere({ header, deltas }: WitnessFile): Promise<[number, string][]> {
  await openEngine('wasm', nodeHost);
  const model = await modelOf(smallModel());
  const board = BOARDS.get(BOARD) as Board;
  const network = networkOf(model);
  const records = await readTestRecords(builtInSource(DATASETS.glyphs) as DataSource, DATASETS.glyphs, header.indices);
  const leads = await leadsOf(laboratoryOf(network, requestFor(model, { board })), records, deltas);
  network.dispose();
  return leads.map(({ lead }, i) => [header.indices[i], outcomeOf(lead)]);
}
