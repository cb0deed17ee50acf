import { describe, expect, it } from 'vitest';
import { asLayer, conv, dense, functional, modelFiles, plain, separable, sequential, type Wire } from '../testing/keras-model';
import { flat, reasonsOf, stack, wired } from '../testing/refusals';
import { LIMITS } from './bundle';
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
    expect(await reasonsOf(sequential([2000, 2000, 3], [conv('c', [3, 3, 3, 64], { padding: 'same' })]))).toEqual([]);
    expect(await reasonsOf(sequential([2500, 2500, 3], [conv('c', [3, 3, 3, 64], { padding: 'same' })]))).toEqual([
      'model.json: one image costs 10800000000 multiply–accumulates; at most 10000000000 are accepted (the costliest layer, c, takes 10800000000)',
    ]);
  });

  it('above 10 GMAC an image, named by its costliest layer, though several steps make that up', async () => {
    const layers = [conv('small', [1, 1, 3, 1]), separable('wide', [9, 9, 1, 40], 1, { padding: 'same' })];
    expect(await reasonsOf(sequential([2000, 2000, 3], layers))).toEqual([
      expect.stringMatching(/^model\.json: one image costs 13132000000 .* \(the costliest layer, wide, takes 13120000000\)$/),
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
});
