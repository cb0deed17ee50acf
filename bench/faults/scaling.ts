/** A liar multiplies the last layer's weights, so that cross-entropy saturates in float32; nothing that is ranked may gain. */
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type DataSource, type Records } from '../../lib/data/datasets';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { flipsAllowed } from '../../lib/protocol/agreement';
import { AMBIGUITY } from '../../lib/protocol/ambiguity';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { fromBase64, unpackBitmap } from '../../lib/protocol/evidence';
import { hunt } from '../../lib/protocol/hunt';
import { leadsOf } from '../../lib/protocol/judge';
import type { Report } from '../../lib/protocol/report';
import { outcomeOf } from '../../lib/protocol/witness-verdict';
import { fashionMnistTest, hasFashionMnist } from '../../lib/testing/fashion-mnist';
import { bundledFiles, evaluateHere, laboratoryOf, memorySource, modelOf, networkOf, requestFor } from '../../lib/testing/small-evaluation';
import { Checks, type Row } from './row';
import type { World } from './world';

const SCALES = [1, 1e4, 1e-6];
const IMAGES = 100;
const LAST = ['logits/kernel', 'logits/bias'];

interface Spec {
  name: string;
  shape: number[];
}

/** The files with the last layer's kernel and bias multiplied; they are the last in the one file of weights. */
function scaled(files: ReadonlyMap<string, Uint8Array>, factor: number): Map<string, Uint8Array> {
  const [json, shard] = ['model.json', 'group1-shard1of1.bin'].map((name) => files.get(name) as Uint8Array);
  const specs: Spec[] = JSON.parse(new TextDecoder().decode(json)).weightsManifest[0].weights;
  const names = specs.slice(-LAST.length).map(({ name }) => name);
  if (names.join() !== LAST.join()) throw new Error(`expected ${LAST.join()} at the end, got ${names.join()}`);
  const numbers = specs.slice(-LAST.length).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b), 0);
  const bytes = shard.slice();
  const view = new DataView(bytes.buffer);
  for (let at = bytes.length - 4 * numbers; at < bytes.length; at += 4) view.setFloat32(at, view.getFloat32(at, true) * factor, true);
  return new Map([...files]).set('group1-shard1of1.bin', bytes);
}

const bits = ({ evidence }: Report, condition: string) => [...unpackBitmap(fromBase64(evidence[condition]), IMAGES)];
const sum = (list: readonly number[]) => list.reduce((a, b) => a + b, 0);

/** Counts of `IMAGES`: pgd-10 alone, and what is ranked, the minimum of both attacks. */
async function measured(
  files: Map<string, Uint8Array>,
  board: Board,
  records: Records,
  witnesses: { images: Uint8Array; labels: Uint8Array; deltas: Int16Array },
) {
  const model = await modelOf(files);
  const network = networkOf(model);
  const request = requestFor(model, { board, samples: IMAGES, trainSamples: 0, batch: 50, attacks: ['pgd-10', 'pgd-margin'] });
  const report = await evaluateHere(network, request, memorySource({ test: records }));
  const laboratory = laboratoryOf(network, request);
  const leads = await leadsOf(laboratory, witnesses, witnesses.deltas);
  const plain = await leadsOf(laboratory, records, new Int16Array(records.images.length));
  network.dispose();
  const [clean, pgd, margin] = ['clean', 'pgd-10', 'pgd-margin'].map((condition) => bits(report, condition));
  const ranked = clean.map((held, i) => held & pgd[i] & margin[i]);
  const ambiguous = plain.filter(({ lead }) => Math.abs(lead) <= AMBIGUITY).length;
  return { clean, pgd10: sum(pgd), ranked: sum(ranked), ambiguous, leads: leads.map(({ lead }) => lead) };
}

/** Adversarial images for the model as it is. */
async function witnessesOf(files: Map<string, Uint8Array>, board: Board, records: Records) {
  const model = await modelOf(files);
  const network = networkOf(model);
  const laboratory = laboratoryOf(network, requestFor(model, { board }));
  const targets = Array.from({ length: IMAGES }, (_, i) => i);
  const world = { laboratory, data: memorySource({ test: records }), onProgress: () => undefined };
  const found = await hunt({ board, targets, rounds: 1, seed: 3, batch: 50 }, world);
  network.dispose();
  const size = records.images.length / IMAGES;
  return {
    images: Uint8Array.from(found.flatMap(({ index }) => [...records.images.subarray(index * size, (index + 1) * size)])),
    labels: Uint8Array.from(found, ({ index }) => records.labels[index]),
    deltas: Int16Array.from(found.flatMap(({ deltas }) => [...deltas])),
  };
}

async function subjects(): Promise<{ name: string; board: Board; records: Records }[]> {
  const of = (id: string) => BOARDS.get(id) as Board;
  const glyphs = await (builtInSource(DATASETS.glyphs) as DataSource).read('test', 0, IMAGES);
  const all = [{ name: 'glyphs_st', board: of('glyphs/linf'), records: glyphs }];
  if (!hasFashionMnist) return all;
  const { pixels, labels } = await fashionMnistTest(IMAGES);
  const records = { images: Uint8Array.from(pixels, (p) => Math.round(255 * p)), labels: Uint8Array.from(labels) };
  return [...all, { name: 'fmnist_at', board: of('fashion-mnist/linf'), records }];
}

export async function scaling(world: World): Promise<Row> {
  const checks = new Checks();
  const before = await world.counts();
  await openEngine('wasm', nodeHost);
  const told: string[] = [];
  for (const { name, board, records } of await subjects()) {
    const files = bundledFiles(name);
    const witnesses = await witnessesOf(files, board, records);
    const all: Awaited<ReturnType<typeof measured>>[] = [];
    for (const scale of SCALES) all.push(await measured(scaled(files, scale), board, records, witnesses));
    const [honest, ...liars] = all;
    let apart = 0;
    for (const [n, liar] of liars.entries()) {
      const what = `${name} × ${SCALES[n + 1]}`;
      checks.same(`${what}, clean outcomes`, liar.clean, honest.clean);
      checks.that(
        `${what}, ranked: ${liar.ranked} against ${honest.ranked}`,
        Math.abs(liar.ranked - honest.ranked) <= flipsAllowed(IMAGES),
      );
      checks.same(`${what}, ambiguous images`, liar.ambiguous, honest.ambiguous);
      checks.same(`${what}, outcomes of witnesses`, liar.leads.map(outcomeOf), honest.leads.map(outcomeOf));
      apart = Math.max(apart, ...liar.leads.map((lead, i) => Math.abs(lead - honest.leads[i])));
    }
    checks.that(`${name}: leads of witnesses differ by ${apart}`, apart < AMBIGUITY / 10);
    const list = (key: 'pgd10' | 'ranked' | 'ambiguous') => all.map((one) => one[key]).join(', ');
    told.push(
      `${name}: pgd-10 alone ${list('pgd10')} of ${IMAGES}, ranked ${list('ranked')}, ambiguous ${list('ambiguous')}, ${honest.leads.length} witnesses with the same outcomes, leads within ${apart.toExponential(0)}`,
    );
  }
  return checks.row(
    'a liar scales the logits',
    `the last layer × ${SCALES.join(', × ')}; ranked may differ by ${flipsAllowed(IMAGES)} of ${IMAGES}, leads by a tenth of the ambiguity band (${AMBIGUITY / 10})`,
    told.join('; '),
    before,
    await world.counts(),
  );
}
