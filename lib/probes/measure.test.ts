/** All probes on a bundled model, and on models that lack what some of them need. */
import { expect, it } from 'vitest';
import { builtInSource } from '../data/built-in';
import { DATASETS, type DataSource } from '../data/datasets';
import { Network } from '../model/network';
import type { Model } from '../model/preflight';
import { BOARDS, type Board } from '../protocol/boards';
import { measure } from '../protocol/measure';
import { linearNetwork } from '../testing/linear-network';
import { onEngine } from '../testing/on-engine';
import { bundledFiles, modelOf } from '../testing/small-evaluation';
import { PROBE_IDS, type ProbeId, setsOf } from './catalogue';
import { measureProbes } from './measure';

onEngine('wasm');
const board = { ...(BOARDS.get('glyphs/linf') as Board), steps: 3 };
const data = builtInSource(DATASETS.glyphs) as DataSource;

async function probesOf(model: Model, network: Network, probes: readonly ProbeId[], more = {}) {
  const settings = { board, seed: 3, restarts: 1 };
  const heard: number[] = [];
  const asked = { model, board, seed: 3, probes, trainSamples: 100, samples: 12, batch: 25, ...more };
  const report = await measureProbes(asked, {
    laboratory: { capacity: 1, measure: (job, onProgress) => measure(network, job, settings, onProgress) },
    data,
    onProgress: (done, total) => heard.push(done / total),
  });
  return { report, heard };
}

it('has an answer of each probe for a bundled model', { timeout: 120_000 }, async () => {
  const model = await modelOf(bundledFiles('glyphs_st'));
  const network = new Network(model.graph);
  const { report, heard } = await probesOf(model, network, PROBE_IDS);
  const again = await probesOf(model, network, PROBE_IDS, { batch: 100 });
  network.dispose();
  expect(report.images).toEqual({ train: 100, test: 12 });
  expect(heard[0]).toBe(0);
  expect(heard.at(-1)).toBeCloseTo(1, 12);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  const { probes } = report;
  const result = <K extends ProbeId>(id: K) => {
    const answer = probes[id];
    if (!answer?.result) throw new Error(`${id}: ${answer && 'reason' in answer ? answer.reason : 'absent'}`);
    return answer.result as NonNullable<NonNullable<(typeof probes)[K]>['result']>;
  };
  // 99.13 % of the test images are named rightly, and an attack that may do more breaks no fewer.
  const { clean, pgd, joint } = result('non-singular');
  expect(clean).toBe(1);
  expect(joint).toBeLessThanOrEqual(pgd);
  expect(result('minority').weights.majority).toBeLessThan(0.2);
  const { images, accuracy, cosine } = result('groups');
  expect(images.aligned + images.conflicting).toBe(100);
  expect(accuracy.plain).toBeGreaterThan(0.9);
  expect(cosine.own).toBeGreaterThan(cosine.shortcut as number);
  const { loss, direction, active } = result('coupling');
  expect(active).toBe(100);
  expect(direction.participation).toBeGreaterThan(loss.participation);
  expect(result('weight-graph').layers.length).toBe(model.graph.nodes.filter(({ op }) => op.kind === 'conv' || op.kind === 'dense').length);
  expect(result('locality').window).toEqual([3, 3]);
  expect(result('poincare').clean.network).toBe(clean);
  expect(result('poincare').clean.hyperbolic).toBeGreaterThan(0.8);
  expect(JSON.parse(JSON.stringify(again.report.probes.groups))).toEqual(JSON.parse(JSON.stringify(probes.groups)));
});

it('says why where a model has no layer of features, and looks only at what is asked for', async () => {
  const rows = Array.from({ length: 10 }, (_, c) => Float32Array.from({ length: 784 }, (__, i) => ((i * 7 + c * 13) % 11) - 5));
  const network = linearNetwork([28, 28, 1], rows, 1e-3);
  const { lastDense: _, ...graph } = network.graph;
  const model: Model = { graph, sha256: '', bytes: 0, macs: 0, feature: { missing: 'the model has no Dense layer' } };
  const { report } = await probesOf(model, network, ['minority', 'groups', 'coupling', 'poincare', 'locality'], {
    samples: 2,
    trainSamples: 10,
  });
  network.dispose();
  const nulls = Object.entries(report.probes).filter(([, answer]) => answer.result === null);
  expect(nulls.map(([id]) => id)).toEqual(['minority', 'groups', 'coupling', 'poincare']);
  for (const [, answer] of nulls) expect(answer).toMatchObject({ reason: expect.stringContaining('no Dense layer') });
  expect(report.probes.locality?.result).toMatchObject({ window: [28, 28] });
  expect(setsOf(['weight-graph', 'locality'])).toEqual([]);
  expect(setsOf(['non-singular', 'groups'])).toEqual(['train', 'planted', 'test', 'pgd', 'joint']);
});

it('ends when it is stopped', async () => {
  const model = await modelOf(bundledFiles('glyphs_st'));
  const stop = new AbortController();
  stop.abort();
  const laboratory = { capacity: 1, measure: () => Promise.reject(new Error('expected no unit')) };
  const asked = { model, board, seed: 3, probes: ['minority' as const], trainSamples: 10, samples: 0, batch: 5 };
  await expect(measureProbes(asked, { laboratory, data, signal: stop.signal })).rejects.toMatchObject({ code: 'stopped' });
});
