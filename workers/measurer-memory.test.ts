/** A heap of its own, which is driven to its end: nothing else can be tested in this file afterwards. */
import { afterEach, expect, it, vi } from 'vitest';
import { nodeHost } from '../lib/engine/node-host';
import type { MeasureJob } from '../lib/protocol/measure';
import { bundledFiles, drawnRecords, linfBoard } from '../lib/testing/small-evaluation';
import { complaintOf, imagesAtOnce, openHere } from './measurer';

afterEach(() => vi.restoreAllMocks());

it('never asks for a tensor that the engine could not count', () => {
  // 6 000 channels of 28×28 are 18.8 MB an image: 229 of them would pass 2³² bytes.
  expect(imagesAtOnce([{ shape: [28, 28, 1] }, { shape: [28, 28, 6000] }, { shape: [10] }], 2 ** 30)).toBe(57);
  expect(imagesAtOnce([{ shape: [40_000, 40_000, 1] }], 2 ** 30)).toBe(1);
});

it('memory that runs out is named, whatever the engine says', async () => {
  const laboratory = await openHere(nodeHost, 'wasm', bundledFiles('fmnist_st'), { board: linfBoard, seed: 3, restarts: 1 });
  const job: MeasureJob = {
    ...drawnRecords('test', 100),
    ...{ split: 'test', first: 0, condition: 'clean', wantFeatures: false, wantPerturbed: false, layers: [] },
  };
  expect((await laboratory.measure(job)).predictions).toHaveLength(100);
  const grow = vi.spyOn(WebAssembly.Memory.prototype, 'grow').mockImplementation(() => {
    throw new RangeError('WebAssembly.Memory.grow(): Maximum memory size exceeded');
  });
  const many = drawnRecords('test', 1000);
  await expect(laboratory.measure({ ...job, ...many })).rejects.toMatchObject({ name: 'Failure', code: 'out-of-memory' });
  expect(grow).toHaveBeenCalled();
});

it.each([
  ['GPUOutOfMemoryError', 'Failed to allocate', 'out-of-memory'],
  ['GPUInternalError', 'vkAllocateMemory failed with VK_ERROR_OUT_OF_DEVICE_MEMORY', 'out-of-memory'],
  ['GPUInternalError', 'CreateCommittedResource failed with E_OUTOFMEMORY (0x8007000E)', 'out-of-memory'],
  ['GPUValidationError', 'Buffer size (9000000000) exceeds the max buffer size limit (4294967296).', 'out-of-memory'],
  ['GPUValidationError', 'the layouts do not match', 'computation-failed'],
])('a %s that says “%s” is %s', (kind, message, code) => {
  const error = new { [kind]: class {} }[kind]() as GPUError;
  Object.assign(error, { message });
  expect(complaintOf(error)).toMatchObject({ code, message: `the GPU reported an error: ${message}` });
});
