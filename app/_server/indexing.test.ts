/** Pages ask not to be indexed until somebody else than the submitter has measured. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAccount, aRun, aVersion } from '@/db/testing/rows';
import { wholeReport } from '@/lib/testing/whole-report';
import { generateMetadata as ofModel } from '../models/[slug]/page';
import { type TestSite, testSite } from './api/testing';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
afterAll(() => site.close());

const metadataOf = (slug: string) => ofModel({ params: Promise.resolve({ slug }), searchParams: Promise.resolve({}) });

it('a claim is not indexed, a verified row is, under its own address', async () => {
  const owner = await anAccount(site.db);
  const { model, version } = await aVersion(site.db, { name: 'Claimed', ownerId: owner });
  expect((await metadataOf(model.slug)).robots).toEqual({ index: false });
  await aRun(site.db, version.id, wholeReport(), 'claim', owner);
  expect((await metadataOf(model.slug)).robots).toEqual({ index: false });
  const verified = await aVersion(site.db, { name: 'Verified', baseline: true });
  await aRun(site.db, verified.version.id, wholeReport(), 'baseline');
  const metadata = await metadataOf(verified.model.slug);
  expect(metadata.robots).toBeUndefined();
  expect(metadata.alternates?.canonical).toBe(`/models/${verified.model.slug}`);
  expect(metadata.description).toMatch(/^Verified on Fashion-MNIST/);
});
