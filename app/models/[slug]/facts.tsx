/** What the submitter says of the model, what the server found in its files, and how to cite it. */
import { CopyButton } from '@/app/_ui/copy-button';
import { Definitions } from '@/app/_ui/definitions';
import { bytes, count } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { When } from '@/app/_ui/when';
import type { ModelPage } from '@/db/queries/models';
import { Badge } from './badge';
import { bibtex } from './bibtex';

interface Props {
  model: ModelPage;
  version: ModelPage['versions'][number];
  site: string;
}

export function Facts({ model, version, site }: Props) {
  const entry = bibtex({
    slug: model.slug,
    version: version.number,
    name: model.name,
    author: model.owner?.name ?? 'Simplexity',
    date: version.publishedAt ?? version.createdAt,
    site,
  });
  const rows: [string, React.ReactNode][] = [
    ['Submitted by', model.owner?.name ?? (model.baseline ? 'this installation (baseline)' : 'deleted user')],
    ['Training', version.recipe],
    ['ε trained', version.epsilonTrained ?? 'none'],
    ['Extra data', version.extraData ?? 'none'],
    ['Licence', version.licence],
    ['Paper', version.paperUrl ? <Out key="p" href={version.paperUrl} /> : 'none given'],
    ['Code', version.codeUrl ? <Out key="c" href={version.codeUrl} /> : 'none given'],
    ['Parameters', version.params === null ? 'not checked' : count(version.params)],
    ['Multiply–accumulates', version.macs === null ? 'not checked' : `${(version.macs / 1e6).toFixed(1)} M an image`],
    ['Feature layer', version.featureLayer ? `${version.featureLayer} (${version.featureDim} numbers)` : 'none'],
    ['Size', bytes(version.bytes)],
    [
      'SHA-256',
      <code key="h" className="font-mono text-xs break-all">
        {version.sha256}
      </code>,
    ],
    ...(version.publishedAt ? [['Published', <When key="w" iso={version.publishedAt.toISOString()} />] as [string, React.ReactNode]] : []),
    ...version.notes.map((note, i): [string, React.ReactNode] => [version.notes.length > 1 ? `Note ${i + 1}` : 'Note', note]),
  ];
  return (
    <Panel id="facts" title="The model">
      <Definitions rows={rows} />
      <details className="mt-4 text-sm">
        <summary className="w-fit text-muted">Cite as BibTeX</summary>
        <pre className="mt-2 overflow-x-auto rounded-lg bg-panel p-3 font-mono text-xs">{entry}</pre>
        <div className="mt-2">
          <CopyButton text={entry} label="Copy BibTeX" />
        </div>
      </details>
      {version.state === 'public' ? <Badge slug={model.slug} version={version.number} name={model.name} site={site} /> : null}
    </Panel>
  );
}

const Out = ({ href }: { href: string }) => (
  <a href={href} rel="nofollow ugc noopener" className="break-all underline underline-offset-2">
    {href}
  </a>
);
