import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { DOCS, type Doc, readDoc } from '../../_server/docs';

interface Props {
  params: Promise<{ page: string }>;
}

export const generateStaticParams = () => DOCS.map(({ page }) => ({ page }));
export const dynamicParams = false;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  const { page } = await params;
  const [doc, listed] = [await readDoc(page), DOCS.find((d) => d.page === page)];
  return { title: doc?.title, description: listed?.about };
}

/** The repository's own text; nothing of it comes from a visitor. */
export default async function Page({ params }: Props) {
  const { page } = await params;
  const doc = await readDoc(page);
  if (!doc) notFound();
  return (
    <div className="grid gap-8 lg:grid-cols-[minmax(0,1fr)_14rem]">
      <article className="min-w-0">
        <p className="text-sm">
          <Link href="/docs" className="text-muted underline underline-offset-2">
            Documentation
          </Link>
        </p>
        <h1 className="mt-1 mb-4 text-2xl font-semibold tracking-tight">{doc.title}</h1>
        {doc.sections.length > 1 ? (
          <details className="mb-4 text-sm lg:hidden">
            <summary className="w-fit text-muted">On this page</summary>
            <div className="mt-2">
              <Sections sections={doc.sections} />
            </div>
          </details>
        ) : null}
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: made of docs/*.md at build, with every text in it escaped */}
        <div className="prose" dangerouslySetInnerHTML={{ __html: doc.html }} />
      </article>
      {doc.sections.length > 1 ? (
        <nav aria-label="On this page" className="text-sm max-lg:hidden lg:sticky lg:top-6 lg:self-start">
          <p className="mb-2 font-medium">On this page</p>
          <Sections sections={doc.sections} />
        </nav>
      ) : null}
    </div>
  );
}

function Sections({ sections }: Pick<Doc, 'sections'>) {
  return (
    <ul className="grid gap-1">
      {sections.map(({ id, text }) => (
        <li key={id}>
          <a href={`#${id}`} className="text-muted hover:text-fg hover:underline">
            {text.replace(/`/g, '')}
          </a>
        </li>
      ))}
    </ul>
  );
}
