import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { conv, jsonBytes, modelFiles, SHARD, sequential, type WrittenModel, type WrittenWeight, writeModel } from '../testing/keras-model';
import { isSafePath, jsonDepth, LIMITS, readBundle, readModelJson } from './bundle';

const MODEL = sequential([4, 4, 1], [conv('a', [3, 3, 1, 2]), conv('b', [2, 2, 2, 1])]);
const encode = (text: string) => new TextEncoder().encode(text);

/** Reasons why model.json is refused after a change. */
function reasonsAfter(change: (json: WrittenModel, weights: (WrittenWeight & Record<string, unknown>)[]) => void): string[] {
  const { json } = writeModel(MODEL);
  change(json, json.weightsManifest[0].weights as never);
  const read = readModelJson(jsonBytes(json));
  return read.ok ? [] : read.reasons;
}
const reasonsOf = (text: string) => {
  const read = readModelJson(encode(text));
  return read.ok ? [] : read.reasons;
};

describe('the depth of a JSON text', () => {
  it.each([
    ['1', 0],
    ['{}', 1],
    ['[[],[[]]]', 3],
    ['{"a":{"b":[1]}}', 3],
    ['"[[[["', 0],
    ['["\\"[[", "\\\\", [1]]', 2],
  ])('of %s is %d', (text, depth) => {
    expect(jsonDepth(text)).toBe(depth);
  });
});

describe("a weight file's path", () => {
  it.each(['group1-shard1of1.bin', 'weights/shard.bin', 'a b.bin', '..bin', 'ümläut.bin'])('may be %j', (path) => {
    expect(isSafePath(path)).toBe(true);
  });

  it.each([
    '',
    '.',
    '..',
    '../x',
    '%2e%2e/x',
    'a/.%2E/x',
    'a/../../x',
    './x',
    '/etc/passwd',
    'a//b',
    'a/',
    'a\\b',
    '..\\x',
    'C:x',
    'C:\\x',
    'http://example.org/x.bin',
    'file:///x',
    'data:,x',
    'x\0y',
    'x'.repeat(256),
  ])('may not be %j', (path) => {
    expect(isSafePath(path)).toBe(false);
    expect(reasonsAfter((json) => json.weightsManifest[0].paths.push(path))).toEqual([
      `model.json: weight file ${JSON.stringify(path)} must be a relative path inside the model's folder`,
    ]);
  });
});

