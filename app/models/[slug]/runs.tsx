/** Every run of a version: who, on what, with which result. */
import Link from 'next/link';
import { count, duration, percent } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { ScrollArea } from '@/app/_ui/scroll-area';
import { spotWord } from '@/app/_ui/spot-checked';
import { When } from '@/app/_ui/when';
import type { RunRow } from '@/db/queries/models';
import { robustCount } from '@/lib/protocol/counts';

interface Props {
  runs: RunRow[];
  shown: string | undefined;
  /** Where all of them are, if these are only the newest. */
  more?: string;
}

export function Runs({ runs, shown, more }: Props) {
  if (runs.length === 0) return null;
  return (
    <Panel
      id="runs"
      title="Runs"
      lead="Everything that was measured, newest first. Nothing is removed; a revoked run stays, and counts for nothing."
    >
      <ScrollArea label="Table of runs">
        <table className="w-full min-w-[52rem] text-sm">
          <thead>
            <tr className="border-b border-line text-left">
              {['Run', 'By', 'Board', 'Size', 'Clean', 'Robust', 'Seed', 'Measured with', 'Took', 'Started'].map((head) => (
                <th key={head} scope="col" className="py-2 pr-3 font-medium">
                  {head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {runs.map((run) => {
              const env = run.environment as { backend?: string; device?: string };
              const share = (n: number | null, of: number) => (n === null ? 'not run' : percent(n / of));
              return (
                <tr
                  key={run.id}
                  className={`border-b border-line align-top last:border-b-0 ${run.revokedAt ? 'text-muted line-through' : ''}`}
                >
                  <th scope="row" className="py-1.5 pr-3 text-left font-normal">
                    <Link href={`/runs/${run.id}`} className="font-mono text-xs underline underline-offset-2">
                      {run.id.slice(0, 8)}
                    </Link>
                    {run.id === shown ? <span className="block text-xs text-muted">shown above</span> : null}
                  </th>
                  <td className="py-1.5 pr-3">
                    {run.by ?? (run.kind === 'baseline' ? 'this installation' : 'deleted user')}
                    <span className="block text-xs text-muted">{run.kind}</span>
                    {run.spotCheck ? <span className="block text-xs text-muted">{spotWord(run.spotCheck)}</span> : null}
                  </td>
                  <td className="py-1.5 pr-3 whitespace-nowrap">{run.board}</td>
                  <td className="py-1.5 pr-3 whitespace-nowrap">
                    {count(run.samples)} + {count(run.trainSamples)}
                    {run.autoattackSamples === null ? null : (
                      <span className="block text-xs text-muted">AutoAttack: {count(run.autoattackSamples)}</span>
                    )}
                    {run.full ? null : <span className="block text-xs text-muted">preview</span>}
                  </td>
                  <td className="py-1.5 pr-3">{share(run.cleanCorrect, run.samples)}</td>
                  <td className="py-1.5 pr-3">{share(run.robustCorrect, robustCount(run))}</td>
                  <td className="py-1.5 pr-3">{run.seed}</td>
                  <td className="py-1.5 pr-3">
                    {env.backend}
                    <span className="block text-xs text-muted">{env.device}</span>
                  </td>
                  <td className="py-1.5 pr-3 whitespace-nowrap">{duration(run.durationMs)}</td>
                  <td className="py-1.5">
                    <When iso={run.startedAt.toISOString()} />
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </ScrollArea>
      {more ? (
        <p className="mt-2 text-sm">
          The newest {runs.length}.{' '}
          <a href={more} className="underline underline-offset-2">
            All of them (JSON)
          </a>
        </p>
      ) : null}
    </Panel>
  );
}
