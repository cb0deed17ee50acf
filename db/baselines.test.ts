/** The baselines' numbers are those of the code as it is: their first images are measured again. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AttackId } from '../lib/attacks/catalogue';
import { BUNDLED_MODELS, baselineFile } from '../lib/bundled-models';
import { DATASETS } from '../lib/data/datasets';
import { openDataset } from '../lib/data/node-source';
import { BOARDS } from '../lib/protocol/boards';
import { inconsistencies } from '../lib/protocol/consistency';
import { evaluate } from '../lib/protocol/evaluate';
import { fromBase64, unpackBitmap } from '../lib/protocol/evidence';
import { type Report, reportSchema } from '../lib/protocol/report';
import { hasFashionMnist } from '../lib/testing/fashion-mnist';
import { bundledFiles, linfBoard, modelOf, requestFor, worldWith } from '../lib/testing/small-evaluation';
import { openPool } from '../workers/node/pool';

const read = (id: string, board: string) => reportSchema.parse(JSON.parse(readFileSync(`db/baselines/${baselineFile(id, board)}`, 'utf8')));
const boards = [...BOARDS.values()];
const all = BUNDLED_MODELS.flatMap(({ id, dataset }) => boards.filter((b) => b.dataset === dataset).map((b) => [id, b.id] as const));

describe('a baseline', () => {
  it.each(all)('of %s on %s is a full run on the official data that agrees with itself', async (id, board) => {
    const report = read(id, board);
    const { data, counts, seed, restarts, model } = report;
    expect(inconsistencies(report)).toEqual([]);
    expect(model.sha256).toBe((await modelOf(bundledFiles(id))).sha256);
    expect({ board: report.board, seed, restarts, counts }).toMatchObject({
      ...{ board, seed: 20231107, restarts: 1 },
      counts: { samples: 10_000, trainSamples: 10_000 },
    });
    expect(data).toMatchObject({ test: { official: true }, train: { official: true } });
  });
});

const FIRST = 100;

describe.skipIf(!hasFashionMnist)('fmnist_at on fashion-mnist/linf, measured again (needs Fashion-MNIST in DATASETS_DIR)', () => {
  const published = read('fmnist_at', linfBoard.id);
  let cache: string;
  let again: Report;
  beforeAll(async () => {
    cache = mkdtempSync(path.join(os.tmpdir(), 'simplexity-baseline-'));
    const files = bundledFiles('fmnist_at');
    const data = await openDataset({
      dataset: DATASETS['fashion-mnist'],
      directory: process.env.DATASETS_DIR,
      cache,
      log: () => undefined,
    });
    const { seed } = published;
    const pool = await openPool(2, { backend: 'wasm', files, settings: { board: linfBoard, seed, restarts: 1 } });
    const request = requestFor(await modelOf(files), { samples: FIRST, trainSamples: 0, batch: 25, seed });
    again = await evaluate(request, worldWith(pool, data));
    await pool.close();
    await data.close();
  }, 120_000);
  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  const bits = ({ evidence }: Report, condition: string) => [...unpackBitmap(fromBase64(evidence[condition]), FIRST)];
  const differing = (condition: string) => bits(again, condition).filter((bit, i) => bit !== bits(published, condition)[i]).length;

  it('is on the same data', () => {
    expect(again.data.test).toEqual(published.data.test);
    expect(again.model.sha256).toBe(published.model.sha256);
  });

  it('classifies every clean image alike', () => {
    expect(differing('clean')).toBe(0);
    expect(bits(again, 'clean').filter(Boolean).length).toBeGreaterThan(50);
  });

  // Rounding differs between backends and batch sizes; an image on the very edge may fall to either side.
  it.each(Object.keys(published.attacks) as AttackId[])('breaks the same images by %s, but for one at most', (attack) => {
    expect(again.evidence[attack]).toBeDefined();
    expect(differing(attack)).toBeLessThanOrEqual(1);
  });
});