describe('model.json is refused', () => {
  it.each([
    ['that is no JSON', '{"modelTopology":', /^model\.json is not valid JSON: /],
    ['that is empty', '', /^model\.json is not valid JSON: /],
    ['that is a list', '[]', /^model\.json must hold an object$/],
    ['that is null', 'null', /^model\.json must hold an object$/],
    ['that holds weights alone', '{"weightsManifest":[]}', /has no modelTopology; save the whole model/],
    ['whose topology hides in its prototype', '{"__proto__":{"modelTopology":{}},"weightsManifest":[]}', /has no modelTopology/],
    ['without a manifest', '{"modelTopology":{}}', /^model\.json: weightsManifest: expected a list, got nothing$/],
    [
      'whose manifest hides in its prototype',
      '{"modelTopology":{},"__proto__":{"weightsManifest":[]}}',
      /^model\.json: weightsManifest: expected a list, got nothing$/,
    ],
  ])('%s', (_, text, reason) => {
    const reasons = reasonsOf(text);
    expect(reasons).toHaveLength(1);
    expect(reasons[0]).toMatch(reason);
  });

  it.each([
    ['null', ': expected a list, got null'],
    ['[[]]', '.0: expected an object, got a list'],
    ['[{"paths":[],"weights":[]}]', '.0.paths: expected a list that is not empty'],
    ['[{"paths":["a"],"weights":[{"name":5,"shape":[],"dtype":"float32"}]}]', '.0.weights.0.name: expected a string, got a number'],
    ['[{"paths":["a"],"weights":[{"name":"","shape":[],"dtype":"float32"}]}]', '.0.weights.0.name: expected a string that is not empty'],
    ['[{"paths":["a"],"weights":[{"name":"w","dtype":"float32"}]}]', '.0.weights.0.shape: expected a list, got nothing'],
    ['[{"paths":["a"],"weights":[{"name":"w","shape":[2,1.5],"dtype":""}]}]', '.0.weights.0.shape.1: expected a whole number, got 1.5'],
    ['[{"paths":["a"],"weights":[{"name":"w","shape":[true],"dtype":""}]}]', '.0.weights.0.shape.0: expected a number, got true or false'],
    ['[{"paths":["a"],"weights":[{"name":"w","shape":[1e300],"dtype":""}]}]', /^\.0\.weights\.0\.shape\.0: Too big: .*, got 1e\+300$/],
  ])('whose manifest is %s, naming the field', (manifest, reason) => {
    const [said, ...more] = reasonsOf(`{"modelTopology":{},"weightsManifest":${manifest}}`);
    expect(said).toMatch(/^model\.json: weightsManifest/);
    const rest = said.slice('model.json: weightsManifest'.length);
    expect(rest).toEqual(typeof reason === 'string' ? reason : expect.stringMatching(reason));
    expect(more).toEqual([]);
  });

  it('with every field of the manifest that is wrong, up to twenty', () => {
    const wrong = (count: number) => JSON.stringify({ modelTopology: {}, weightsManifest: Array.from({ length: count }, () => 1) });
    expect(reasonsOf(wrong(2))).toEqual([0, 1].map((i) => `model.json: weightsManifest.${i}: expected an object, got a number`));
    expect(reasonsOf(wrong(1000))).toHaveLength(20);
  });

  it('that is nested more than 64 deep, and read at 64', () => {
    const nested = (depth: number) => `{"modelTopology":{"x":${'['.repeat(depth - 2)}${']'.repeat(depth - 2)}},"weightsManifest":[]}`;
    expect(reasonsOf(nested(64))).toEqual([]);
    expect(reasonsOf(nested(65))).toEqual(['model.json is nested 65 levels deep; at most 64 are read']);
  });

  it('that is nested so deep that a parser would overflow', () => {
    expect(reasonsOf('['.repeat(1_000_000))).toEqual(['model.json is nested 1000000 levels deep; at most 64 are read']);
  });

  it('that is longer than 10 MB', () => {
    const read = readModelJson(new Uint8Array(LIMITS.jsonBytes + 1));
    expect(read).toEqual({
      ok: false,
      reasons: [`model.json is ${LIMITS.jsonBytes + 1} bytes long; at most ${LIMITS.jsonBytes} are read`],
    });
  });

  it.each<[string, (w: (WrittenWeight & Record<string, unknown>)[]) => void, string]>([
    [
      'a weight quantised to four bits',
      (w) => (w[0].quantization = { scale: 1, min: 0, dtype: 'uint4' }),
      'weight a/kernel is quantised in an unknown way; uint8 and uint16 with scale and min, and float16, are read',
    ],
    [
      'a quantised weight without its scale',
      (w) => (w[0].quantization = { min: 0, dtype: 'uint16' }),
      'weight a/kernel is quantised in an unknown way; uint8 and uint16 with scale and min, and float16, are read',
    ],
    ['half precision', (w) => (w[1].dtype = 'float16'), 'weight a/bias has type float16; float32 is needed'],
    ['integers', (w) => (w[0].dtype = 'int32'), 'weight a/kernel has type int32; float32 is needed'],
    ['one name twice', (w) => (w[2].name = 'a/kernel'), 'weight a/kernel is listed twice'],
    ['a size of zero', (w) => (w[0].shape[0] = 0), 'weight a/kernel has shape [0,3,1,2]; every size must be at least 1'],
    ['a negative size', (w) => (w[0].shape = [-3, -3, 1, 2]), 'weight a/kernel has shape [-3,-3,1,2]; every size must be at least 1'],
  ])('for %s, naming the weight', (_, change, reason) => {
    expect(reasonsAfter((__, weights) => change(weights))).toEqual([`model.json: ${reason}`]);
  });

  it('for every weight that is wrong, at once', () => {
    const reasons = reasonsAfter((_, weights) => {
      weights[0].dtype = 'bool';
      weights[1].shape = [0];
      weights[2].quantization = {};
    });
    expect(reasons).toHaveLength(3);
  });

  it('for weights of more than 400 MB, however the sizes multiply', () => {
    expect(reasonsAfter((_, weights) => (weights[0].shape = [100_000_001]))).toEqual([
      'model.json: the weights are 400000048 bytes long; at most 400000000 are accepted (the largest, a/kernel, has 400000004)',
    ]);
    const huge = 1e15;
    expect(reasonsAfter((_, weights) => (weights[2].shape = [huge, huge, huge, huge]))).toEqual([
      'model.json: the weights are about 4 × 10^60 bytes long; at most 400000000 are accepted (the largest, b/kernel, has about 4 × 10^60)',
    ]);
  });

  it('for quantised weights that would grow beyond 100 million numbers', () => {
    const grown = (_: unknown, weights: (WrittenWeight & Record<string, unknown>)[]) => {
      weights[0].shape = [200_000_000];
      weights[0].quantization = { dtype: 'uint8', scale: 1, min: 0 };
    };
    expect(reasonsAfter(grown)).toEqual([
      'model.json: the weights are 200000011 numbers; at most 100000000 are accepted (the largest, a/kernel, has 200000000)',
    ]);
  });

  it('in sentences of one line each, whatever the names hold', () => {
    const reasons = reasonsAfter((json, weights) => {
      json.weightsManifest[0].paths.push('/evil\nok\u202e');
      weights[0].name = 'a\nmodel.json: fine\x1b[2J';
      weights[0].dtype = 'bool';
    });
    expect(reasons).toEqual([
      `model.json: weight file "/evil\\nok\\u202e" must be a relative path inside the model's folder`,
      'model.json: weight a\\u000amodel.json: fine\\u001b[2J has type bool; float32 is needed',
    ]);
    expect(reasonsOf('{"a":\x1b]}')[0]).not.toContain('\x1b');
  });
});

