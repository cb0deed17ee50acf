/** AutoAttack against the published program's runs: single courses step by step, and survivors of a few images. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { climb } from '../attacks/apgd';
import { apgdStart } from '../attacks/apgd-start';
import type { AttackId } from '../attacks/catalogue';
import { nearestPoints } from '../attacks/fab';
import { hostBall } from '../attacks/host-ball';
import { type ClimbedLoss, crossEntropy, dlr, dlrTargeted } from '../attacks/losses';
import { Passes } from '../attacks/passes';
import { otherClasses } from '../attacks/targets';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { TAG } from '../random';
import { datasetOf, hasReference, type ReferenceModel, referenceData, referenceFiles } from '../testing/reference';
import { evaluateHere, modelOf, networkOf, requestFor } from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { fromBase64, unpackBitmap } from './evidence';
import { toPixels } from './measure';

interface Course {
  norm: 'Linf' | 'L2';
  loss: string;
  eps: number;
  loss_per_forward: number[][];
  final_robust_flag: number[];
  y_target: number[] | null;
}
interface Known {
  runs: Record<string, { survivors: Record<string, number[]> }>;
  fab_deterministic16: { runs: Record<string, { norm_value: number[] }> };
}
const LOSSES: Record<string, ClimbedLoss> = { ce: crossEntropy, dlr, 'dlr-targeted': dlrTargeted };
const json = (file: string) => JSON.parse(readFileSync(path.join(process.env.SIMPLEXITY_REFERENCE ?? '', file), 'utf8'));

async function opened(name: ReferenceModel, count: number) {
  const data = await referenceData(name);
  const { images, labels } = await data.read('test', 0, count);
  await data.close();
  const x0 = toPixels(images);
  const samples = Int32Array.from({ length: count }, (_, n) => n);
  return { network: networkOf(await modelOf(referenceFiles(name))), x0, labels: Int32Array.from(labels), samples, size: x0.length / count };
}

describe.skipIf(!hasReference)('golden AutoAttack (needs SIMPLEXITY_REFERENCE and DATASETS_DIR)', () => {
  beforeAll(() => openEngine('wasm', nodeHost));

  // Until float32 rounding moves the courses apart: cross-entropy on the trained-against model holds to the end. DLR is 1 wherever the
  // label comes third, and flat there: where a course has come to that, only rounding says which way it goes on.
  it.each([
    ['fmnist_at', 'ce_linf', 10, 1e-5, 3e-2],
    ['fmnist_at', 'ce_l2', 10, 1e-5, 3e-2],
    ['fmnist_at', 'dlr_linf', 101, 1e-4, 1e-4],
    ['fmnist_at', 'dlr_targeted_linf', 10, 1e-4, 0.1],
    ['cifar_st', 'ce_linf', 10, 1e-4, Infinity],
    ['cifar_st', 'ce_l2', 10, 1e-4, Infinity],
    ['cifar_st', 'dlr_linf', 101, 1e-4, 1e-4],
    ['cifar_st', 'dlr_targeted_linf', 10, 1e-4, 0.1],
    ['fmnist_st', 'ce_linf', 10, 1e-4, Infinity],
    ['fmnist_st', 'ce_l2', 1, 1e-4, Infinity],
    ['fmnist_st', 'dlr_linf', 101, 1e-4, 1e-4],
    ['fmnist_st', 'dlr_targeted_linf', 10, 1e-4, 0.1],
  ] as const)('APGD on %s, %s: the losses of %d passes, and who holds in the end', async (name, run, passes, early, late) => {
    const known = (json(`golden_${name}.json`) as { apgd8: { runs: Record<string, Course> } }).apgd8.runs[run];
    const { network, x0, labels, samples, size } = await opened(name, 8);
    const norm = known.norm === 'L2' ? 'l2' : 'linf';
    const ball = hostBall(norm, known.eps, x0, size);
    const start = apgdStart({ ball, labels, samples, split: 'test', seed: 20231107 }, norm === 'l2' ? TAG.l2Direction : TAG.pgdStart);
    const course: number[][] = [];
    const loss = LOSSES[known.loss];
    const targets = known.y_target ? Int32Array.from(known.y_target) : labels;
    const trace = (losses: Float64Array) => void course.push([...losses]);
    const { broken } = await climb(new Passes(network, run), { ball, start, labels, targets, samples, loss, trace });
    network.dispose();
    const level = samples.map((n) => known.loss_per_forward.findIndex((losses) => known.loss === 'dlr' && losses[n] > 1 - 1e-6));
    const compares = (n: number, i: number) => level[n] < 0 || i <= level[n];
    const apart = course.map((losses, i) =>
      Math.max(0, ...losses.map((l, n) => (compares(n, i) ? Math.abs(l - known.loss_per_forward[i][n]) : 0))),
    );
    expect(apart.length).toBe(101);
    expect(Math.max(...apart.slice(0, passes))).toBeLessThan(early);
    expect(Math.max(...apart)).toBeLessThanOrEqual(late);
    // The published run aims at the second class of the clean image, which is the label where the image is wrong: nothing to climb.
    const aimed = [...labels.keys()].filter((n) => loss !== dlrTargeted || targets[n] !== labels[n]);
    expect(aimed.length).toBeGreaterThanOrEqual(6);
    expect(aimed.map((n) => broken[n])).toEqual(aimed.map((n) => 1 - known.final_robust_flag[n]));
  });

  it.each([
    ['linf', 'Linf_targeted2_iter10'],
    ['l2', 'L2_targeted2_iter10'],
  ] as const)('FAB in %s finds points as near as the reference’s, to 1e-4 of their distance', async (norm, run) => {
    const { norm_value: known } = (json('golden_aa_fmnist_at.json') as Known).fab_deterministic16.runs[run];
    const { network, x0, labels, samples, size } = await opened('fmnist_at', 16);
    const passes = new Passes(network, run);
    const logits = await passes.logits({ x: x0, samples });
    const targets = labels.map((y, n) => otherClasses(logits.subarray(n * 10, (n + 1) * 10), y)[0]);
    const { distances } = await nearestPoints(passes, { ball: hostBall(norm, 0, x0, size), labels, targets, samples, iterations: 10 });
    network.dispose();
    // Images that are wrong to begin with are none of FAB's business; the reference gives them distance 0.
    known.forEach((distance, n) => {
      if (distance > 0) expect(Math.abs(distances[n] / distance - 1), `image ${n}`).toBeLessThan(1e-4);
    });
  });

  it.each([
    ['fmnist_at', 5, ['apgd-ce', 'apgd-t', 'fab-t', 'square']],
    ['fmnist_st', 40, ['apgd-ce']],
  ] as const)('leaves of %s the survivors of the reference, first %d images', async (name, samples, attacks) => {
    const known = (json(`golden_aa_${name}.json`) as Known).runs.standard_linf.survivors;
    const data = await referenceData(name);
    const model = await modelOf(referenceFiles(name));
    const network = networkOf(model);
    const board = BOARDS.get(`${datasetOf(name)}/linf`) as Board;
    const request = requestFor(model, {
      board,
      attacks: [...attacks] as AttackId[],
      samples,
      trainSamples: 0,
      batch: samples,
      seed: 20231107,
    });
    const report = await evaluateHere(network, request, data);
    network.dispose();
    await data.close();
    for (const id of attacks) {
      const holds = unpackBitmap(fromBase64(report.evidence[id]), samples);
      expect([...holds.keys()].filter((n) => holds[n])).toEqual(known[id].filter((n) => n < samples));
    }
  });
});
