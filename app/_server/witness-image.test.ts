/** Pictures of accepted witnesses: who may have them, and what they show. */
import { inflateSync } from 'node:zlib';
import { eq } from 'drizzle-orm';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { witnessImages } from '@/db/queries/witness-images';
import { versions, witnessVerdicts } from '@/db/schema';
import { DATASETS } from '@/lib/data/datasets';
import { drawGlyphs } from '@/lib/data/glyphs';
import { packWitnesses } from '@/lib/protocol/witness-file';
import { GET } from '../models/[slug]/witnesses/[sha256]/[image]/route';
import { type TestSite, testSite } from './api/testing';
import { aRunner, type Job, local } from './api/testing-runner';
import { sha256 } from './api/testing-submission';
import { board, glyphs, publicGlyphs, sendWitnesses, verdictOn } from './api/testing-witnesses';

let site: TestSite;
let slug: string;
let versionId: string;
beforeAll(async () => {
  site = await testSite();
  ({ slug, versionId } = await publicGlyphs(site, (await site.account('Ada')).token));
});
afterAll(() => site.close());

/** Every pixel one grey level off, to the side where there is room. */
const indices = [3, 7];
const deltas = Int16Array.from(
  indices.flatMap((i) => [...drawGlyphs('test', i, 1).images]),
  (x) => (x < 128 ? 128 : -128),
);
const header = { board, data: DATASETS.glyphs.officialSha256.test as string, model: glyphs.sha256, indices };
const file = packWitnesses({ ...header, shape: [28, 28, 1] }, deltas) as Uint8Array<ArrayBuffer>;
const hash = sha256(file);
const ask = (image: string, of = hash) => GET(new Request('http://localhost/'), { params: Promise.resolve({ slug, sha256: of, image }) });
const at = { board, protocol: '1' };

it('shows an image as it broke the model, once a runner has said that it did, and for as long as that stands', async () => {
  await sendWitnesses(site, slug, file, (await site.account('Grace')).token);
  expect((await ask('3.png')).status, 'not yet judged').toBe(404);
  const runner = await aRunner(site, local());
  const job = (await runner.lease()) as Job;
  expect(job.kind).toBe('witness');
  expect((await runner.send(job.id, verdictOn(job, file, [0.1, -0.1]))).status).toBe(201);

  const answer = await ask('3.png');
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'image/png']);
  const png = Buffer.from(await answer.arrayBuffer());
  const rows = inflateSync(png.subarray(41, 41 + png.readUInt32BE(33)));
  const pixels = Array.from({ length: 28 }, (_, y) => [...rows.subarray(29 * y + 1, 29 * (y + 1))]).flat();
  const clean = [...drawGlyphs('test', 3, 1).images];
  const apart = pixels.map((p, i) => Math.abs(p - clean[i]));
  expect([Math.min(...apart), Math.max(...apart)]).toEqual([1, 1]);

  // The second one held.
  const [shown, ...others] = await witnessImages(site.db, at, [versionId], [3, 7, 8]);
  expect(shown).toMatchObject({ versionId, slug, index: 3, sha256: hash });
  expect(others).toEqual([]);
  for (const image of ['8.png', '03.png', 'x']) expect((await ask(image)).status).toBe(404);
  expect((await ask('3.png', '0'.repeat(64))).status).toBe(404);

  await site.db.update(versions).set({ state: 'hidden' }).where(eq(versions.id, versionId));
  expect([(await ask('3.png')).status, await witnessImages(site.db, at, [versionId], [3])]).toEqual([404, []]);
  await site.db.update(versions).set({ state: 'public' }).where(eq(versions.id, versionId));
  await site.db.update(witnessVerdicts).set({ revokedAt: new Date(), revokedReason: 'r' });
  expect([(await ask('3.png')).status, await witnessImages(site.db, at, [versionId], [3])]).toEqual([404, []]);
});
