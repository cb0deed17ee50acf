import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  CIFAR,
  CIFAR_100,
  cifarBatch,
  FASHION,
  fashionFiles,
  publishedAt,
  randomRecords,
  recordsDigest,
  sha256Sums,
  tarGz,
  tree,
  writeFiles,
} from '../testing/data-files';
import { files, sourceFolders, test, train } from '../testing/source-folders';
import type { Dataset } from './datasets';
import { openDataset, prepareDataset } from './node-source';

const { directory, cache, options, unpackings } = sourceFolders();

describe('a directory', () => {
  it.each([true, false])('is unpacked once and read by ranges (gzipped: %s)', async (gz) => {
    writeFiles(directory, fashionFiles({ test, train }, gz));
    const source = await openDataset(options());
    expect(await source.info('test')).toEqual({ sha256: recordsDigest(test), records: 7, official: false });
    expect(await source.info('train')).toMatchObject({ records: 12 });
    const part = await source.read('train', 5, 4);
    expect(part.images).toEqual(train.images.slice(5 * 784, 9 * 784));
    expect([...part.labels]).toEqual([5, 6, 7, 8]);
    expect(await source.read('test', 0, 7)).toEqual(test);
    expect((await source.read('test', 7, 0)).labels).toHaveLength(0);
    await expect(source.read('test', 5, 3)).rejects.toThrow('expected records below 7, got 5 to 7');
    await source.close();
    await (await openDataset(options())).close();
    expect(unpackings()).toEqual([`unpacking Fashion-MNIST from ${directory}`]);
  });

  it('knows official bytes by the digest of the decoded split, else by the published checksums of the files', async () => {
    writeFiles(directory, files);
    const known: Dataset = { ...FASHION, officialSha256: { test: recordsDigest(test), train: 'f'.repeat(64) } };
    const { manifest } = await prepareDataset(options({ dataset: known, official: publishedAt('', files) }));
    expect([manifest.test?.official, manifest.train?.official]).toEqual([true, false]);
    rmSync(cache, { recursive: true });
    const unknown: Dataset = { ...FASHION, officialSha256: {} };
    expect((await prepareDataset(options({ dataset: unknown, official: publishedAt('', files) }))).manifest.test?.official).toBe(true);
    rmSync(cache, { recursive: true });
    const others = publishedAt('', files).map((f, i) => ({ ...f, md5: i === 0 ? '0'.repeat(32) : f.md5 }));
    expect((await prepareDataset(options({ dataset: unknown, official: others }))).manifest.test?.official).toBe(false);
  });

  it('agrees with its SHA256SUMS', async () => {
    writeFiles(directory, files);
    writeFileSync(path.join(directory, 'SHA256SUMS'), sha256Sums(files).replaceAll('\n', '\r\n').replaceAll('  fashion', ' *./fashion'));
    expect((await prepareDataset(options())).manifest.train?.records).toBe(12);
  });

  it('is refused where a file differs from its line in SHA256SUMS', async () => {
    writeFiles(directory, files);
    const changed = new Map(files).set('fashion-mnist/train-labels-idx1-ubyte.gz', Uint8Array.of(1));
    writeFileSync(path.join(directory, 'SHA256SUMS'), sha256Sums(changed));
    await expect(prepareDataset(options())).rejects.toMatchObject({
      code: 'data-damaged',
      message: `fashion-mnist/train-labels-idx1-ubyte.gz does not match its line in ${directory}/SHA256SUMS`,
    });
    expect(tree(cache)).toEqual([]);
  });

  it('is unpacked again when a file has changed', async () => {
    writeFiles(directory, files);
    await prepareDataset(options());
    writeFiles(directory, fashionFiles({ test: randomRecords(FASHION, 8, 'test'), train }));
    expect((await prepareDataset(options())).manifest.test?.records).toBe(8);
    expect(unpackings()).toHaveLength(2);
  });

  it('may hold one split alone; the other is missed only when it is read', async () => {
    writeFiles(directory, fashionFiles({ test }));
    const source = await openDataset(options());
    expect(await source.info('test')).toMatchObject({ records: 7 });
    await expect(source.info('train')).rejects.toMatchObject({
      code: 'data-unavailable',
      message: 'the train split of Fashion-MNIST is not in the data directory',
    });
    await source.close();
  });

  it.each([
    [
      'labels without images',
      'fashion-mnist/train-images-idx3-ubyte.gz',
      undefined,
      'data-damaged',
      /train-images-idx3-ubyte\[\.gz\] is missing/,
    ],
    [
      'images without labels',
      'fashion-mnist/t10k-labels-idx1-ubyte.gz',
      undefined,
      'data-damaged',
      /t10k-labels-idx1-ubyte\[\.gz\] is missing/,
    ],
    [
      'a gzip that was cut',
      'fashion-mnist/train-images-idx3-ubyte.gz',
      -20,
      'data-damaged',
      /train-images-idx3-ubyte\.gz is not a complete gzip file/,
    ],
    ['an empty file', 'fashion-mnist/train-images-idx3-ubyte.gz', 0, 'data-damaged', /not a complete gzip file/],
  ] as const)('is refused with the file: %s', async (_, name, cut, code, message) => {
    writeFiles(directory, files);
    const file = path.join(directory, name);
    if (cut === undefined) rmSync(file);
    else writeFileSync(file, readFileSync(file).subarray(0, cut));
    await expect(prepareDataset(options())).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(tree(cache)).toEqual([]);
  });

  it('with images and labels of different counts is refused', async () => {
    const mixed = fashionFiles({ test, train });
    mixed.set('fashion-mnist/t10k-labels-idx1-ubyte.gz', files.get('fashion-mnist/train-labels-idx1-ubyte.gz') as Uint8Array);
    writeFiles(directory, mixed);
    await expect(prepareDataset(options())).rejects.toThrow(/holds 7 images, .* 12 labels/);
  });

  it.each(['test', 'train'] as const)(
    'whose %s split holds no records is refused with the file, and nothing stays in the cache',
    async (split) => {
      const none = { images: new Uint8Array(), labels: new Uint8Array() };
      writeFiles(directory, fashionFiles({ test, train, [split]: none }));
      await expect(prepareDataset(options())).rejects.toMatchObject({
        code: 'data-damaged',
        message: `fashion-mnist/${split === 'train' ? 'train' : 't10k'}-images-idx3-ubyte.gz holds no records`,
      });
      expect(readdirSync(path.join(cache, 'fashion-mnist'))).toEqual([]);
    },
  );

  it('with something that cannot be read is unavailable, not a crash', async () => {
    writeFiles(directory, files);
    const file = path.join(directory, 'fashion-mnist/t10k-images-idx3-ubyte.gz');
    rmSync(file);
    mkdirSync(file);
    await expect(prepareDataset(options())).rejects.toMatchObject({ code: 'data-unavailable', message: expect.stringMatching(/EISDIR/) });
  });
});

