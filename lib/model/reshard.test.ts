import { describe, expect, it } from 'vitest';
import { testModelFiles } from '../testing/small-evaluation';
import { modelDigest, readBundle } from './bundle';
import { reshard } from './reshard';

const weightsOf = async (files: ReadonlyMap<string, Uint8Array>) => {
  const bundle = await readBundle(files);
  if (!bundle.ok) throw new Error(bundle.reasons.join());
  return bundle.value;
};

/** A model of several groups; only the manifest matters here. */
function grouped(groups: { paths: string[]; floats: number[] }[]): Map<string, Uint8Array> {
  const weightsManifest = groups.map(({ paths, floats }, g) => ({
    paths,
    weights: floats.map((n, i) => ({ name: `w${g}.${i}`, shape: [n], dtype: 'float32' })),
  }));
  const files = new Map([
    ['model.json', new TextEncoder().encode(JSON.stringify({ modelTopology: {}, weightsManifest, note: 'kept' }, null, 2))],
  ]);
  groups.forEach(({ paths, floats }, g) => {
    const all = Float32Array.from({ length: floats.reduce((a, b) => a + b, 0) }, (_, i) => 100 * g + i);
    const each = Math.ceil(all.length / paths.length);
    paths.forEach((path, i) => {
      files.set(path, new Uint8Array(all.slice(i * each, (i + 1) * each).buffer));
    });
  });
  return files;
}

describe('reshard', () => {
  it('leaves a model of small files as it is, without the files that it does not name', async () => {
    const files = testModelFiles('fmnist_at');
    files.set('README.txt', new Uint8Array(3));
    const { files: same, changed } = reshard(files, { largest: 4_500_000 });
    expect(changed).toBe(false);
    expect([...same.keys()]).toEqual(['model.json', 'group1-shard1of1.bin']);
    expect(same.get('model.json')).toBe(files.get('model.json'));
  });

  it('cuts what is too large and changes no weight; the identity is another one', async () => {
    const files = testModelFiles('fmnist_at');
    const { files: cut, changed } = reshard(files, { largest: 100_000, shard: 100_000 });
    expect(changed).toBe(true);
    expect([...cut.keys()]).toEqual(['model.json', 1, 2, 3, 4].map((k) => (k === 'model.json' ? k : `group1-shard${k}of4.bin`)));
    expect(Math.max(...[...cut.values()].map((f) => f.length))).toBeLessThanOrEqual(100_000);
    const [before, after] = [await weightsOf(files), await weightsOf(cut)];
    expect(after.weights).toEqual(before.weights);
    expect(after.json.topology).toEqual(before.json.topology);
    expect(after.sha256).not.toBe(before.sha256);
    expect(await modelDigest(cut, [...cut.keys()].slice(1))).toBe(after.sha256);
    expect(reshard(cut, { largest: 100_000, shard: 100_000 })).toEqual({ files: cut, changed: false });
  });

  it('cuts only the groups that need it and takes no name that is in use', async () => {
    const files = grouped([
      { paths: ['a.bin', 'b.bin'], floats: [30, 30] },
      { paths: ['group1-shard1of2.bin'], floats: [5] },
    ]);
    const { files: cut } = reshard(files, { largest: 100, shard: 100 });
    expect([...cut.keys()]).toEqual([
      'model.json',
      'group1x-shard1of3.bin',
      'group1x-shard2of3.bin',
      'group1x-shard3of3.bin',
      'group1-shard1of2.bin',
    ]);
    expect((await weightsOf(cut)).weights).toEqual((await weightsOf(files)).weights);
    expect(JSON.parse(new TextDecoder().decode(cut.get('model.json'))).note).toBe('kept');
  });

  it('joins files when there are too many to send', async () => {
    const files = grouped([{ paths: ['a.bin', 'b.bin', 'c.bin'], floats: [30] }]);
    const { files: fewer } = reshard(files, { largest: 1000, mostFiles: 3 });
    expect([...fewer.keys()]).toEqual(['model.json', 'group1-shard1of1.bin']);
    expect((await weightsOf(fewer)).weights).toEqual((await weightsOf(files)).weights);
  });

  it('writes a model.json that is too large without its indentation', () => {
    const files = grouped([{ paths: ['a.bin'], floats: [1] }]);
    const before = (files.get('model.json') as Uint8Array).length;
    const { files: out, changed } = reshard(files, { largest: before - 1 });
    expect(changed).toBe(true);
    expect((out.get('model.json') as Uint8Array).length).toBeLessThan(before);
  });
});
