/** Which attacks break the same images, as a heat map that is a table. */
import Link from 'next/link';
import { overlap } from '@/lib/protocol/overlap';
import type { Report } from '@/lib/protocol/report';
import { CONDITIONS } from '../conditions';
import { count, percent } from '../format';
import { ScrollArea } from '../scroll-area';
import { Panel } from './panel';

export function OverlapPanel({ report, runId }: { report: Report; runId: string }) {
  const found = overlap(report);
  if (!found || found.attacks.length < 2) return null;
  const { attacks, broken, share } = found;
  return (
    <Panel
      id="overlap"
      title="Do attacks break the same images?"
      lead={
        <>
          Of the images that the line’s attack breaks, the share in per cent that the column’s breaks, too, on the images that both ran on.
          AutoAttack’s attacks run in turn, so each holds what those before it broke. From the bitmaps of{' '}
          <Link href={`/runs/${runId}`} className="underline underline-offset-2">
            run {runId.slice(0, 8)}
          </Link>
          .
        </>
      }
    >
      <ScrollArea label="Overlap of attacks">
        <table className="text-sm">
          <thead>
            <tr className="align-bottom">
              <th scope="col" className="py-1 pr-4 text-left font-medium">
                Attack
              </th>
              <th scope="col" className="py-1 pr-4 text-right font-medium">
                Breaks
              </th>
              {attacks.map((id) => (
                <th key={id} scope="col" className="w-16 px-1 py-1 text-center text-xs font-medium">
                  {CONDITIONS[id].label}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {attacks.map((id, i) => (
              <tr key={id}>
                <th scope="row" className="py-0.5 pr-4 text-left font-normal whitespace-nowrap">
                  {CONDITIONS[id].label}
                </th>
                <td className="py-0.5 pr-4 text-right text-muted">{count(broken[i])}</td>
                {share[i].map((value, j) => (
                  <td
                    key={attacks[j]}
                    className="border border-bg px-1 py-1.5 text-center"
                    // Half the colour at most, so that the number on it stays readable.
                    style={{ background: `color-mix(in oklab, var(--c-pgd) ${Math.round(45 * (value ?? 0))}%, var(--panel))` }}
                  >
                    {value === null ? <span className="text-muted">none</span> : percent(value)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </Panel>
  );
}
