import type { Metadata } from 'next';
import Link from 'next/link';
import { DOCS, readDoc } from '../_server/docs';
import { link } from '../signin/controls';

export const metadata: Metadata = { title: 'Documentation', description: 'How scores are made and checked, and how to take part.' };

export default async function Page() {
  const docs = await Promise.all(DOCS.map(async ({ page, about }) => ({ page, about, title: (await readDoc(page))?.title ?? page })));
  return (
    <div className="max-w-3xl">
      <h1 className="text-2xl font-semibold tracking-tight">Documentation</h1>
      <dl className="mt-6 grid gap-4">
        {docs.map(({ page, about, title }) => (
          <div key={page}>
            <dt>
              <Link href={`/docs/${page}`} className={`font-medium ${link}`}>
                {title}
              </Link>
            </dt>
            <dd className="text-muted">{about}</dd>
          </div>
        ))}
        <div>
          <dt>
            <Link href="/docs/api" className={`font-medium ${link}`}>
              API reference
            </Link>
          </dt>
          <dd className="text-muted">Every route, made of the schemas that check the requests.</dd>
        </div>
      </dl>
    </div>
  );
}
