/** Checks and curves as part of a run: what they measure, that it may be kept and shared, and what models raise. */
import * as tf from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttackId } from '../attacks/catalogue';
import { openEngine } from '../engine/choose';
import { nodeHost } from '../engine/node-host';
import { Network } from '../model/network';
import type { Model } from '../model/preflight';
import {
  drawnRecords,
  evaluateHere,
  laboratoryOf,
  memorySource,
  modelOf,
  networkOf,
  requestFor,
  testModelFiles,
  timeless,
  worldWith,
} from '../testing/small-evaluation';
import { BOARDS, type Board } from './boards';
import { type EvaluationEvent, type EvaluationRequest, evaluate } from './evaluate';
import { measure } from './measure';
import { plannedCost } from './plan';
import { hugeRadius, probesOf } from './probes';
import { RememberingLaboratory } from './remembering';
import type { Report } from './report';
import { differences, type RunIdentity, requestIdentity } from './run-identity';
import { measureShare } from './share';
import type { StoredUnit } from './stored-unit';

const records = drawnRecords('test', 12);
const data = memorySource({ test: records, train: drawnRecords('train', 20) });
let model: Model;
let network: Network;
let whole: Report;

const request = (changes: Partial<EvaluationRequest> = {}) =>
  requestFor(model, {
    ...{ samples: 12, trainSamples: 20, batch: 5, attacks: ['pgd-10'] as AttackId[] },
    ...{ checks: true, curves: true, checkSamples: 8 },
    ...changes,
  });

beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  model = await modelOf(testModelFiles('fmnist_at'));
  network = networkOf(model);
  const { predictions } = await measure(
    network,
    { split: 'test', first: 0, condition: 'clean', ...records, wantFeatures: false, wantPerturbed: false, layers: [] },
    { board: request().board, seed: 1, restarts: 1 },
  );
  records.labels.set(Uint8Array.from(predictions));
  whole = await evaluateHere(network, request(), data);
});
afterAll(() => network.dispose());

const resultOf = ({ confidence }: Report, id: string) => confidence?.checks.find((check) => check.id === id);
const raisedBy = (report: Report) => report.confidence?.checks.flatMap(({ id, raised }) => (raised ? [id] : []));

