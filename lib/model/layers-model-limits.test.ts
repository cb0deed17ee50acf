import { describe, expect, it } from 'vitest';
import {
  asLayer,
  batchNorm,
  conv,
  dense,
  functional,
  modelFiles,
  plain,
  SHARD,
  separable,
  sequential,
  type Wire,
} from '../testing/keras-model';
import { flat, reasonsOf, stack, wired } from '../testing/refusals';
import { LIMITS } from './bundle';
import type { Operation } from './graph';
import { readLayersModel } from './layers-model';
import { readModel } from './preflight';

describe('a name with line breaks, terminal sequences or turned text', () => {
  const name = 'a\nb\x1b[31m\u202e';
  const shown = 'a\\u000ab\\u001b[31m\\u202e';

  it('stays on one line of a refusal', async () => {
    expect(await reasonsOf(stack(plain('Evil\nok', name)))).toEqual([`layer ${shown}: Evil\\u000aok is not a supported layer`]);
    expect(await reasonsOf(stack(plain('Flatten', 'flat'), { ...dense(name, [3, 4]), weights: { 'kernel\n': [1] } }))).toEqual([
      `layer ${shown} (Dense): weight ${shown}/kernel is not in the weights manifest`,
    ]);
    const renamed = wired((config) => {
      config.layers[1].inbound_nodes = [[[name, 0, 0, {}]]];
    });
    expect(await reasonsOf(renamed)).toEqual([`layer c: its input ${shown} does not exist`]);
  });

  it('still finds its weights, and is shown as an escape in what is read', async () => {
    const read = await readModel(modelFiles(stack(flat, dense(name, [72, 4], { activation: 'softmax' }))));
    if (!read.ok) throw new Error(read.reasons.join());
    const { graph } = read.value;
    expect(graph.nodes[graph.output].name).toBe(shown);
    expect(graph.notes).toEqual([`the softmax of layer ${shown} was removed: attacks need logits`]);
  });
});

it('a large kernel in front of nearly two thousand scales is multiplied once, and keeps its values where they cancel', async () => {
  const scales = Array.from({ length: 1996 }, (_, i) => plain('Rescaling', `s${i}`, { scale: i % 2 ? 0.5 : 2 }));
  const wide = dense('wide', [1000, 1000], { use_bias: false });
  const files = modelFiles(sequential([1, 1, 1000], [flat, wide, ...scales, dense('fc', [1000, 2])]));
  const read = await readModel(files);
  if (!read.ok) throw new Error(read.reasons.join());
  const { nodes } = read.value.graph;
  expect(nodes.map((n) => n.op.kind)).toEqual(['input', 'reshape', 'dense', 'dense']);
  const { values } = (nodes[2].op as Extract<Operation, { kind: 'dense' }>).kernel;
  const [ours, theirs] = [Buffer.from(values.buffer), Buffer.from(files.get(SHARD) as Uint8Array).subarray(0, 4e6)];
  expect(ours.equals(theirs)).toBe(true);
});

