/** `/sitemap.xml`: the boards, and models that are verified; what is not is asked not to be indexed. */
import type { MetadataRoute } from 'next';
import { verifiedModels } from '@/db/queries/verified';
import { BOARDS } from '@/lib/protocol/boards';
import { database } from './_server/database';
import { DOCS } from './_server/docs';
import { siteUrl } from './_server/environment';

/** Made at every request: the site's address is known when it runs. */
export const dynamic = 'force-dynamic';

/** A sitemap holds 50 000 addresses at most (sitemaps.org). */
const MOST_MODELS = 49_000;

export default async function sitemap(): Promise<MetadataRoute.Sitemap> {
  const site = siteUrl();
  const models = await verifiedModels(await database(), MOST_MODELS);
  const boards = [...BOARDS.keys()].flatMap((id) => [`/boards/${id}`, `/boards/${id}/images`]);
  return [
    ...[
      '',
      '/evaluate',
      '/lab',
      '/paper',
      '/submit',
      '/runners',
      '/docs',
      '/docs/api',
      ...DOCS.map(({ page }) => `/docs/${page}`),
      ...boards,
    ].map((path) => ({ url: `${site}${path}` })),
    ...models.map(({ slug, changedAt }) => ({ url: `${site}/models/${slug}`, lastModified: changedAt })),
  ];
}
