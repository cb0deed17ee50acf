/** What a runner says of the samples that it attacked, and what it has to prove. */
import { describe, expect, it } from 'vitest';
import { DATASETS } from '../data/datasets';
import { fromBase64 } from './evidence';
import { brokenOf, MOST_SPOT_BYTES, outcomesOf, readSpotWitnesses, type SpotResult } from './spot-result';

const header = {
  board: 'glyphs/linf',
  data: DATASETS.glyphs.officialSha256.test as string,
  model: 'a'.repeat(64),
  shape: [28, 28, 1] as [number, number, number],
};
const witness = (index: number) => ({ index, deltas: new Int16Array(784).fill(index), lead: 0.1 });
const result = (indices: number[], broken: number[], changes: Partial<SpotResult> = {}): SpotResult => ({
  ...{ schema: 'spot-check/1', protocol: '1', board: header.board, claim: 'c'.repeat(64), model: header.model, data: header.data },
  ...{ seed: 1, restarts: 1, attacks: ['pgd-10'], indices, ...outcomesOf(indices, broken.map(witness), header) },
  ...{ environment: { backend: 'wasm', device: 'd', engine: 'e', versions: {} }, startedAt: '2026-01-02T03:04:05.678Z', durationMs: 1 },
  ...changes,
});

describe('a result', () => {
  it('has a bit for each sample, and the witnesses of those that broke', () => {
    const said = result([3, 5, 8, 13, 21, 34, 55, 89, 144], [5, 144]);
    expect(brokenOf(said)).toEqual([5, 144]);
    expect([...fromBase64(said.held)]).toEqual([0b11111101, 0]);
    const proof = readSpotWitnesses(said);
    expect(proof.ok && proof.value?.file.header.indices).toEqual([5, 144]);
    expect(proof.ok && proof.value?.file.deltas[784]).toBe(144);
    expect(readSpotWitnesses(result([3, 5], []))).toEqual({ ok: true, value: undefined });
  });

  it('of more witnesses than fit sends the first ones, which are enough', () => {
    const shape = [160, 160, 3] as [number, number, number];
    const noise = (index: number) =>
      Int16Array.from({ length: 160 * 160 * 3 }, (_, i) => (Math.imul(index * 76801 + i, 2654435761) >>> 16) % 1024);
    const indices = Array.from({ length: 40 }, (_, i) => i);
    const about = { ...header, board: 'imagenette/linf', shape };
    const said = outcomesOf(
      indices,
      indices.map((index) => ({ index, deltas: noise(index), lead: 0.1 })),
      about,
    );
    const packed = fromBase64(said.witnesses as string);
    expect(packed.length).toBeLessThanOrEqual(MOST_SPOT_BYTES);
    const proof = readSpotWitnesses({ ...result([0], []), ...said, indices, board: about.board });
    expect(proof.ok && proof.value?.file.header.indices).toEqual(indices.slice(0, proof.ok ? proof.value?.file.header.indices.length : 0));
    expect(proof.ok && (proof.value?.file.header.indices.length ?? 0)).toBeGreaterThan(3);
  });

  it.each([
    ['witnesses: they are missing, but 1 samples', { witnesses: undefined }],
    ['witnesses: header.model: a', { model: 'b'.repeat(64) }],
    ['witnesses: the file is not gzip', { witnesses: 'AAAA' }],
    ['held: 2 bytes; 3 samples need 1', { held: 'AAA=' }],
    ['witnesses: header.indices: 5 is not among', { held: 'Aw==' }],
    ['witnesses: 1 of them, but 3 samples are said to break', { held: 'AA==' }],
  ])('is refused: %s', (reason, changes) => {
    const proof = readSpotWitnesses(result([3, 5, 8], [5], changes));
    expect(proof.ok ? [] : proof.reasons[0]).toContain(reason);
  });
});
