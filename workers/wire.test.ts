import { expect, it } from 'vitest';
import { browserBase64 } from './browser/base64';
import { nodeBase64 } from './node/base64';
import { pack, unpack } from './wire';

const value = {
  words: 'ε 8/255',
  nothing: null,
  numbers: [0.1, 1e-300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
  lists: [
    Uint8Array.from({ length: 1000 }, (_, i) => i),
    new Float32Array([Math.fround(0.1), -0, Number.NaN, 3.4e38]),
    new Float64Array(4096).map((_, i) => Math.sin(i)).subarray(1, 4000),
    new Int32Array([-1, 2 ** 31 - 1]),
    new Float32Array(0),
  ],
  files: new Map([
    ['model.json', new TextEncoder().encode('{}')],
    ['folder/weights.bin', Uint8Array.of(1, 2, 3)],
  ]),
};

it.each([
  ['Node', nodeBase64, nodeBase64],
  ['Node to the browser', nodeBase64, browserBase64],
  ['the browser to Node', browserBase64, nodeBase64],
])('%s: what is packed comes out again, bit for bit', (_, from, to) => {
  const out = unpack<typeof value>(pack(value, from), to);
  expect(out).toEqual(value);
  expect(Object.is(out.lists[1][1], -0)).toBe(true);
});

it('what was read from a file travels as bytes like any other', () => {
  expect(unpack(pack({ files: new Map([['a', Buffer.from('abc')]]) }, nodeBase64), nodeBase64)).toEqual({
    files: new Map([['a', new TextEncoder().encode('abc')]]),
  });
});
