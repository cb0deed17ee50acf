import type { MetadataRoute } from 'next';
import { siteUrl } from './_server/environment';

/** Made at every request: the site's address is known when it runs. */
export const dynamic = 'force-dynamic';

/** `/robots.txt`. Data files are large and of use to nobody who searches. Pages that must not be found say so themselves. */
export default function robots(): MetadataRoute.Robots {
  return {
    rules: { userAgent: '*', allow: ['/', '/data/*/test/'], disallow: ['/api/', '/data/', '/compare?'] },
    sitemap: `${siteUrl()}/sitemap.xml`,
  };
}
