import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../lib/model/bundle';
import { writeFiles } from '../../lib/testing/data-files';
import { dense, jsonBytes, modelFiles, plain, SHARD, sequential, writeModel } from '../../lib/testing/keras-model';
import { readModelFiles } from './model-files';

const model = sequential([2, 2, 1], [plain('Flatten', 'flat'), dense('out', [4, 3])]);
const files = modelFiles(model);
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-model-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('reads a folder, or a model.json of any name in it', async () => {
  writeFiles(folder, files);
  const read = await readModelFiles(folder);
  expect([...read.keys()]).toEqual(['model.json', SHARD]);
  expect(new Uint8Array(read.get(SHARD) as Uint8Array)).toEqual(files.get(SHARD));
  writeFiles(folder, new Map([['other.json', files.get('model.json') as Uint8Array]]));
  expect([...(await readModelFiles(path.join(folder, 'other.json'))).keys()]).toEqual(['model.json', SHARD]);
});

it('leaves a missing shard to the reader of the bundle, which names it', async () => {
  writeFiles(folder, new Map([['model.json', files.get('model.json') as Uint8Array]]));
  expect([...(await readModelFiles(folder)).keys()]).toEqual(['model.json']);
});

it.each(['../outside.bin', '/etc/hostname', 'a/../../b', 'c:\\d'])('reads nothing outside of the folder: %s', async (shard) => {
  const { json } = writeModel(model);
  json.weightsManifest[0].paths = [shard];
  writeFiles(folder, new Map([['model.json', jsonBytes(json)]]));
  await expect(readModelFiles(folder)).rejects.toMatchObject({
    code: 'model-refused',
    message: expect.stringMatching(/relative path inside the model/),
  });
});

it.each([
  ['nothing there', 'none', /does not exist; --model takes a folder with model\.json or the file itself/],
  ['no model.json', '.', /model\.json is missing/],
])('says what is wrong: %s', async (_, target, message) => {
  await expect(readModelFiles(path.join(folder, target))).rejects.toMatchObject({
    code: 'model-refused',
    message: expect.stringMatching(message),
  });
});

const place = (...parts: string[]) => path.join(folder, ...parts);
const refusal = (message: string | RegExp) => ({
  code: 'model-refused',
  message: typeof message === 'string' ? message : expect.stringMatching(message),
});
/** A model in `name` whose manifest lists these weight files. */
function modelWith(name: string, ...paths: string[]): string {
  const { json } = writeModel(model);
  json.weightsManifest[0].paths = paths;
  writeFiles(place(name), new Map([['model.json', jsonBytes(json)]]));
  return place(name);
}

describe.skipIf(process.platform === 'win32')('a link', () => {
  it("that leads out of the model's folder is refused by name, whatever it leads to", async () => {
    writeFileSync(place('secret'), 'secret');
    const target = modelWith('linked', 'a.bin');
    for (const to of [place('secret'), '../secret', '/etc/hostname', place('linked-too/secret'), '/dev/zero']) {
      mkdirSync(place('linked-too'), { recursive: true });
      writeFileSync(place('linked-too/secret'), 'secret');
      symlinkSync(to, place('linked/a.bin'));
      await expect(readModelFiles(target)).rejects.toMatchObject(
        refusal(`${place('linked/a.bin')} is a link that leads out of the model's folder; put the file itself there`),
      );
      rmSync(place('linked/a.bin'));
    }
  });

  it('in the path of a weight file, or in place of model.json, is no way out either', async () => {
    writeFiles(place('elsewhere'), files);
    const target = modelWith('linked', 'sub/a.bin');
    symlinkSync(place('elsewhere'), place('linked/sub'));
    writeFileSync(place('elsewhere/a.bin'), 'secret');
    await expect(readModelFiles(target)).rejects.toMatchObject(refusal(/sub\/a\.bin is a link that leads out/));
    rmSync(place('linked/model.json'));
    symlinkSync(place('elsewhere/model.json'), place('linked/model.json'));
    await expect(readModelFiles(target)).rejects.toMatchObject(refusal(/linked\/model\.json is a link that leads out/));
  });

  it('within the folder, to the folder, or named itself is followed', async () => {
    writeFiles(place('m'), files);
    const target = modelWith('m', 'link.bin');
    symlinkSync(SHARD, place('m/link.bin'));
    symlinkSync(place('m'), place('short'));
    symlinkSync(place('m/model.json'), place('m/named.json'));
    for (const named of [target, place('short'), place('m/named.json')]) {
      expect([...(await readModelFiles(named)).keys()]).toEqual(['model.json', 'link.bin']);
    }
  });
});

it('refuses what is not a file by name, without waiting for its bytes', async () => {
  const target = modelWith('m', 'a.bin');
  mkdirSync(place('m/a.bin'));
  await expect(readModelFiles(target)).rejects.toMatchObject(refusal(`${place('m/a.bin')} is not a file`));
});

it('refuses the weight file that goes over the limit, alone or with those before it, before it is read', async () => {
  const target = modelWith('m', 'a.bin', 'b.bin');
  for (const name of ['a.bin', 'b.bin']) writeFileSync(place('m', name), '');
  truncateSync(place('m/a.bin'), LIMITS.weightBytes + 1); // a file of holes
  await expect(readModelFiles(target)).rejects.toMatchObject(
    refusal(`${place('m/a.bin')} is 400000001 bytes long; at most 400000000 are read`),
  );
  truncateSync(place('m/a.bin'), 3);
  truncateSync(place('m/b.bin'), LIMITS.weightBytes - 2);
  await expect(readModelFiles(target)).rejects.toMatchObject(
    refusal(`${place('m/b.bin')} is 399999998 bytes long, 400000001 with the weight files before it; at most 400000000 are read`),
  );
});

it('keeps the name of a weight file on one line', async () => {
  const target = modelWith('m', 'a\nb\x1b[2J.bin');
  mkdirSync(place('m/a\nb\x1b[2J.bin'));
  await expect(readModelFiles(target)).rejects.toMatchObject(refusal(`${place('m')}/a\\u000ab\\u001b[2J.bin is not a file`));
});
