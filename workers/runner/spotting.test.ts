/** A runner as a process that attacks the drawn samples of a claim again. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { builtInSource } from '../../lib/data/built-in';
import { DATASETS } from '../../lib/data/datasets';
import { fromBase64 } from '../../lib/protocol/evidence';
import { readTestRecords } from '../../lib/protocol/judge';
import { brokenOf, readSpotWitnesses } from '../../lib/protocol/spot-result';
import { witnessReasons } from '../../lib/protocol/witness-file';
import { Runners } from '../testing/runners';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 60_000 });

let runners: Runners;
beforeEach(async () => {
  runners = await Runners.open();
});
afterEach(() => runners.close());

const data = DATASETS.glyphs.officialSha256.test as string;
const spot = { kind: 'spot', claim: 'c'.repeat(64), data, seed: 20231107, restarts: 1 };

it('says of each sample whether it holds, proves what broke, and signs that', async () => {
  const indices = [0, 3, 7, 60, 61];
  const attacks = ['pgd-10', 'pgd-margin', 'apgd-ce'];
  const job = await runners.site.addJob({ ...spot, attacks, indices }, 'glyphs_st', 60);
  const { code, stderr } = await runners.start().ended;
  expect(code, stderr).toBe(0);
  const result = job.spot;
  if (!result) throw new Error(stderr);
  expect(result).toMatchObject({
    board: 'glyphs/linf',
    claim: spot.claim,
    model: (job.body.model as { sha256: string }).sha256,
    indices,
    attacks,
  });
  const proof = readSpotWitnesses(result);
  if (!proof.ok || !proof.value) throw new Error(JSON.stringify(proof));
  const { file } = proof.value;
  expect(file.header.indices).toEqual(brokenOf(result));
  expect(file.header.indices.length).toBeGreaterThan(0);
  const { images } = await readTestRecords(builtInSource(DATASETS.glyphs) as never, DATASETS.glyphs, file.header.indices);
  expect(witnessReasons(file, images)).toEqual([]);
  expect(fromBase64(result.held)).toHaveLength(1);
  expect(stderr).toContain(`${brokenOf(result).length} of 5 samples broke`);
  expect([runners.files('outbox'), runners.files('jobs')]).toEqual([[], []]);
});

it('does nothing on other data than the claim’s', async () => {
  const job = await runners.site.addJob({ ...spot, data: 'd'.repeat(64), attacks: ['pgd-10'], indices: [0] }, 'glyphs_st', 60);
  await runners.start().ended;
  expect(job.spot).toBeUndefined();
  expect(job.failures[0]).toMatchObject({ code: 'data-damaged', message: expect.stringMatching(/^the claim is of data d{64}/) });
});
