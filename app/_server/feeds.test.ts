import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { anAccount, aRun, aVersion } from '@/db/testing/rows';
import { wholeReport } from '@/lib/testing/whole-report';
import { GET as getJson } from '../feed.json/route';
import { GET as getRss } from '../feed.xml/route';
import { type TestSite, testSite } from './api/testing';
import { rss } from './feeds';

let site: TestSite;
beforeAll(async () => {
  site = await testSite();
  const owner = await anAccount(site.db, { name: 'Grace' });
  const open = await aVersion(site.db, { name: 'Rock & <Roll>', ownerId: owner });
  await aRun(site.db, open.version.id, wholeReport(), 'claim', owner);
  const draft = await aVersion(site.db, { name: 'Secret draft', ownerId: owner, state: 'draft' });
  await aRun(site.db, draft.version.id, wholeReport(), 'claim', owner);
});
afterAll(() => site.close());

const ask = (get: (request: Request) => Promise<Response>, path: string) => get(new Request(`http://localhost:3000${path}`));

interface JsonFeed {
  feed_url: string;
  items: { id: string; url: string; title: string; content_text: string; date_published: string }[];
}

describe('the feed of events', () => {
  it('says the same as RSS and as JSON, newest first, of what is public alone', async () => {
    const answer = await ask(getJson, '/feed.json');
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/feed+json']);
    const feed = (await answer.json()) as JsonFeed;
    expect(feed.items.map((i) => i.title)).toEqual(['Rock & <Roll>: state changed', 'Rock & <Roll>: run added']);
    expect(feed.items[1].content_text).toBe('A run (claim) on fashion-mnist/linf was added by Grace.');
    expect(feed.items[1].url).toMatch(/^http:\/\/localhost:\d+\/runs\/[0-9a-f-]{36}$/);
    const xml = await (await ask(getRss, '/feed.xml')).text();
    expect([...xml.matchAll(/<guid isPermaLink="false">(.*?)<\/guid>/g)].map((m) => m[1].replaceAll('&#38;', '&'))).toEqual(
      feed.items.map((i) => i.id),
    );
    expect(xml).toContain('<title>Rock &#38; &#60;Roll&#62;: run added</title>');
    expect(xml + JSON.stringify(feed)).not.toContain('Secret');
    expect(xml).toContain('CC BY 4.0');
  });

  it('an item’s id is the address of its event', async () => {
    const { items } = (await (await ask(getJson, '/feed.json')).json()) as JsonFeed;
    const { events } = (await (await site.ask('GET', items[1].id.split('/api/v1')[1])).json()) as {
      events: { kind: string; at: string }[];
    };
    expect(events).toEqual([expect.objectContaining({ kind: 'run-added', at: items[1].date_published })]);
  });

  it('is there for one board, and says so where there is none', async () => {
    const of = async (board: string) => (await (await ask(getJson, `/feed.json?board=${board}`)).json()) as JsonFeed;
    expect((await of('fashion-mnist/linf')).items).toHaveLength(2);
    const other = await of('fashion-mnist/l2');
    expect([other.items, other.feed_url.endsWith('/feed.json?board=fashion-mnist/l2')]).toEqual([[], true]);
    expect((await ask(getRss, '/feed.xml?board=mnist/linf')).status).toBe(404);
  });

  it('leaves out what XML does not allow', () => {
    const event = {
      id: 1,
      at: new Date(0),
      kind: 'run-revoked',
      board: 'b',
      runId: null,
      data: { reason: 'bad\u0007 \ud800char' },
      model: 'm',
      name: 'n',
      version: 1,
      by: null,
    } as const;
    const xml = rss({ title: 't', description: 'd', page: 'p', self: 's', site: 'http://x', events: [event] });
    expect(xml).toContain('<description>A run on b was revoked: bad char.</description>');
    expect(xml).toContain('<pubDate>Thu, 01 Jan 1970 00:00:00 GMT</pubDate>');
  });
});