describe('a run with checks and curves', () => {
  it('has every check, of as many images as were asked for, and a flag for each that ran', () => {
    for (const id of ['randomised-output', 'no-convergence', 'huge-radius', 'fgsm-beats-pgd', 'larger-radius', 'noise-sensitivity']) {
      expect(resultOf(whole, id), id).toMatchObject({ samples: 8, value: expect.any(Number) });
    }
    expect(resultOf(whole, 'randomised-output')?.value).toBe(0);
    expect(resultOf(whole, 'black-box-wins')?.notRun).toMatch(/square was not run/);
    expect(whole.flags.map(({ id }) => id)).toEqual(whole.confidence?.checks.filter(({ value }) => value !== null).map(({ id }) => id));
    // Eight images are far too few for a grade.
    expect(whole.confidence?.grade).toBe('E');
  });

  it('has curves that begin at clean accuracy and never rise with radius, steps or restarts', () => {
    const { samples, radius, steps, restarts } = whole.curves ?? expect.fail('no curves');
    expect(samples).toBe(8);
    expect(radius.points[0]).toEqual({ at: 0, correct: 8, accuracy: 1 });
    expect(steps.points.map(({ at }) => at)).toEqual([10, 25, 50, 100, 200]);
    expect(restarts.points.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { points } of [radius, steps, restarts]) {
      points.slice(1).forEach((point, i) => {
        expect(point.at).toBeGreaterThan(points[i].at);
        expect(point.correct).toBeLessThanOrEqual(points[i].correct);
        expect(point.accuracy).toBe(point.correct / 8);
      });
    }
    expect(radius.points.filter(({ correct }) => correct === 0).length).toBeLessThanOrEqual(1);
    expect(restarts.points[0].correct).toBe(resultFirst(whole));
  });

  it('leaves what the protocol measures as it was', async () => {
    const plain = await evaluateHere(network, request({ checks: false, curves: false }), data);
    const { confidence: _, curves: __, flags: ___, counts, ...rest } = timeless(whole) as Report;
    const { confidence, curves, flags: ____, counts: fewer, ...same } = timeless(plain) as Report;
    expect(rest).toEqual(same);
    expect(counts.forwards).toBeGreaterThan(fewer.forwards);
    expect(curves).toBeUndefined();
    expect(confidence?.checks.find(({ id }) => id === 'huge-radius')).toMatchObject({ value: null, notRun: 'checks were not asked for' });
  });

  it('does not depend on the batch', async () => {
    const other = await evaluateHere(network, request({ batch: 3 }), data, { capacity: 2 });
    expect(other.confidence).toEqual(whole.confidence);
    expect(other.curves).toEqual(whole.curves);
  });

  it('takes PGD and APGD from the run where it makes them, and makes its own where it does not', () => {
    const made = (changes: Partial<EvaluationRequest>) => probesOf(request({ curves: false, ...changes })).map(({ variant }) => variant.id);
    expect(made({})).not.toContain('check-pgd');
    expect(made({})).toContain('check-apgd-100');
    expect(made({ attacks: [] })).toContain('check-pgd');
    expect(made({ restarts: 2 })).toContain('check-pgd');
    expect(made({ attacks: ['apgd-ce'], autoattackSamples: 8 })).not.toContain('check-apgd-100');
    expect(made({ attacks: ['apgd-ce'], autoattackSamples: 7 })).toContain('check-apgd-100');
    expect(made({ samples: 0 })).toEqual([]);
  });

  it('forecasts what it costs, and comes to the end of it', async () => {
    const events: EvaluationEvent[] = [];
    await evaluateHere(network, request(), data, { onEvent: (e) => events.push(e) });
    const stages = events.filter((e) => e.type === 'stage');
    expect(stages.map(({ stage }) => stage)).toEqual(stages.map((_, i) => i + 1));
    expect(stages.at(-1)?.stage).toBe(stages[0].stages);
    const progress = events.filter((e) => e.type === 'progress');
    expect(progress[0].total).toBe(plannedCost({ ...request(), layerWork: 0 }));
    expect(progress.at(-1)?.done).toBeCloseTo(progress.at(-1)?.total ?? 0, 6);
    expect(progress.at(-1)?.total).toBeLessThan(progress[0].total);
  });
});

/** Images of the checks that hold under the run's own PGD-10, whose start is the first restart. */
const resultFirst = (report: Report) => {
  const bytes = Buffer.from(report.evidence['pgd-10'], 'base64');
  return Array.from({ length: 8 }, (_, i) => (bytes[i >> 3] >> (i & 7)) & 1).reduce((a, b) => a + b, 0);
};

describe('kept and shared', () => {
  const storeIn = (units: Map<string, StoredUnit>) => ({
    get: async (key: string) => structuredClone(units.get(key)),
    put: async (key: string, unit: StoredUnit) => void units.set(key, structuredClone(unit)),
  });
  const remembering = (units: Map<string, StoredUnit>) =>
    new RememberingLaboratory(laboratoryOf(network, request()), {
      ...{ own: storeIn(units), pointsBudget: 0, now: () => 0, onLost: (error) => expect.fail(String(error)) },
    });

  it('two shares come together in the same report, and nothing is measured twice', async () => {
    const units = new Map<string, StoredUnit>();
    for (const share of [
      { from: 5, count: 7 },
      { from: 0, count: 5 },
    ]) {
      await measureShare(request(), share, worldWith(remembering(units), data));
    }
    const laboratory = remembering(units);
    const report = await evaluate(request(), worldWith(laboratory, data));
    expect(laboratory.counts).toEqual({ known: units.size, measured: 0 });
    expect(timeless(report)).toEqual(timeless(whole));
  });

  it('a run with other checks is another run, by name', () => {
    const kept = requestIdentity(request()) as unknown as RunIdentity;
    expect(differences(kept, requestIdentity(request()))).toEqual([]);
    expect(differences(kept, requestIdentity(request({ checks: false })))).toEqual([
      'its confidence part is wanted, here it is not wanted',
    ]);
    expect(differences(kept, requestIdentity(request({ checkSamples: 9 })))).toEqual([
      'its number of test images for checks and curves is 8, here it is 9',
    ]);
  });
});

