/** A runner as a process that judges witnesses. */
import { afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS, type DataSource } from '../../lib/data/datasets';
import { openEngine } from '../../lib/engine/choose';
import { nodeHost } from '../../lib/engine/node-host';
import { BOARDS, type Board } from '../../lib/protocol/boards';
import { hunt, strongerBoard } from '../../lib/protocol/hunt';
import { measure } from '../../lib/protocol/measure';
import { packFiles } from '../../lib/protocol/witness-file';
import { outcomeOf } from '../../lib/protocol/witness-verdict';
import { bundledFiles, modelOf, networkOf } from '../../lib/testing/small-evaluation';
import { Runners } from '../testing/runners';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 60_000 });

const board = BOARDS.get('glyphs/linf') as Board;
const data = builtInSource(DATASETS.glyphs) as DataSource;
const model = await modelOf(bundledFiles('glyphs_st'));
const header = {
  ...{ board: board.id, data: DATASETS.glyphs.officialSha256.test as string, model: model.sha256 },
  shape: [28, 28, 1] as [number, number, number],
};

let witnesses: { index: number; deltas: Int16Array }[];
beforeAll(async () => {
  await openEngine('wasm', nodeHost);
  const network = networkOf(model);
  const laboratory = {
    capacity: 1,
    measure: (job: Parameters<typeof measure>[1]) => measure(network, job, { board: strongerBoard(board, 10), seed: 1, restarts: 1 }),
  };
  const found = await hunt(
    { board, targets: [0, 1, 5, 9], rounds: 2, seed: 3, batch: 4 },
    { laboratory, data, onProgress: () => undefined },
  );
  network.dispose();
  // The last one is the image itself, which nobody takes for another class.
  witnesses = [...found, { index: 60, deltas: new Int16Array(784) }];
});

let runners: Runners;
beforeEach(async () => {
  runners = await Runners.open();
});
afterEach(() => runners.close());

it('says of each image how far the wrong class leads, signs that, and keeps nothing', async () => {
  const [packed] = packFiles(header, witnesses);
  const job = await runners.site.addWitnesses(packed);
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  expect(job.state).toBe('done');
  expect(job.verdict).toMatchObject({ board: board.id, model: model.sha256, file: (job.body.witnesses as { sha256: string }).sha256 });
  expect(job.verdict?.images.map(({ index, lead }) => [index, outcomeOf(lead)])).toEqual(
    witnesses.map(({ index }) => [index, index === 60 ? 'held' : 'broken']),
  );
  expect(stderr).toContain('the verdict was accepted');
  expect([runners.files('outbox'), runners.files('jobs')]).toEqual([[], []]);
});

it('judges nothing that leaves the ball, whatever a site hands out', async () => {
  const [packed] = packFiles(header, [{ index: 0, deltas: new Int16Array(784).fill(30_000) }]);
  const job = await runners.site.addWitnesses(packed);
  await runners.start().ended;
  expect(job.verdict).toBeUndefined();
  expect(job.failures[0]).toMatchObject({ code: 'data-damaged', message: expect.stringMatching(/image 0, row 0, column 0/) });
});
