import type { Metadata } from 'next';
import { connection } from 'next/server';
import { publicApi } from '@/app/_server/api/api';
import { PROBLEMS } from '@/app/_server/api/problem';
import { siteUrl } from '@/app/_server/environment';

export const metadata: Metadata = { title: 'API', description: 'The public API of Simplexity: boards, models, runs, submissions.' };

interface Operation {
  summary?: string;
  description?: string;
  parameters?: { name: string; in: string; required?: boolean; description?: string; schema?: { description?: string; enum?: string[] } }[];
}

/** The reference is made of the OpenAPI file, which is made of the schemas that check every request. */
export default async function Page() {
  await connection(); // the site's address is known when it runs
  const doc = publicApi().getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'Simplexity', version: '1' } });
  const operations = Object.entries(doc.paths ?? {}).flatMap(([path, methods]) =>
    Object.entries(methods as Record<string, Operation>).map(([method, operation]) => ({ path, method, ...operation })),
  );
  return (
    <div className="max-w-3xl">
      <h1 className="text-2xl font-semibold tracking-tight">API</h1>
      <p className="mt-2">
        Everything that boards, models and runs show, as JSON under <code className="font-mono text-sm">/api/v1</code>, described by{' '}
        <a href="/api/v1/openapi.json" className="underline underline-offset-2">
          openapi.json
        </a>{' '}
        (OpenAPI 3.1). Reading needs no key and works from any origin; answers carry an ETag. Writing needs a token from your account page:{' '}
        <code className="font-mono text-sm">Authorization: Bearer sx_…</code>. A write that carries an{' '}
        <code className="font-mono text-sm">Idempotency-Key</code> is done once, however often it is sent. Unknown fields are refused. Times
        are UTC. Published data are CC BY 4.0.
      </p>
      <pre className="mt-4 overflow-x-auto rounded-lg bg-panel p-3 font-mono text-xs">
        {`curl '${siteUrl()}/api/v1/boards/fashion-mnist/linf/rows?sort=nc1&limit=10'`}
      </pre>
      <h2 className="mt-8 text-lg font-semibold">Routes</h2>
      <dl className="mt-3 grid gap-5">
        {operations.map(({ path, method, summary, description, parameters }) => (
          <div key={`${method} ${path}`}>
            <dt className="font-mono text-sm break-all">
              <strong className="font-semibold">{method.toUpperCase()}</strong> {path}
            </dt>
            <dd className="mt-0.5 text-sm">
              {summary}. <Words text={description ?? ''} />
              {parameters?.some((p) => p.in === 'query') ? (
                <ul className="mt-1 grid gap-0.5 text-muted">
                  {parameters
                    .filter((p) => p.in === 'query')
                    .map((p) => (
                      <li key={p.name}>
                        <code className="font-mono text-xs text-fg">{p.name}</code>
                        {p.schema?.enum ? ` ${p.schema.enum.join(' · ')}` : ''}
                        {(p.description ?? p.schema?.description) ? ': ' : ''}
                        <Words text={p.description ?? p.schema?.description ?? ''} />
                      </li>
                    ))}
                </ul>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
      <h2 className="mt-8 text-lg font-semibold">Refusals</h2>
      <p className="mt-1 text-sm">
        Every refusal is <code className="font-mono text-xs">{'{"error": {"code", "message"}}'}</code>. The codes are stable; the message is
        a sentence for people.
      </p>
      <table className="mt-3 text-sm">
        <thead>
          <tr className="border-b border-line text-left">
            <th scope="col" className="py-1 pr-6 font-medium">
              Code
            </th>
            <th scope="col" className="py-1 font-medium">
              Status
            </th>
          </tr>
        </thead>
        <tbody>
          {Object.entries(PROBLEMS).map(([code, status]) => (
            <tr key={code} className="border-b border-line last:border-b-0">
              <th scope="row" className="py-1 pr-6 text-left font-mono text-xs font-normal">
                {code}
              </th>
              <td className="py-1">{status}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** `code` in a sentence as code. */
function Words({ text }: { text: string }) {
  return text.split('`').map((part, i) =>
    i % 2 ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: parts of a fixed sentence.
      <code key={i} className="font-mono text-xs">
        {part}
      </code>
    ) : (
      part
    ),
  );
}