describe('reading model.json', () => {
  it('leaves the prototype of objects alone', () => {
    const text = JSON.stringify(writeModel(MODEL).json);
    const hostile = `{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},${text.slice(1)}`;
    expect(reasonsOf(hostile)).toEqual([]);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('tells a graph model from a layers model', () => {
    const format = (json: object) => {
      const read = readModelJson(jsonBytes(json));
      return read.ok && read.value.format;
    };
    expect(format({ modelTopology: {}, weightsManifest: [] })).toBe('layers-model');
    expect(format({ modelTopology: { node: [] }, weightsManifest: [] })).toBe('graph-model');
    expect(format({ format: 'graph-model', modelTopology: {}, weightsManifest: [] })).toBe('graph-model');
  });
});

describe('a bundle', () => {
  const reasons = async (change: (files: Map<string, Uint8Array>) => void) => {
    const files = modelFiles(MODEL);
    change(files);
    const read = await readBundle(files);
    return read.ok ? [] : read.reasons;
  };
  const shardWith = (position: number, value: number) => (files: Map<string, Uint8Array>) => {
    new DataView((files.get(SHARD) as Uint8Array).buffer).setFloat32(4 * position, value, true);
  };

  it.each<[string, (files: Map<string, Uint8Array>) => void, string]>([
    ['without model.json', (f) => f.delete('model.json'), 'model.json is missing'],
    ['without its shard', (f) => f.delete(SHARD), `weight file ${SHARD} is missing`],
    [
      'with a truncated shard',
      (f) => f.set(SHARD, (f.get(SHARD) as Uint8Array).slice(0, -1)),
      `weight file ${SHARD}: 115 bytes found, 116 expected (truncated?)`,
    ],
    ['with bytes left over', (f) => f.set(SHARD, new Uint8Array(120)), `weight file ${SHARD}: 120 bytes found, 116 expected`],
    ['with a weight that is not a number', shardWith(19, Number.NaN), 'weight a/bias holds NaN at position 1; every weight must be finite'],
    ['with an infinite weight', shardWith(2, -Infinity), 'weight a/kernel holds -Infinity at position 2; every weight must be finite'],
  ])('%s is refused', async (_, change, reason) => {
    expect(await reasons(change)).toEqual([reason]);
  });

  it('without any of a great many shards is refused, naming each', async () => {
    const paths = Array.from({ length: 200_000 }, (_, i) => `s${i}`);
    expect(
      await reasons((f) => f.set('model.json', jsonBytes({ modelTopology: {}, weightsManifest: [{ paths, weights: [] }] }))),
    ).toHaveLength(paths.length);
  });

  it('is read from several shards, cut where they like, in the order of the manifest', async () => {
    const { json, shard } = writeModel(MODEL);
    json.weightsManifest[0].paths = ['z.bin', 'a.bin'];
    const files = new Map([
      ['model.json', jsonBytes(json)],
      ['a.bin', shard.slice(50)],
      ['z.bin', shard.slice(0, 50)],
    ]);
    const [whole, parts] = [await readBundle(modelFiles(MODEL)), await readBundle(files)];
    if (!whole.ok || !parts.ok) throw new Error('refused');
    expect(parts.value.weights).toEqual(whole.value.weights);
    expect([...whole.value.weights.keys()]).toEqual(['a/kernel', 'a/bias', 'b/kernel', 'b/bias']);
    expect(whole.value.weights.get('b/bias')).toEqual({ shape: [1], values: new Float32Array(shard.slice(-4).buffer) });
    expect(whole.value.bytes).toBe(jsonBytes(writeModel(MODEL).json).length + shard.length);
  });

  it('has the identity that sha256sum gives', async () => {
    const files = modelFiles(MODEL);
    const sum = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
    const lines = ['model.json', SHARD].map((path) => `${sum(files.get(path) as Uint8Array)}  ${path}\n`);
    const read = await readBundle(files);
    expect(read.ok && read.value.sha256).toBe(sum(lines.join('')));
  });

  it('may hold the counter that Keras keeps beside a normalisation, which is passed over', async () => {
    const { json, shard } = writeModel(MODEL);
    json.weightsManifest[0].weights.splice(1, 0, { name: 'norm/count', shape: [], dtype: 'int32' });
    const bytes = new Uint8Array([...shard.slice(0, 72), 255, 255, 255, 255, ...shard.slice(72)]); // NaN, were it a float
    const read = await readBundle(
      new Map([
        ['model.json', jsonBytes(json)],
        [SHARD, bytes],
      ]),
    );
    const plain = await readBundle(modelFiles(MODEL));
    if (!read.ok || !plain.ok) throw new Error('refused');
    expect(read.value.weights).toEqual(plain.value.weights);
  });
});
