import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RunIdentity } from '../../lib/protocol/run-identity';
import type { StoredUnit } from '../../lib/protocol/stored-unit';
import { CheckpointFile } from './checkpoint-file';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-checkpoint-'));
  file = path.join(folder, 'run.part');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const run: RunIdentity = {
  ...{ protocol: '1', board: 'glyphs/linf', level: 'pgd', attacks: ['pgd-10'], samples: 4, trainSamples: 0, batch: 2 },
  ...{ seed: 1, restarts: 1, layers: true, model: 'ab'.repeat(32), data: { test: 'cd'.repeat(32) } },
  ...{ backend: 'wasm', device: 'a processor', engine: 'node', versions: { tfjs: '4.22.0', simplexity: '1.0.0' } },
  code: 'ef'.repeat(32),
};
const STARTED = '2026-01-02T03:04:05.000Z';
const openFile = (changes: Partial<RunIdentity> = {}) => CheckpointFile.open(file, { ...run, ...changes }, STARTED);

const unit = (n: number): StoredUnit => ({
  predictions: Int32Array.of(n, -1),
  losses: Float64Array.of(0.1, Number.NaN),
  linf: Float64Array.of(1 / 3, 0),
  l2: Float64Array.of(Number.MIN_VALUE, Number.POSITIVE_INFINITY),
  zeroGradient: Uint8Array.of(0, 1),
  looksLikeProbabilities: false,
  features: Float32Array.of(n, -0, 1e-45),
  perturbed: new Float32Array(50).fill(Math.PI),
  layers: [
    { kind: 'within', within: { samples: 2, projected: Float64Array.of(1e300, 2), scatter: Number.POSITIVE_INFINITY }, correct: 1 },
    { kind: 'nearest', correct: 2 },
  ],
  forwards: 22,
  backwards: 20,
  wallMs: 12.5,
});

