'use client';

import { useState } from 'react';
import { Button } from '@/app/_ui/button';
import type { Report } from '@/lib/protocol/report';
import { Definitions } from '../definitions';
import { count, duration } from '../format';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';

/** Where every number comes from, and the report itself to keep. */
export function Provenance({ report }: { report: Report }) {
  const { environment, model, data, counts } = report;
  const json = `${JSON.stringify(report, null, 2)}\n`;
  const rows: [string, React.ReactNode][] = [
    ['Model', <Hash key="m" value={model.sha256} />],
    ...(['test', 'train'] as const).flatMap((split): [string, React.ReactNode][] => {
      const info = data[split];
      return info
        ? [
            [
              `Data, ${split}`,
              <span key={split}>
                <Hash value={info.sha256} /> {info.official ? '(official)' : '(not the official bytes)'}
              </span>,
            ],
          ]
        : [];
    }),
    ['Board, protocol, seed', `${report.board}, ${report.protocol}, ${report.seed}`],
    [
      'Measured with',
      `${environment.backend} on ${environment.device}, ${environment.engine}, ${environment.workers} worker${environment.workers === 1 ? '' : 's'}`,
    ],
    [
      'Versions',
      Object.entries(environment.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ['Passes', `${count(counts.forwards)} forward, ${count(counts.backwards)} backward`],
    ['Time', `${duration(report.durationMs)}, started ${new Date(report.startedAt).toLocaleString()}`],
  ];
  return (
    <Panel id="provenance" title="Where the numbers come from">
      <Definitions rows={rows} />
      <div className="mt-4 flex flex-wrap gap-3">
        <Download name={`simplexity-${report.board.replace('/', '-')}-${model.sha256.slice(0, 8)}.json`} text={json} />
        <Copy text={json} />
      </div>
      <details className="mt-4 text-sm">
        <summary className="w-fit text-muted">The report as JSON</summary>
        <ScrollArea label="JSON" className="mt-2 max-h-96 rounded-lg bg-panel p-3">
          <pre className="font-mono text-xs">{json}</pre>
        </ScrollArea>
      </details>
    </Panel>
  );
}

function Hash({ value }: { value: string }) {
  return (
    <code className="font-mono text-xs" title={value}>
      {value.slice(0, 16)}…
    </code>
  );
}

const button = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel';

function Download({ name, text }: { name: string; text: string }) {
  const save = () => {
    const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
    const link = Object.assign(document.createElement('a'), { href: url, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  };
  return (
    <Button className={button} onClick={save}>
      Download JSON
    </Button>
  );
}

function Copy({ text }: { text: string }) {
  const [said, setSaid] = useState('');
  return (
    <>
      <Button
        className={button}
        onClick={() =>
          navigator.clipboard.writeText(text).then(
            () => setSaid('Copied.'),
            () => setSaid('The browser did not allow copying; use the download.'),
          )
        }
      >
        Copy JSON
      </Button>
      <span role="status" className="self-center text-sm text-muted">
        {said}
      </span>
    </>
  );
}