describe('CIFAR-10', () => {
  const batch = (n: number) => randomRecords(CIFAR, 4, 'train', n);
  const archive = (names: [string, number][]) =>
    tarGz(new Map(names.map(([name, n]) => [`cifar-10-batches-bin/${name}`, n ? cifarBatch(batch(n)) : Uint8Array.of(1)])));
  const cifar = () => options({ dataset: CIFAR });
  const write = (bytes: Uint8Array) => writeFiles(directory, new Map([['cifar-10-binary.tar.gz', bytes]]));

  it('joins the training batches by number, whatever their order, and says how many there are', async () => {
    write(
      await archive([
        ['data_batch_2.bin', 2],
        ['readme.html', 0],
        ['test_batch.bin', 9],
        ['data_batch_1.bin', 1],
      ]),
    );
    const source = await openDataset(cifar());
    expect(source.notes).toEqual(["cifar-10-binary.tar.gz holds 2 of CIFAR-10's 5 training batches"]);
    expect((await source.info('train')).records).toBe(8);
    expect((await source.read('train', 0, 4)).images).toEqual(batch(1).images);
    expect((await source.read('train', 4, 4)).images).toEqual(batch(2).images);
    expect((await source.read('test', 0, 4)).images).toEqual(batch(9).images);
    await source.close();
  });

  it('has nothing to remark on a complete archive', async () => {
    write(await archive([1, 2, 3, 4, 5].map((n) => [`data_batch_${n}.bin`, n] as [string, number]).concat([['test_batch.bin', 6]])));
    expect((await prepareDataset(cifar())).manifest).toMatchObject({ notes: [], train: { records: 20 }, test: { records: 4 } });
  });

  it.each([
    ['cut', async () => (await archive([['test_batch.bin', 1]])).subarray(0, -400), /not a complete tar\.gz archive/],
    ['no archive', async () => Uint8Array.of(1, 2, 3), /not a complete tar\.gz archive/],
    ['without batches', async () => archive([['readme.html', 0]]), /holds no CIFAR-10 batches/],
    ['with a cut batch', async () => tarGz(new Map([['x/test_batch.bin', new Uint8Array(3000)]])), /test_batch\.bin is 3000 bytes long/],
    [
      'with a batch twice',
      async () =>
        archive([
          ['test_batch.bin', 1],
          ['./test_batch.bin', 2],
        ]),
      /holds test_batch\.bin twice/,
    ],
  ])('is refused: %s', async (_, bytes, message) => {
    write(await bytes());
    await expect(prepareDataset(cifar())).rejects.toMatchObject({ code: 'data-damaged', message: expect.stringMatching(message) });
  });
});

