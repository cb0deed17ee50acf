import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seed } from '@/db/seed';
import { anAccount, aRun, aVersion } from '@/db/testing/rows';
import { baselineFile } from '@/lib/bundled-models';
import { STANDING_STATES } from '@/lib/protocol/standing';
import { wholeReport } from '@/lib/testing/whole-report';
import { percent } from '../../_ui/format';
import { badgeSvg, badgeWords } from '../badge';
import { type TestSite, testSite } from './testing';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
  await seed(site.db, site.blobs);
});
afterAll(() => site.close());

const badge = async (path: string) => {
  const answer = await site.ask('GET', `/badge/${path}`);
  return { status: answer.status, type: answer.headers.get('content-type'), text: await answer.text() };
};

it('says a row’s number and state, of the board asked for', async () => {
  const { status, type, text } = await badge('fmnist-at.svg');
  expect([status, type]).toEqual([200, 'image/svg+xml; charset=utf-8']);
  const { robust } = JSON.parse(readFileSync(`db/baselines/${baselineFile('fmnist_at', 'fashion-mnist/linf')}`, 'utf8'));
  expect(text).toContain(`<title>Fashion-MNIST L∞ 0.1: ${percent(robust.accuracy)} % robust, verified</title>`);
  expect((await badge('fmnist-st@1.svg')).text).toContain('0.0 % robust, verified');
  expect((await badge('fmnist-at.svg?board=fashion-mnist/l2')).text).toContain('Fashion-MNIST L2 1.5: ');
  expect((await badge('glyphs-st.svg?board=fashion-mnist/linf')).text).toContain('not measured');
});

it('says nothing of what is not public, and what would be right', async () => {
  const owner = await anAccount(site.db);
  const draft = await aVersion(site.db, { ownerId: owner, state: 'draft' });
  await aRun(site.db, draft.version.id, wholeReport(), 'claim', owner);
  expect((await badge(`${draft.model.slug}.svg`)).status).toBe(404);
  expect((await badge('fmnist-at@2.svg')).status).toBe(404);
  expect((await badge('fmnist-at.png')).text).toContain('expected /badge/SLUG.svg');
  expect((await badge('fmnist-at.svg?board=mnist/linf')).status).toBe(400);
  expect((await badge('fmnist-at.svg?colour=red')).status).toBe(400);
});

it('escapes text, and repeats no disqualified number', () => {
  expect(badgeSvg('<a & b>', { state: 'verified', robust: 0.5 })).toContain('&#60;a &#38; b&#62;: 50.0 % robust, verified');
  expect(badgeWords({ state: 'disqualified', robust: 0.9 })).toBe('disqualified');
  expect(badgeWords({ state: 'self-reported', robust: null })).toBe('self-reported');
});

/** WCAG 2.2 relative luminance. */
const luminance = (hex: string) => {
  const [r, g, b] = [1, 3, 5]
    .map((i) => Number.parseInt(hex.slice(i, i + 2), 16) / 255)
    .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};

it.each(STANDING_STATES)('white text can be read on the ground of %s', (state) => {
  const grounds = [...badgeSvg('x', { state, robust: 0.5 }).matchAll(/<rect[^>]*fill="(#[0-9a-f]{6})"/g)].map((m) => m[1]);
  expect(grounds).toHaveLength(2);
  for (const ground of grounds) expect(1.05 / (luminance(ground) + 0.05)).toBeGreaterThan(4.5);
});
