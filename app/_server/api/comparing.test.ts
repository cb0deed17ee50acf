import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '@/db/seed';
import { aRun, aVersion } from '@/db/testing/rows';
import { fromBase64, unpackBitmap } from '@/lib/protocol/evidence';
import { mcnemarP } from '@/lib/protocol/mcnemar';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './testing';

let site: TestSite;
let slug: string;
beforeAll(async () => {
  site = await testSite();
  await seed(site.db, site.blobs);
  const { model, version } = await aVersion(site.db, { name: 'Third', baseline: true });
  slug = model.slug;
  await aRun(site.db, version.id, wholeReport({ samples: 500, holds: 300 }), 'baseline');
});
afterAll(() => site.close());

interface Answer {
  board: string;
  samples: number;
  models: { model: string; held: number; share: number; low: number; high: number; holds: string }[];
  pairs: { a: string; b: string; both: number; onlyA: number; onlyB: number; neither: number; p: number; lnP: number }[];
  groups: { heldBy: string[]; count: number; images: number[] }[];
}

async function compared(query: string) {
  const answer = await site.ask('GET', `/compare?${query}`);
  return { status: answer.status, ...((await answer.json()) as Answer & { error?: { code: string; message: string } }) };
}

describe('GET /compare', () => {
  it('compares two rows on the images that both have, under all accepted evidence', async () => {
    const { status, board, samples, models, pairs, groups } = await compared('a=fmnist-at&b=fmnist-st');
    expect({ status, board, samples }).toEqual({ status: 200, board: 'fashion-mnist/linf', samples: 10000 });
    const row = async (of: string) =>
      ((await (await site.ask('GET', `/boards/fashion-mnist/linf/rows?search=${of}`)).json()) as { rows: { robust: number }[] }).rows[0];
    expect(models.map((m) => m.share)).toEqual([(await row('fmnist_at')).robust, (await row('fmnist_st')).robust]);
    const [{ both, onlyA, onlyB, neither, p, lnP }] = pairs;
    expect([both + onlyA, both + onlyB, both + onlyA + onlyB + neither]).toEqual([models[0].held, models[1].held, samples]);
    expect([p, lnP < -100]).toEqual([mcnemarP(onlyA, onlyB), true]);
    expect(groups.reduce((n, g) => n + g.count, 0)).toBe(samples);
    const holds = models.map((m) => unpackBitmap(fromBase64(m.holds), samples));
    for (const { heldBy, images } of groups)
      for (const i of images) expect(models.filter((_, m) => holds[m][i]).map((m) => m.model)).toEqual(heldBy);
  });

  it('takes more than two, on the prefix that all have, and other evidence', async () => {
    const { samples, models, pairs } = await compared(`m=fmnist-at@1,fmnist-st,${slug}`);
    expect([samples, pairs.length, models.map((m) => m.model)]).toEqual([500, 3, ['fmnist-at@1', 'fmnist-st@1', `${slug}@1`]]);
    expect(models[2].held).toBe(300);
    const clean = await compared(`a=${slug}&b=fmnist-at&on=clean`);
    expect(clean.models[0].held).toBe(500);
    expect(clean.models[1].low).toBeLessThan(clean.models[1].share);
  });

  it('says what is off', async () => {
    const refusal = async (query: string) => {
      const { status, error } = await compared(query);
      return [status, error?.code, error?.message];
    };
    expect(await refusal('a=fmnist-at')).toEqual([400, 'bad-request', 'models: expected 2 to 6 different ones, got 1']);
    expect(await refusal('a=fmnist-at&b=nobody')).toEqual([404, 'not-found', 'there is no public model nobody']);
    expect(await refusal('a=fmnist-at&b=fmnist-at@2')).toEqual([404, 'not-found', 'there is no public model fmnist-at@2']);
    expect(await refusal('a=fmnist-at&b=fmnist-at@1')).toEqual([400, 'bad-request', 'models: two of them are the same version']);
    expect(await refusal('a=fmnist-at&b=Fmnist at')).toEqual([
      400,
      'bad-request',
      'models: expected a slug or slug@version, got Fmnist at',
    ]);
    expect(await refusal('a=fmnist-at&b=glyphs-st')).toEqual([
      400,
      'bad-request',
      'board: not all of these models were measured on one and the same board',
    ]);
    expect((await refusal('a=fmnist-at&b=fmnist-st&board=mnist/linf'))[0]).toBe(404);
  });
});
