/** A tiny ImageNette in its original form: archive → raw splits. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import tar from 'tar-stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { publishedAt, readBytes, tarGz, tree, writeFiles } from '../testing/data-files';
import { imagenetteFiles, jpeg } from '../testing/jpeg-files';
import { DATASETS } from './datasets';
import { centreCrop } from './imagenette';
import { openJpegDecoder } from './jpeg';
import { type NodeSourceOptions, openDataset, prepareDataset } from './node-source';

const SIZE = 160 * 160 * 3;
let root: string;
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-imagenette-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const options = (changes: Partial<NodeSourceOptions> = {}): NodeSourceOptions => ({
  dataset: DATASETS.imagenette,
  directory: path.join(root, 'sets'),
  cache: path.join(root, 'cache'),
  offline: true,
  ...changes,
});
const place = async (entries: readonly (readonly [string, Uint8Array])[]) => {
  const files = await imagenetteFiles(entries);
  writeFiles(path.join(root, 'sets'), files);
  return files;
};
/** What the file should become. */
async function pixels(file: Uint8Array): Promise<Uint8Array> {
  const { rgba, width, height } = (await openJpegDecoder())(file, 'f');
  const out = new Uint8Array(SIZE);
  centreCrop(rgba, width, height, 160, out);
  return out;
}

describe('an archive', () => {
  it('is ordered by class, then by file name as bytes, whatever its own order', async () => {
    const names = ['n03888257/b.JPEG', 'n01440764/b.JPEG', 'n01440764/a.JPEG', 'n01440764/Z.JPEG', 'n02102040/ä.JPEG', 'n02102040/z.JPEG'];
    const files = await Promise.all(names.map((_, i) => jpeg(160, 170 + i, 'grey', 20 * i)));
    await place([
      ['noisy_imagenette.csv', Uint8Array.of(1)],
      ...names.map((name, i) => [`train/${name}`, files[i]] as const),
      ['val/n03000684/v.JPEG', await jpeg(200, 160)],
      ['val/n03000684/.DS_Store', Uint8Array.of(2)],
    ]);
    const said: string[] = [];
    const source = await openDataset(options({ log: (line) => said.push(line) }));
    const order = [3, 2, 1, 5, 4, 0];
    const { images, labels } = await source.read('train', 0, 6);
    expect([...labels]).toEqual([0, 0, 0, 1, 1, 9]);
    for (const [at, i] of order.entries()) expect(images.subarray(at * SIZE, (at + 1) * SIZE)).toEqual(await pixels(files[i]));
    expect([...(await source.read('test', 0, 1)).labels]).toEqual([3]);
    expect(source.notes).toEqual([
      "imagenette2-160.tgz holds 1 of ImageNette's 3925 test images",
      "imagenette2-160.tgz holds 6 of ImageNette's 9469 training images",
    ]);
    await source.close();
    expect(said).toEqual([`unpacking ImageNette from ${path.join(root, 'sets')}`]);
    expect(
      readBytes(
        path.join(root, 'cache/imagenette'),
        tree(path.join(root, 'cache/imagenette')).find((f) => f.endsWith('train.bin')) as string,
      ),
    ).toHaveLength(6 * SIZE + 6);
  });

  it('may hold grey, full and quartered chroma and progressive files, and images that are too small, which is said', async () => {
    const kinds = ['grey', 'RGB 4:4:4', 'RGB 4:2:0', 'progressive'] as const;
    const files = await Promise.all(kinds.map((kind, i) => jpeg(i === 3 ? 100 : 213, 160, kind)));
    await place(files.map((file, i) => [`val/n03028079/${i}.JPEG`, file] as const));
    const { manifest } = await prepareDataset(options());
    expect(manifest.test).toMatchObject({ records: 4, official: false });
    expect(manifest.notes.at(-1)).toBe('1 of the test images of imagenette2-160.tgz is smaller than 160×160: black was put around it');
    const source = await openDataset(options());
    const { images } = await source.read('test', 3, 1);
    expect([...images.subarray(0, 3)]).toEqual([0, 0, 0]);
    expect(images).toEqual(await pixels(files[3]));
    await source.close();
  });

  it('is official by the published checksum, and gives the same bytes again', async () => {
    const files = await place([['train/n01440764/a.JPEG', await jpeg(160, 160)]]);
    const official = publishedAt('', files);
    const first = await prepareDataset(options({ official }));
    expect(first.manifest.train?.official).toBe(true);
    const again = await prepareDataset(options({ official, cache: path.join(root, 'other') }));
    expect(again.manifest).toEqual(first.manifest);
  });
});

