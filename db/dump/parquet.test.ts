import { parquetReadObjects } from 'hyparquet';
import { expect, it } from 'vitest';
import { parquetOf } from './parquet';

const readBack = async (rows: Record<string, unknown>[]) => {
  const bytes = parquetOf(rows);
  return parquetReadObjects({ file: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer });
};

it('gives back what was written: text, numbers, truth, lists and objects, and what is not there', async () => {
  const rows = [
    { id: 'a', share: 0.1234567890123, count: 10_000, full: true, basis: ['x', 'y'], data: { from: 1 }, none: null },
    { id: 'ü 漢', share: null, count: 0, full: false, basis: [], data: null, none: null },
  ];
  expect(await readBack(rows)).toEqual(rows);
});

it('a column that some rows lack is null there; one of several kinds is text', async () => {
  expect(await readBack([{ a: 1 }, { b: 'x' }, { a: 2, b: 3 }])).toEqual([
    { a: 1, b: null },
    { a: null, b: 'x' },
    { a: 2, b: '3' },
  ]);
});

it('many rows, and none at all', async () => {
  const many = Array.from({ length: 5000 }, (_, n) => ({ n, text: `row ${n % 7}` }));
  expect(await readBack(many)).toEqual(many);
  expect(await readBack([])).toEqual([]);
});
