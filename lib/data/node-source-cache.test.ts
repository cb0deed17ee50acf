import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FASHION, fashionFiles, randomRecords, readBytes, tree, writeFiles } from '../testing/data-files';
import { files, sourceFolders, test, train } from '../testing/source-folders';
import { openDataset, prepareDataset } from './node-source';

const { root, directory, cache, said, options, unpackings } = sourceFolders();

describe('the cache', () => {
  it('is used where no directory is named, or where it holds nothing of the set', async () => {
    writeFiles(directory, files);
    await prepareDataset(options());
    for (const elsewhere of [undefined, path.join(root, 'nowhere')]) {
      expect((await prepareDataset(options({ directory: elsewhere }))).manifest.test?.records).toBe(7);
    }
    expect(unpackings()).toHaveLength(1);
    expect(said.at(-1)).toBe(`${path.join(root, 'nowhere')} holds no files of Fashion-MNIST; using the copy in ${cache}`);
  });

  it('says where it looked when there is nothing', async () => {
    await expect(prepareDataset(options({ directory: undefined }))).rejects.toMatchObject({
      code: 'data-unavailable',
      message: `Fashion-MNIST is not here: no data directory was named (--data, DATASETS_DIR), and nothing is cached in ${cache}`,
    });
    await expect(prepareDataset(options())).rejects.toThrow(`${directory} holds no files of Fashion-MNIST`);
  });

  it.each([
    [
      'a flipped byte',
      (file: string) =>
        writeFileSync(
          file,
          readBytes(file).map((b, i) => (i === 100 ? b ^ 1 : b)),
        ),
    ],
    ['a lost end', (file: string) => truncateSync(file, 1000)],
    ['a lost file', (file: string) => rmSync(file)],
  ])('is checked before the first read and repaired: %s', async (_, damage) => {
    writeFiles(directory, files);
    const { folder } = await prepareDataset(options());
    damage(path.join(folder, 'test.bin'));
    const source = await openDataset(options());
    expect(await source.read('test', 0, 7)).toEqual(test);
    expect(await source.read('train', 0, 12)).toEqual(train);
    await source.close();
    expect(said.some((line) => line.endsWith('test.bin is damaged: unpacking again'))).toBe(true);
  });

  it('that is damaged and cannot be repaired is refused', async () => {
    writeFiles(directory, files);
    const { folder } = await prepareDataset(options());
    rmSync(directory, { recursive: true });
    truncateSync(path.join(folder, 'test.bin'), 10);
    const source = await openDataset(options({ directory: undefined }));
    await expect(source.read('test', 0, 1)).rejects.toMatchObject({ code: 'data-unavailable' });
    await source.close();
  });

  it('with a half-written folder is unpacked again, and what a killed process left is cleared away', async () => {
    writeFiles(directory, files);
    const { folder } = await prepareDataset(options());
    rmSync(path.join(folder, 'manifest.json'));
    mkdirSync(`${folder}.999999999.part-abc`);
    writeFileSync(path.join(`${folder}.999999999.part-abc`, 'test.bin'), 'half');
    expect((await prepareDataset(options())).manifest.test?.records).toBe(7);
    const home = path.basename(folder);
    expect(tree(path.dirname(folder))).toEqual([`${home}/manifest.json`, `${home}/test.bin`, `${home}/train.bin`, 'current'].sort());
  });

  it('that cannot be written is named', async () => {
    writeFiles(directory, files);
    writeFileSync(cache, 'a file');
    await expect(prepareDataset(options())).rejects.toMatchObject({
      code: 'data-unavailable',
      message: expect.stringMatching(/^cannot write \(.*\) in .*cache to unpack Fashion-MNIST$/),
    });
  });

  it.runIf(existsSync('/proc/self'))('that cannot be made is named, soon', async () => {
    writeFiles(directory, files);
    await expect(prepareDataset(options({ cache: '/proc/simplexity' }))).rejects.toMatchObject({
      code: 'data-unavailable',
      message: expect.stringMatching(/^cannot write \(ENOENT.*\) in \/proc\/simplexity to unpack Fashion-MNIST$/),
    });
  });

  it.skipIf(process.getuid?.() === 0)('that may not be written is named (not as root, who may)', async () => {
    writeFiles(directory, files);
    mkdirSync(path.join(cache, 'fashion-mnist'), { recursive: true });
    chmodSync(path.join(cache, 'fashion-mnist'), 0o500);
    await expect(prepareDataset(options())).rejects.toMatchObject({ code: 'data-unavailable' });
  });

  it('stays whole when several processes unpack and repair at once', { timeout: 60_000 }, async () => {
    const bigger = fashionFiles({ test: randomRecords(FASHION, 300, 'test'), train: randomRecords(FASHION, 300, 'train') });
    writeFiles(directory, bigger);
    const script = path.join(import.meta.dirname, '../testing/unpacking-process.ts');
    const round = async () => {
      const children = Array.from({ length: 4 }, () => fork(script, [directory, cache], { execArgv: ['--import', 'tsx'], stdio: 'pipe' }));
      const errors = children.map(() => '');
      children.forEach((child, i) => {
        child.stderr?.on('data', (text) => {
          errors[i] += text;
        });
      });
      const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
      expect(errors.join('')).toBe('');
      expect(codes).toEqual([0, 0, 0, 0]);
    };
    await round();
    const { folder } = await prepareDataset(options());
    truncateSync(path.join(folder, 'train.bin'), 5);
    await round();
    expect(tree(path.join(cache, 'fashion-mnist')).filter((f) => f.includes('part'))).toEqual([]);
  });
});