describe('an archive is refused with the file, and nothing stays of it:', () => {
  const good = () => jpeg(160, 160);
  it.each([
    [
      'a class that there is not',
      async () => [['train/n99999999/a.JPEG', await good()]],
      /train\/n99999999\/a\.JPEG; n99999999 is none of/,
    ],
    [
      'a file that is no JPEG',
      async () => [['val/n01440764/a.JPEG', Uint8Array.of(1, 2)]],
      /^imagenette2-160\/val\/n01440764\/a\.JPEG is not a JPEG/,
    ],
    ['a JPEG that was cut', async () => [['val/n01440764/a.JPEG', (await good()).subarray(0, -100)]], /a\.JPEG is cut short$/],
    ['no images', async () => [['readme.txt', Uint8Array.of(1)]], /holds no imagenette2-160\/.*; it holds imagenette2-160\/readme\.txt$/],
  ] as [string, () => Promise<[string, Uint8Array][]>, RegExp][])('%s', async (_, entries, message) => {
    await place(await entries());
    await expect(prepareDataset(options())).rejects.toMatchObject({ code: 'data-damaged', message: expect.stringMatching(message) });
    expect(tree(path.join(root, 'cache'))).toEqual([]);
  });

  it('an image twice', async () => {
    const name = 'imagenette2-160/val/n01440764/a.JPEG';
    const archive = await tarGz(new Map([name, `./${name}`].map((n) => [n, Uint8Array.of(1)])));
    writeFiles(path.join(root, 'sets'), new Map([['imagenette2-160.tgz', archive]]));
    await expect(prepareDataset(options())).rejects.toThrow(`imagenette2-160.tgz holds ${name} twice`);
  });

  it('another size of the set', async () => {
    const archive = await tarGz(new Map([['imagenette2-320/train/n01440764/a.JPEG', await good()]]));
    writeFiles(path.join(root, 'sets'), new Map([['imagenette2-160.tgz', archive]]));
    await expect(prepareDataset(options())).rejects.toThrow('it holds imagenette2-320/train/n01440764/a.JPEG');
  });

  it('an image that is a link', async () => {
    const pack = tar.pack();
    pack.entry({ name: 'imagenette2-160/val/n01440764/a.JPEG', type: 'symlink', linkname: '/etc/passwd' });
    pack.finalize();
    const parts: Buffer[] = [];
    for await (const part of pack) parts.push(part as Buffer);
    writeFiles(path.join(root, 'sets'), new Map([['imagenette2-160.tgz', gzipSync(Buffer.concat(parts))]]));
    await expect(prepareDataset(options())).rejects.toThrow(
      'imagenette2-160/val/n01440764/a.JPEG in imagenette2-160.tgz is a symlink, a file expected',
    );
  });

  it('an archive that was cut', async () => {
    const files = await place([['val/n01440764/a.JPEG', await good()]]);
    writeFileSync(path.join(root, 'sets/imagenette2-160.tgz'), (files.get('imagenette2-160.tgz') as Uint8Array).subarray(0, -200));
    await expect(prepareDataset(options())).rejects.toMatchObject({
      code: 'data-damaged',
      message: expect.stringMatching(/^imagenette2-160\.tgz is not a complete tar\.gz archive: /),
    });
    expect(tree(path.join(root, 'cache'))).toEqual([]);
  });
});