describe('a model is too large', () => {
  it('with more than 2000 layers', async () => {
    const many = (count: number) => stack(...Array.from({ length: count }, (_, i) => plain('Activation', `a${i}`, { activation: 'tanh' })));
    expect(await reasonsOf(many(LIMITS.nodes))).toEqual([]);
    expect(await reasonsOf(many(LIMITS.nodes + 1))).toEqual(['model.json: the model has more than 2000 layers']);
  });

  it('if layers that use each other unfold to more than 2000', async () => {
    let inside = functional([2, 2, 1], [[plain('ReLU', 'relu'), 'input']], 'relu', 'm0');
    for (let depth = 1; depth <= 7; depth++) {
      const layer = asLayer(inside);
      const calls = Array.from({ length: 10 }, (_, i) => [layer, i === 0 ? 'input' : `m${depth - 1}#${i - 1}`] as Wire);
      inside = functional([2, 2, 1], calls, `m${depth - 1}#9`, `m${depth}`);
    }
    expect(await reasonsOf(inside)).toEqual(['model.json: the model has more than 2000 layers']); // 10⁷ of them
  });

  it('above 10 GMAC an image', async () => {
    expect(await reasonsOf(sequential([1000, 1000, 3], [conv('c', [7, 7, 3, 68], { padding: 'same' })]))).toEqual([]);
    expect(await reasonsOf(sequential([1000, 1000, 3], [conv('c', [7, 7, 3, 69], { padding: 'same' })]))).toEqual([
      'model.json: one image costs 10143000000 multiply–accumulates; at most 10000000000 are accepted (the costliest layer, c, takes 10143000000)',
    ]);
  });

  it('above 10 GMAC an image, named by its costliest layer, though several steps make that up', async () => {
    const layers = [conv('small', [1, 1, 3, 1]), separable('wide', [16, 16, 1, 40], 1, { padding: 'same' })];
    expect(await reasonsOf(sequential([1000, 1000, 3], layers))).toEqual([
      expect.stringMatching(/^model\.json: one image costs 10283000000 .* \(the costliest layer, wide, takes 10280000000\)$/),
    ]);
  });

  it('above 100 million parameters', () => {
    const model = sequential([2, 5, 1000], [flat, dense('fc', [10_000, 10_001], { use_bias: false })]);
    const values = new Float32Array(10_000 * 10_001);
    const read = readLayersModel({
      json: { format: 'layers-model', topology: model.config, groups: [] },
      weights: new Map([['fc/kernel', { shape: [10_000, 10_001], values }]]),
      integers: new Map(),
      sha256: '',
      bytes: 0,
    });
    expect(read).toEqual({
      ok: false,
      reasons: ['model.json: the model has 100010000 parameters; at most 100000000 are accepted (the largest layer, fc, has 100010000)'],
    });
  });

  it('in the output of a layer, above 100 million numbers', async () => {
    const input = [4096, 4096, 4096];
    expect(await reasonsOf(sequential(input, [flat, plain('Rescaling', 'scale', { scale: 2 })]))).toEqual([
      'layer flat (Flatten): its output [68719476736] has more than 100000000 numbers an image',
    ]);
    expect(await reasonsOf(sequential(input, [plain('Rescaling', 'scale', { scale: 2 })]))).toEqual([
      'layer scale (Rescaling): its output [4096,4096,4096] has more than 100000000 numbers an image',
    ]);
  });

  it('in the scales and shifts that reading computes, above 20 million numbers', async () => {
    const rescale = (count: number) => Array.from({ length: count }, (_, i) => plain('Rescaling', `s${i}`, { scale: 2 }));
    const many = "model.json: the model's scales, shifts and arithmetic of constants take more than 20000000 numbers";
    expect(await reasonsOf(sequential([1000, 1000, 1], [flat, ...rescale(10)]))).toEqual([]);
    expect(await reasonsOf(sequential([1000, 1000, 1], [flat, ...rescale(11)]))).toEqual([many]);
    const norm = plain('Normalization', 'norm', { mean: 0, variance: 1 });
    expect(await reasonsOf(sequential([4096, 4096, 1], [flat, norm]))).toEqual([many]);
  });

  it('if a shared layer would have to be folded into too many copies', () => {
    const shared = dense('fc', [5000, 5000], { use_bias: false });
    const wires = (calls: number): Wire[] => [
      [flat, 'input'],
      ...Array.from({ length: calls }, (_, i): Wire[] => [
        [shared, i === 0 ? 'flat' : `bn${i - 1}`],
        [batchNorm(`bn${i}`, 5000), i === 0 ? 'fc' : `fc#${i}`],
      ]).flat(),
    ];
    const vector = { shape: [5000], values: new Float32Array(5000).fill(1) };
    const read = (calls: number) => {
      const model = functional([5, 10, 100], wires(calls), `bn${calls - 1}`);
      const norms = Array.from({ length: calls }, (_, i) =>
        ['gamma', 'beta', 'moving_mean', 'moving_variance'].map((role) => [`bn${i}/${role}`, vector] as const),
      ).flat();
      return readLayersModel({
        json: { format: 'layers-model', topology: model.config, groups: [] },
        weights: new Map([['fc/kernel', { shape: [5000, 5000], values: new Float32Array(25e6) }], ...norms]),
        integers: new Map(),
        sha256: '',
        bytes: 0,
      });
    };
    expect(read(1)).toMatchObject({ ok: true, value: { params: 25_010_000 } });
    expect(read(4)).toEqual({
      ok: false,
      reasons: [
        'model.json: the model has 100040000 parameters, counted at every use; at most 100000000 are accepted (the largest layer, fc, has 25000000)',
      ],
    });
  });
});