describe('CIFAR-100', () => {
  const records = (count: number, seed: number) => {
    const drawn = randomRecords(CIFAR_100, count, 'train', seed);
    return { ...drawn, labels: drawn.labels.map((_, n) => (7 * n + 93) % 100) };
  };
  const bin = (count: number, seed: number) => cifarBatch(records(count, seed), new Uint8Array(count).fill(19));
  const cifar = () => options({ dataset: CIFAR_100 });
  const write = async (entries: [string, Uint8Array][]) =>
    writeFiles(directory, new Map([['cifar-100-binary.tar.gz', await tarGz(new Map(entries))]]));

  it('is read by its fine labels, and says how many images it holds', async () => {
    await write([
      ['cifar-100-binary/fine_label_names.txt', Uint8Array.of(1)],
      ['./cifar-100-binary/train.bin', bin(6, 1)],
      ['cifar-100-binary/test.bin', bin(3, 2)],
    ]);
    const source = await openDataset(cifar());
    expect(source.notes).toEqual([
      "cifar-100-binary.tar.gz holds 3 of CIFAR-100's 10000 test images",
      "cifar-100-binary.tar.gz holds 6 of CIFAR-100's 50000 training images",
    ]);
    expect(await source.info('train')).toEqual({ sha256: recordsDigest(records(6, 1)), records: 6, official: false });
    expect(await source.read('train', 0, 6)).toEqual(records(6, 1));
    expect(await source.read('test', 0, 3)).toEqual(records(3, 2));
    await source.close();
  });

  it('is official by the published checksum of the archive', async () => {
    const archive = new Map([['cifar-100-binary.tar.gz', await tarGz(new Map([['cifar-100-binary/test.bin', bin(3, 2)]]))]]);
    writeFiles(directory, archive);
    const { manifest } = await prepareDataset({ ...cifar(), official: publishedAt('', archive) });
    expect(manifest.test).toMatchObject({ records: 3, official: true });
    expect(manifest.train).toBeUndefined();
  });

  it.each([
    [
      'other folders',
      [['cifar-100-python/train.bin', 3]],
      /holds neither .*train\.bin nor .*test\.bin; it holds cifar-100-python\/train\.bin/,
    ],
    ['a path that leads out', [['../cifar-100-binary/train.bin', 3]], /holds neither/],
    ['a cut file', [['cifar-100-binary/train.bin', 0.5]], /cifar-100-binary\/train\.bin is 1537 bytes long, a multiple of 3074/],
    ['no records', [['cifar-100-binary/train.bin', 0]], /cifar-100-binary\/train\.bin holds no records/],
    [
      'more images than there are',
      [['cifar-100-binary/test.bin', 10001]],
      /test\.bin in cifar-100-binary\.tar\.gz is 30743074 bytes long, at most 30740000 expected/,
    ],
    [
      'a file twice',
      [
        ['cifar-100-binary/test.bin', 1],
        ['./cifar-100-binary/test.bin', 1],
      ],
      /holds cifar-100-binary\/test\.bin twice/,
    ],
  ] as [string, [string, number][], RegExp][])('is refused with the file: %s', async (_, entries, message) => {
    await write(entries.map(([name, count]) => [name, new Uint8Array(count * 3074)]));
    await expect(prepareDataset(cifar())).rejects.toMatchObject({ code: 'data-damaged', message: expect.stringMatching(message) });
    expect(tree(cache)).toEqual([]);
  });
});

it('breaks off when asked and leaves nothing half-written', async () => {
  writeFiles(directory, files);
  await expect(prepareDataset(options({ signal: AbortSignal.abort() }))).rejects.toMatchObject({ code: 'stopped' });
  expect(tree(cache)).toEqual([]);
});
