/** Every claim of the paper, what the runs of one board measure, and whether it holds. */
import Link from 'next/link';
import type { Finding } from '@/lib/paper/claims';
import { ListTable } from '../_ui/list-table';
import { link } from '../signin/controls';
import { estimateText, nearText, type Verdict, verdictOf, verdictText } from './finding-text';

const COLOUR: Record<Verdict, string> = {
  holds: 'bg-panel text-good',
  'in part': 'bg-warn-bg text-warn',
  no: 'bg-bad-bg text-bad',
  undecided: 'bg-panel text-muted',
  'not run': 'bg-panel text-muted',
};

export const VerdictBadge = ({ finding }: { finding: Finding }) => (
  <span className={`inline-block rounded px-2 py-0.5 text-sm whitespace-nowrap ${COLOUR[verdictOf(finding)]}`}>{verdictText(finding)}</span>
);

/** What runs on other images say of the same claim. */
export interface Elsewhere {
  href: string;
  /** After “On ”. */
  images: string;
  finding: Finding;
}

export const ElsewhereLinks = ({ elsewhere }: { elsewhere: readonly Elsewhere[] }) =>
  elsewhere.map(({ href, images, finding }) => (
    <Link key={href} href={href} prefetch={false} className={`text-sm ${link}`}>
      On {images}: {verdictText(finding)}
    </Link>
  ));

interface Props {
  findings: readonly Finding[];
  /** Of a claim, by its id. */
  elsewhere: (id: string) => readonly Elsewhere[];
}

export function ReproductionTable({ findings, elsewhere }: Props) {
  return (
    <ListTable
      label="Reproduction"
      heads={['The paper', 'Here: mean and 95 % interval over seeds', 'Asked for', 'Verdict']}
      rows={findings.map((finding) => ({
        key: finding.claim.id,
        cells: [
          <a key="says" href={`#${finding.claim.id}`} className="hover:underline">
            {finding.claim.says}
          </a>,
          verdictOf(finding) === 'not run' ? (
            '–'
          ) : (
            <ul key="measured" className="grid gap-0.5 tabular-nums">
              {finding.measures.map((m) => (
                <li key={m.label} className="lg:whitespace-nowrap">
                  <span className="text-muted">{m.label}</span> {estimateText(m)}
                </li>
              ))}
            </ul>
          ),
          <span key="criterion" className="text-muted">
            {finding.claim.criterion}
          </span>,
          <div key="verdict" className="grid justify-items-start gap-1">
            <VerdictBadge finding={finding} />
            {finding.near.length ? <span className="text-sm text-muted">{nearText(finding)}</span> : null}
            <ElsewhereLinks elsewhere={elsewhere(finding.claim.id)} />
          </div>,
        ],
      }))}
    />
  );
}
