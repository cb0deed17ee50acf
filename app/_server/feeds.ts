/** The feed of events, as RSS 2.0 (rssboard.org) and as JSON Feed 1.1 (jsonfeed.org): the same items in both. */
import type { PublicEvent } from '@/db/queries/events';
import { eventSentence } from '../_ui/event-sentence';
import { LICENCE } from '../_ui/licence';

export interface Feed {
  title: string;
  description: string;
  /** The page that it is about. */
  page: string;
  /** Its own address. */
  self: string;
  site: string;
  events: readonly PublicEvent[];
}

interface Item {
  id: string;
  title: string;
  text: string;
  url: string;
  at: Date;
}

const itemOf =
  (site: string) =>
  (event: PublicEvent): Item => ({
    id: `${site}/api/v1/events?after=${event.id - 1}&limit=1`,
    title: `${event.name}${event.version > 1 ? ` v${event.version}` : ''}: ${event.kind.replaceAll('-', ' ')}`,
    text: eventSentence(event),
    url: event.runId ? `${site}/runs/${event.runId}` : `${site}/models/${event.model}?version=${event.version}`,
    at: event.at,
  });

/** Text in XML 1.0: what has a meaning there is escaped, and what may not stand there at all is left out. */
const xml = (text: string) =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what XML does not allow.
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
    .replace(/\p{Cs}/gu, '')
    .replace(/[<>&"']/g, (c) => `&#${c.charCodeAt(0)};`);

export function rss({ title, description, page, self, site, events }: Feed): string {
  const items = events.map(itemOf(site));
  return `<?xml version="1.0" encoding="UTF-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom">
<channel>
<title>${xml(title)}</title>
<link>${xml(page)}</link>
<description>${xml(description)}</description>
<language>en</language>
<copyright>${xml(`${LICENCE.name}, ${LICENCE.url}`)}</copyright>
<atom:link href="${xml(self)}" rel="self" type="application/rss+xml"/>
${items
  .map(
    (item) => `<item>
<title>${xml(item.title)}</title>
<link>${xml(item.url)}</link>
<guid isPermaLink="false">${xml(item.id)}</guid>
<pubDate>${item.at.toUTCString()}</pubDate>
<description>${xml(item.text)}</description>
</item>
`,
  )
  .join('')}</channel>
</rss>
`;
}

export function jsonFeed({ title, description, page, self, site, events }: Feed) {
  return {
    version: 'https://jsonfeed.org/version/1.1',
    title,
    description,
    home_page_url: page,
    feed_url: self,
    language: 'en',
    user_comment: `Data: ${LICENCE.name}, ${LICENCE.url}`,
    items: events.map(itemOf(site)).map(({ id, url, title: head, text, at }) => ({
      ...{ id, url, title: head, content_text: text, date_published: at.toISOString() },
    })),
  };
}
