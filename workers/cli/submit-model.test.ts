import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { linfBoard, modelOf, testModelFiles } from '../../lib/testing/small-evaluation';
import { wholeReport } from '../../lib/testing/whole-report';
import { type ModelToSend, readModelToSend, readReport } from './submit-model';

const MODEL = path.resolve(import.meta.dirname, '../../lib/testing/models/fmnist_at');
let root: string;
let model: ModelToSend;
beforeAll(async () => {
  root = mkdtempSync(path.join(os.tmpdir(), 'simplexity-to-send-'));
  model = await readModelToSend(MODEL, linfBoard);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe('a model to send', () => {
  it('is its files as they are, with the identity that reports name', async () => {
    expect(model.parts.map((p) => p.path)).toEqual(['model.json', 'group1-shard1of1.bin']);
    expect(model).toMatchObject({ sha256: (await modelOf(testModelFiles('fmnist_at'))).sha256, cut: [] });
  });

  it('is cut where a file is too large, and is another one then', async () => {
    const cut = await readModelToSend(MODEL, linfBoard, { largest: 300_000, mostFiles: 500 });
    expect(cut.cut).toEqual(['group1-shard1of1.bin']);
    expect(cut.sha256).not.toBe(model.sha256);
    expect(cut.sha256).toBe((await modelOf(new Map(cut.parts.map((p) => [p.path, p.content])))).sha256);
  });

  it('is refused where model.json alone is too large, which nobody can cut', async () => {
    await expect(readModelToSend(MODEL, linfBoard, { largest: 100, mostFiles: 500 })).rejects.toMatchObject({
      code: 'model-refused',
      message: expect.stringMatching(/^model\.json is \d+ bytes long; at most 100 can be sent at once, and only weights can be cut/),
    });
  });

  it('is refused for a board of another shape', async () => {
    await expect(readModelToSend(MODEL, BOARDS.get('cifar-10/linf') as Board)).rejects.toMatchObject({
      code: 'model-refused',
      message: 'model.json: the input has shape [28,28,1]; CIFAR-10 has images of [32,32,3]',
    });
  });
});

describe('a report to send along', () => {
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(path.join(root, name), content);
    return path.join(root, name);
  };
  const good = () => wholeReport({ sha256: model.sha256, samples: 100, holds: 40 });

  it('is the exact text of its file', async () => {
    const text = `  ${JSON.stringify(good(), null, 3)}\n\n`;
    expect(await readReport(file('good.json', text), model, linfBoard)).toBe(text);
  });

  it.each<[string, () => string | Uint8Array, RegExp]>([
    ['no JSON', () => '{', /: it is not JSON: /],
    ['no text', () => new Uint8Array([0xff, 0xfe, 0xfd]), /not valid/],
    ['another object', () => '{"schema":"report/1"}', /: it is not a report: protocol: /],
    [
      'of another model',
      () => JSON.stringify(wholeReport()),
      /: model\.sha256: it is about model a{64}; what is sent is [0-9a-f]{64}; measure these files/,
    ],
    ['of another data set', () => JSON.stringify({ ...good(), board: 'cifar-10/linf' }), /: board: it is about cifar-10\/linf/],
    [
      'that its evidence denies',
      () => JSON.stringify({ ...good(), clean: { correct: 99, accuracy: 0.99, loss: 0 } }),
      /evidence\.clean: 80 images are marked/,
    ],
  ])('%s is refused', async (name, content, message) => {
    await expect(readReport(file(`${name}.json`, content()), model, linfBoard)).rejects.toMatchObject({
      code: 'arguments',
      message: expect.stringMatching(message),
    });
  });

  it('is refused where the file is missing or too large', async () => {
    await expect(readReport(path.join(root, 'none.json'), model, linfBoard)).rejects.toThrow(/none\.json: ENOENT/);
    await expect(readReport(file('large.json', new Uint8Array(4_500_001)), model, linfBoard)).rejects.toThrow(
      'it is 4500001 bytes long; at most 4500000',
    );
  });
});