describe('the file of a run', () => {
  it('gives back every unit to the last bit, after it was closed and opened again', async () => {
    const begun = await openFile();
    await Promise.all([1, 2, 3].map((n) => begun.put(`test/clean/${n}`, unit(n))));
    expect(await begun.get('test/clean/2')).toEqual(unit(2));
    await begun.close();
    const again = await CheckpointFile.open(file, run, '2027-01-01T00:00:00.000Z');
    expect([again.units, again.torn, again.header.startedAt]).toEqual([3, 0, STARTED]);
    for (const n of [1, 2, 3]) expect(await again.get(`test/clean/${n}`)).toEqual(unit(n));
    expect(await again.get('test/clean/4')).toBeUndefined();
    await again.close();
  });

  it('loses nothing but the torn end, wherever the process was ended', async () => {
    const begun = await openFile();
    await begun.put('a', unit(1));
    const whole = statSync(file).size;
    await begun.put('b', unit(2));
    await begun.close();
    const bytes = readFileSync(file);
    for (const length of [whole, whole + 1, whole + 7, whole + 8, whole + 100, bytes.length - 1]) {
      writeFileSync(file, bytes);
      truncateSync(file, length);
      const again = await openFile();
      expect([again.units, again.torn], `cut at ${length}`).toEqual([1, length - whole]);
      await again.put('b', unit(2));
      await again.close();
      expect(readFileSync(file).equals(bytes)).toBe(true);
    }
  });

  it.each([1, 8, 100, 5000])('takes %d zeros, which a disk leaves that lost its power, for a torn end', async (zeros) => {
    const begun = await openFile();
    await begun.put('a', unit(1));
    await begun.close();
    appendFileSync(file, Buffer.alloc(zeros));
    const again = await openFile();
    expect([again.units, again.torn, await again.get('a')]).toEqual([1, zeros, unit(1)]);
    await again.close();
  });

  it('takes nothing from a record whose bits were turned, and keeps those after it', async () => {
    const begun = await openFile();
    await begun.put('a', unit(1));
    const whole = statSync(file).size;
    await begun.put('b', unit(2));
    await begun.put('c', unit(3));
    await begun.close();
    const bytes = readFileSync(file);
    bytes[whole + 60] ^= 4;
    writeFileSync(file, bytes);
    const again = await openFile();
    expect([again.units, again.torn, await again.get('b')]).toEqual([2, 0, undefined]);
    expect(await again.get('c')).toEqual(unit(3));
    await again.put('b', unit(2));
    expect(await again.get('b')).toEqual(unit(2));
    await again.close();
  });

  it('is removed while it is still ours', async () => {
    const begun = await openFile();
    await begun.put('a', unit(1));
    await begun.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each<[Partial<RunIdentity>, string]>([
    [{ seed: 2 }, 'its seed is 1, here it is 2'],
    [{ model: '0'.repeat(64) }, `its model is ${'ab'.repeat(32)}, here it is`],
    [{ layers: false }, 'its layer-by-layer part is wanted, here it is not wanted'],
    [{ attacks: ['pgd-10', 'sign'] }, 'its attacks is pgd-10, here it is pgd-10,sign'],
    [{ data: {} }, 'its data is test cdcd'],
    [{ device: 'another' }, 'its device is a processor, here it is another'],
    [{ code: '0'.repeat(64) }, `its code (a digest) is ${'ef'.repeat(32)}, here it is ${'0'.repeat(64)}`],
    [{ versions: { tfjs: '4.22.0', simplexity: '1.1.0' } }, 'its software is tfjs 4.22.0, simplexity 1.0.0, here it is'],
  ])('is not gone on with by another run: %o', async (changes, reason) => {
    await (await openFile()).close();
    const before = readFileSync(file);
    await expect(openFile(changes)).rejects.toMatchObject({ code: 'arguments', message: expect.stringContaining(reason) });
    expect(readFileSync(file).equals(before)).toBe(true);
    await (await openFile()).close();
  });

  it('is checked by what is known of a run, and stays as it is', async () => {
    await CheckpointFile.check(file, { seed: 1 }, true);
    expect(readdirSync(folder)).toEqual([]);
    await (await openFile()).close();
    const before = readFileSync(file);
    await CheckpointFile.check(file, { seed: 1, backend: 'wasm' }, true);
    for (const own of [true, false])
      await expect(CheckpointFile.check(file, { seed: 2 }, own)).rejects.toMatchObject({
        message: `${file} holds another run: its seed is 1, here it is 2`,
      });
    await CheckpointFile.check(file, { engine: 'another' }, false);
    await expect(CheckpointFile.check(file, { engine: 'another' }, true)).rejects.toMatchObject({ code: 'arguments' });
    expect(readFileSync(file).equals(before)).toBe(true);
    expect(readdirSync(folder)).toEqual([path.basename(file)]);
  });

  it('may come from another device when it is only read', async () => {
    await (await openFile()).close();
    const share = await CheckpointFile.read(file, { ...run, device: 'another' });
    expect(share.header.run.device).toBe('a processor');
    await share.close();
    await expect(CheckpointFile.read(file, { ...run, seed: 9 })).rejects.toMatchObject({ code: 'arguments' });
  });

  it.each([
    ['a text', 'some notes\n'],
    ['a report', '{"schema":"report/1"}\n'],
    ['one long line', 'x'.repeat(200_000)],
  ])('is not made of %s, which stays as it is', async (_, content) => {
    writeFileSync(file, content);
    await expect(openFile()).rejects.toMatchObject({
      code: 'arguments',
      message: `${file} is not a file of a run to resume; give another name`,
    });
    expect(readFileSync(file, 'utf8')).toBe(content);
  });

  it('belongs to one process at a time; a lock left by one that has ended is taken over', async () => {
    const first = await openFile();
    await expect(openFile()).rejects.toMatchObject({ message: expect.stringContaining(`is in use by process ${process.pid}`) });
    await first.close();
    for (const holder of ['999999999', String(process.pid), '', 'no number']) {
      writeFileSync(`${file}.lock`, `${holder}\n${os.hostname()}\n`);
      await (await openFile()).close();
    }
    writeFileSync(`${file}.lock`, '1\nanother-machine\n');
    await expect(openFile()).rejects.toMatchObject({ message: expect.stringContaining('in use on another-machine') });
    rmSync(`${file}.lock`);
    expect(() => statSync(`${file}.lock`)).toThrow('ENOENT');
    writeFileSync(`${file}.lock`, `${process.pid}\n${os.hostname()}\n12\n`); // an earlier process of this id, as in a container that was started again
    if (process.platform === 'linux') await (await openFile()).close();
  });

  it('names a folder that is not there, and a share that is not there', async () => {
    file = path.join(folder, 'missing', 'run.part');
    await expect(openFile()).rejects.toMatchObject({ code: 'arguments', message: expect.stringContaining('missing') });
    await expect(CheckpointFile.read(file, run)).rejects.toMatchObject({
      message: `${file} could not be opened: ENOENT: no such file or directory, open '${file}'`,
    });
  });

  it('ignores what was appended by something else', async () => {
    const begun = await openFile();
    await begun.put('a', unit(1));
    await begun.close();
    appendFileSync(file, 'and more');
    const again = await openFile();
    expect([again.units, again.torn]).toEqual([1, 8]);
    await again.close();
  });
});
