import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
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
