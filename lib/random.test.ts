import { describe, expect, it } from 'vitest';
import { bits, philox4x32, type Split, standardNormal, uniform01 } from './random';
import units from './testing/fixtures/units.json';

const known = units.philox4x32_10;

describe('philox4x32', () => {
  it.each(known.known_answer)('gives the known answer for counter $counter and key $key', ({ counter, key, out }) => {
    const words = new Uint32Array(4);
    philox4x32(counter[0], counter[1], counter[2], counter[3], key[0], key[1], words);
    expect([...words]).toEqual(out);
  });

  it.each(known.draws8)('repeats the published draws of tag $tag, split $split, sample $sample', (draw) => {
    const tag = known.tags[draw.tag as keyof typeof known.tags];
    const stream = { seed: draw.seed, tag, sample: draw.sample, split: draw.split as Split };
    expect([...bits(stream, 8)]).toEqual(draw.bits);
    expect([...uniform01(stream, 8)]).toEqual(draw.uniform01);
    expect([...uniform01(stream, 8)].map((u) => Math.fround((2 * u - 1) * 0.1))).toEqual(draw['uniform_pm_0.1_float32']);
    expect([...standardNormal(stream, 8)].map(Math.fround)).toEqual(draw.gauss_float32);
  });

  it('draws the same numbers whatever the length that is asked for', () => {
    const stream = { seed: 1, tag: 3, sample: 5, split: 'test' as const };
    expect([...bits(stream, 7)]).toEqual([...bits(stream, 1000).subarray(0, 7)]);
    expect([...standardNormal(stream, 5)]).toEqual([...standardNormal(stream, 6).subarray(0, 5)]);
  });

  it('separates restarts, splits, samples, tags and seeds', () => {
    const base = { seed: 1, tag: 1, sample: 0, split: 'train' as const };
    const variants = [
      base,
      { ...base, restart: 1 },
      { ...base, split: 'test' as const },
      { ...base, sample: 1 },
      { ...base, tag: 2 },
      { ...base, seed: 2 },
    ];
    expect(new Set(variants.map((v) => bits(v, 4).join())).size).toBe(variants.length);
  });
});