describe('models that a check is for', () => {
  /** The model with its last kernel multiplied. */
  const scaled = (factor: number) => {
    const { graph } = model;
    const nodes = graph.nodes.map((node, i) =>
      i === graph.lastDense && node.op.kind === 'dense'
        ? {
            ...node,
            op: {
              ...node.op,
              kernel: { ...node.op.kernel, values: node.op.kernel.values.map((v) => v * factor) },
              ...(node.op.bias ? { bias: node.op.bias.map((v) => v * factor) } : {}),
            },
          }
        : node,
    );
    return { ...model, graph: { ...graph, nodes } };
  };

  it('logits so large that cross-entropy saturates: gradients of exactly zero', async () => {
    const large = scaled(1e6);
    const net = new Network(large.graph);
    const report = await evaluateHere(net, request({ model: large, curves: false, trainSamples: 0 }), data);
    net.dispose();
    expect(raisedBy(report)).toContain('zero-gradient');
    expect(raisedBy(whole)).toEqual([]);
  });

  it('outputs that do not repeat', async () => {
    class Restless extends Network {
      private turn = 0;
      override forward(...args: Parameters<Network['forward']>) {
        const out = super.forward(...args);
        const logits = tf.tidy(() => tf.add(out.logits, tf.tensor1d([this.turn++ * 0.01, ...new Array<number>(9).fill(0)]))) as tf.Tensor2D;
        out.logits.dispose();
        return { ...out, logits };
      }
    }
    const net = new Restless(model.graph);
    const report = await evaluateHere(net, request({ curves: false, trainSamples: 0 }), data);
    net.dispose();
    expect(raisedBy(report)).toContain('randomised-output');
  });

  it('a threshold on the pixels', async () => {
    // fmnist_at behind a sigmoid that steps at 0.4: every gradient is gone.
    const { graph } = model;
    const [input, ...rest] = graph.nodes;
    const channels = input.shape[2];
    const front = [
      input,
      {
        ...{ name: 'gain', inputs: [0], shape: input.shape },
        op: {
          ...{ kind: 'affine' as const, relu: false },
          ...{ scale: new Float32Array(channels).fill(1e4), shift: new Float32Array(channels).fill(-4e3) },
        },
      },
      { name: 'step', inputs: [1], shape: input.shape, op: { kind: 'activation' as const, activation: { name: 'sigmoid' as const } } },
    ];
    const nodes = [...front, ...rest.map((node) => ({ ...node, inputs: node.inputs.map((i) => i + 2) }))];
    const lastDense = graph.lastDense === undefined ? {} : { lastDense: graph.lastDense + 2 };
    const stepped = { ...model, graph: { ...graph, nodes, output: graph.output + 2, ...lastDense } };
    const net = new Network(stepped.graph);
    const report = await evaluateHere(net, request({ model: stepped, curves: false, trainSamples: 0 }), data);
    net.dispose();
    expect(raisedBy(report)).toContain('steep-layers');
    expect(raisedBy(report)).toContain('zero-gradient');
  });
});

it('nothing to check is said: no test part, every image wrong, a board of radius 0', async () => {
  const none = await evaluateHere(network, request({ samples: 0 }), data);
  expect(none.curves).toBeUndefined();
  expect(none.confidence).toMatchObject({ grade: null });
  expect(resultOf(none, 'huge-radius')?.notRun).toBe('no test image was measured');

  const wrong = memorySource({ test: { ...records, labels: records.labels.map((y) => (y + 1) % 10) }, train: drawnRecords('train', 20) });
  const report = await evaluateHere(network, request(), wrong);
  expect(report.clean?.correct).toBe(0);
  expect(report.curves?.radius.points.map(({ correct }) => correct)).toEqual([0, 0]);
  expect(resultOf(report, 'no-convergence')).toMatchObject({ value: 0, raised: false });

  const still = { ...request().board, epsilon: 0 };
  const fixed = await evaluateHere(network, request({ board: still, trainSamples: 0 }), data);
  expect(new Set(fixed.curves?.radius.points.map(({ correct }) => correct))).toEqual(new Set([8]));
});

it('a huge radius is one that leaves nothing: at least 64/255, or its length in L2', () => {
  const of = (id: string) => hugeRadius(BOARDS.get(id) as Board);
  expect(of('cifar-10/linf')).toBe(64 / 255);
  expect(of('fashion-mnist/linf')).toBe(0.4);
  expect(of('cifar-10/l2')).toBeCloseTo((64 / 255) * Math.sqrt(3072), 12);
});
