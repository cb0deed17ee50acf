import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { recordsDigest } from '../testing/data-files';
import { builtInSource } from './built-in';
import { DATASETS, type DataSource } from './datasets';
import { GLYPH_BLOCKS } from './glyph-blocks';
import { drawGlyphs } from './glyphs';
import { openDataset, prepareDataset } from './node-source';

const GLYPHS = DATASETS.glyphs;
const sourceOf = () => builtInSource(GLYPHS) as DataSource;

it.each(['test', 'train'] as const)('the %s split has its published bytes', (split) => {
  expect(recordsDigest(drawGlyphs(split, 0, GLYPHS.records[split]))).toBe(GLYPHS.officialSha256[split]);
});

it('every block has its published digest, and the blocks make up the splits', () => {
  for (const split of ['test', 'train'] as const) expect(GLYPH_BLOCKS[split].length * 1000).toBe(GLYPHS.records[split]);
  const block = drawGlyphs('train', 59_000, 1000);
  expect(recordsDigest(block)).toBe(GLYPH_BLOCKS.train[59]);
  expect(new Set([...GLYPH_BLOCKS.test, ...GLYPH_BLOCKS.train]).size).toBe(70);
});

it('an image depends on its split and number alone', () => {
  const many = drawGlyphs('test', 0, 40);
  const one = drawGlyphs('test', 37, 1);
  expect(one.images).toEqual(many.images.slice(37 * 784, 38 * 784));
  expect(one.labels[0]).toBe(7);
  expect(drawGlyphs('train', 37, 1).images).not.toEqual(one.images);
});

it('all classes come equally often, in every ten consecutive images', () => {
  expect([...drawGlyphs('train', 120, 20).labels]).toEqual([...Array(2)].flatMap(() => [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
  expect(GLYPHS.classNames.length).toBe(10);
});

it('images differ, use most of the range of bytes, and are bright on dark as often as dark on bright', () => {
  const { images, labels } = drawGlyphs('test', 0, 1000);
  const of = (n: number) => images.subarray(n * 784, (n + 1) * 784);
  expect(new Set(Array.from(labels, (_, n) => createHash('sha256').update(of(n)).digest('hex'))).size).toBe(1000);
  const bright = Array.from(labels, (_, n) => of(n).reduce((a, b) => a + b) / 784 > 127).filter(Boolean).length;
  expect(bright).toBeGreaterThan(400);
  expect(bright).toBeLessThan(600);
  expect(images.reduce((a, b) => Math.min(a, b))).toBeLessThan(10);
  expect(images.reduce((a, b) => Math.max(a, b))).toBeGreaterThan(245);
});

it('the source reads across blocks what is drawn at once', async () => {
  const source = sourceOf();
  const read = await source.read('test', 998, 5);
  expect(read).toEqual(drawGlyphs('test', 998, 5));
  expect(await source.info('test')).toEqual({ sha256: GLYPHS.officialSha256.test, records: 10_000, official: true });
  await expect(source.read('test', 9_999, 2)).rejects.toThrow('expected records below 10000, got 9999 to 10000');
});

it('Node opens it without a folder, a network or a cache', async () => {
  const cache = mkdtempSync(path.join(os.tmpdir(), 'simplexity-glyphs-'));
  try {
    const source = await openDataset({ dataset: GLYPHS, cache: path.join(cache, 'data'), offline: true });
    expect(await source.read('train', 0, 3)).toEqual(drawGlyphs('train', 0, 3));
    await source.close();
    expect(readdirSync(cache)).toEqual([]);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});

it('a site unpacks it into raw files like any other, once', async () => {
  const cache = mkdtempSync(path.join(os.tmpdir(), 'simplexity-glyphs-'));
  const said: string[] = [];
  try {
    const options = { dataset: GLYPHS, cache, offline: true, log: (line: string) => void said.push(line) };
    const { manifest } = await prepareDataset(options);
    expect(manifest).toEqual({
      notes: [],
      test: { sha256: GLYPHS.officialSha256.test, records: 10_000, official: true },
      train: { sha256: GLYPHS.officialSha256.train, records: 60_000, official: true },
    });
    await prepareDataset(options);
    expect(said).toEqual(['drawing Glyphs']);
  } finally {
    rmSync(cache, { recursive: true, force: true });
  }
});
