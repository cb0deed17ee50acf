import { afterAll, beforeAll, expect, it } from 'vitest';
import { anAccount, aRun, aVersion } from '@/db/testing/rows';
import { wholeReport } from '@/lib/testing/whole-report';
import { type TestSite, testSite } from './api/testing';
import { cardSentence, drawnName, type ModelCard, modelCard } from './model-card';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
});
afterAll(() => site.close());

const sentence = async (slug: string) => cardSentence((await modelCard(slug)) as ModelCard);

it('says a public model’s numbers and state in a sentence', async () => {
  const { model, version } = await aVersion(site.db, { name: 'One', baseline: true });
  expect(await sentence(model.slug)).toBe('One on Fashion-MNIST, L∞ ≤ 0.1: not measured yet.');
  await aRun(site.db, version.id, wholeReport({ holds: 4000 }), 'baseline');
  expect(await sentence(model.slug)).toMatch(/^One on Fashion-MNIST, L∞ ≤ 0.1: 80.0 % clean, 40.0 % robust \(verified\)\./);
});

it('has no card for what is not public', async () => {
  const draft = await aVersion(site.db, { ownerId: await anAccount(site.db), state: 'draft' });
  expect([await modelCard(draft.model.slug), await modelCard('nobody')]).toEqual([null, null]);
});

it('draws names that its font has, and slugs of the others', () => {
  const drawn = (name: string) => drawnName({ name, slug: 'the-slug' });
  expect([drawn('Wide & deep, é'), drawn('робастный'), drawn('strong 💪')]).toEqual(['Wide & deep, é', 'the-slug', 'the-slug']);
});
