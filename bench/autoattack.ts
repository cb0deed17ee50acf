/**
 * AutoAttack beside the published program: what each attack leaves of the first images, and how long it takes. PyTorch's time is
 * that of the passes which the published program makes on the images that hold (APGD-CE: on all it attacks), at the rates measured
 * here in the same minutes; its own arithmetic is not counted, so the ratio is rather too high than too low.
 */
import { existsSync, readFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type AttackId, LEVEL_ATTACKS } from '../lib/attacks/catalogue';
import { DATASETS } from '../lib/data/datasets';
import { openDataset } from '../lib/data/node-source';
import { openEngine } from '../lib/engine/choose';
import { nodeHost } from '../lib/engine/node-host';
import { readModel } from '../lib/model/preflight';
import { BOARDS, type Board, DEFAULT_SEED } from '../lib/protocol/boards';
import { evaluate } from '../lib/protocol/evaluate';
import { fromBase64, unpackBitmap } from '../lib/protocol/evidence';
import { besidePublished, WHOLE_LEVEL } from '../lib/testing/beside-published';
import { hasReference } from '../lib/testing/reference';
import { readModelFiles } from '../workers/node/model-files';
import { openPool } from '../workers/node/pool';
import { findTorch } from '../workers/testing/torch';
import { torchRate } from './torch';

const CASES = [
  { name: 'fmnist_at', board: 'fashion-mnist/linf', run: 'standard_linf' },
  { name: 'fmnist_at', board: 'fashion-mnist/l2', run: 'standard_l2' },
  { name: 'fmnist_st', board: 'fashion-mnist/linf', run: 'standard_linf' },
  { name: 'cifar_st', board: 'cifar-10/linf', run: 'standard_linf' },
];
const CHAIN = LEVEL_ATTACKS.standard.filter((id) => !LEVEL_ATTACKS.pgd.includes(id));
const BATCH = 25;

/** Steps (forward and backward) and forwards of the published program on one image that holds. */
const PUBLISHED: Partial<Record<AttackId, { steps: number; forwards: number }>> = {
  'apgd-ce': { steps: 101, forwards: 1 },
  'apgd-t': { steps: 909, forwards: 10 },
  'fab-t': { steps: 900, forwards: 928 },
  square: { steps: 0, forwards: 5002 },
};

type Survivors = Record<string, number[]>;

function survivorsOf(reference: string | undefined, { name, run }: (typeof CASES)[number], samples: number): Survivors | undefined {
  const file = path.join(reference ?? '', `golden_aa_${name}.json`);
  if (!reference || !existsSync(file)) return undefined;
  const known = JSON.parse(readFileSync(file, 'utf8')).runs[run].survivors as Survivors;
  return Object.fromEntries(Object.entries(known).map(([id, list]) => [id, list.filter((n) => n < samples)]));
}

export async function autoAttackBench(samples: number): Promise<void> {
  const { SIMPLEXITY_REFERENCE: reference, DATASETS_DIR: directory } = process.env;
  const workers = os.availableParallelism();
  console.log(`\nAutoAttack on the first ${samples} test images (wasm, ${workers} workers); --images N for another number`);
  const python = await findTorch();
  for (const one of CASES) {
    const folder = reference ? path.join(reference, 'models', one.name) : path.join('lib/testing/models', one.name);
    if (!existsSync(folder)) continue;
    const board = BOARDS.get(one.board) as Board;
    const files = await readModelFiles(folder);
    const model = await readModel(files);
    if (!model.ok) throw new Error(model.reasons.join('; '));
    const data = await openDataset({ dataset: DATASETS[board.dataset], directory, cache: path.resolve('.cache/datasets') });
    const pool = await openPool(workers, { backend: 'wasm', files, settings: { board, seed: DEFAULT_SEED, restarts: 1 } });
    const torch = python ? await torchRate(python, folder, 100, 9) : undefined;
    const counts = { samples, trainSamples: 0, batch: BATCH, seed: DEFAULT_SEED, restarts: 1, layers: false };
    const report = await evaluate(
      { ...counts, model: model.value, board, level: 'pgd', attacks: [...CHAIN] },
      {
        laboratory: pool,
        data,
        now: () => performance.now(),
        startedAt: new Date().toISOString(),
        environment: { backend: 'wasm', device: 'bench', engine: `node ${process.version}`, versions: {}, workers },
      },
    );
    await pool.close();
    await data.close();
    const known = survivorsOf(reference, one, samples);
    console.log(`  ${one.name}, ${one.board}: clean ${report.clean?.correct}${known ? `, reference ${known.clean.length}` : ''}`);
    let [ours, theirs] = [0, 0];
    for (const id of CHAIN) {
      const attack = report.attacks[id];
      const passes = PUBLISHED[id];
      if (!attack || !passes) continue;
      const holds = unpackBitmap(fromBase64(report.evidence[id]), samples);
      const shared = known?.[id].filter((n) => holds[n]).length;
      const images = id === 'apgd-ce' ? (attack.attacked ?? 0) : attack.correct;
      const seconds = attack.durationMs / 1000;
      const published = torch ? images * (passes.steps / torch.stepsPerSecond + passes.forwards / torch.forwardsPerSecond) : 0;
      ours += seconds;
      theirs += published;
      const beside = known ? `, reference ${known[id].length}, shared ${shared}` : '';
      const ratioOf = published > 0 ? ` (${(seconds / published).toFixed(2)} ×)` : '';
      const time = `${seconds.toFixed(1)} s${torch ? `, PyTorch's passes ${published.toFixed(1)} s${ratioOf}` : ''}`;
      const cost = `${attack.forwards} forwards, ${attack.backwards} backwards, ${attack.lostToRounding} lost to rounding`;
      console.log(`    ${id.padEnd(8)} leaves ${attack.correct}${beside}; ${time}; ${cost}`);
    }
    const ratio = torch && theirs > 0 ? `, ${(ours / theirs).toFixed(2)} × PyTorch's passes (goal 1.5)` : '';
    console.log(`    in all ${ours.toFixed(1)} s${ratio}`);
  }
}

/** Where standard training's networks are neither whole nor broken: no radius of a board, so only what holds is compared. */
export async function smallRadiiBench(samples: number): Promise<void> {
  if (!hasReference) return console.log('\nsmall radii: left out, they need SIMPLEXITY_REFERENCE and DATASETS_DIR');
  await openEngine('wasm', nodeHost);
  console.log('\nAutoAttack at small radii, images that hold: here, published');
  for (const name of ['fmnist_st', 'cifar_st'] as const)
    for await (const { id, epsilon, holds, published } of besidePublished(name, 'standard_linf_small_eps', samples, WHOLE_LEVEL))
      console.log(`  ${name}, L∞ ≤ ${epsilon}, after ${id.padEnd(8)} ${holds}, ${published} of ${samples}`);
}
