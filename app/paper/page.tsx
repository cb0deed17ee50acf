import type { Metadata } from 'next';
import Link from 'next/link';
import { type Finding, findings, SIMPLEX_WORDS } from '@/lib/paper/claims';
import { count } from '../_ui/format';
import { Panel } from '../_ui/report/panel';
import { link } from '../signin/controls';
import { Control } from './control';
import { Figures } from './figures';
import { estimateText, nearText, verdictOf } from './finding-text';
import { type Elsewhere, ElsewhereLinks, ReproductionTable, VerdictBadge } from './reproduction-table';
import { SECTIONS } from './sections';
import { Setting } from './setting';
import { hrefOf, RUNS, setsOf, titleOf } from './stored';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export const metadata: Metadata = {
  title: 'The paper, run again',
  description: 'What arXiv 2311.07444 finds about robustness and neural collapse, measured anew on small networks by this site’s code.',
};

export default async function PaperPage({ searchParams }: Props) {
  const { board: asked, net, images } = await searchParams;
  const sets = setsOf(RUNS);
  const ofBoard = sets.filter(({ board }) => board === asked);
  const shown =
    ofBoard.find((set) => set.net === (net ?? ofBoard[0].net) && (images === undefined || String(set.images) === images)) ??
    ofBoard[0] ??
    sets[0];
  const { runs } = shown;
  const found = findings(runs);
  const others = sets.filter((set) => set !== shown).map((set) => ({ set, findings: findings(set.runs) }));
  const elsewhereOf = (id: string): Elsewhere[] =>
    others.flatMap(({ set, findings }) => {
      const finding = findings.find(({ claim }) => claim.id === id);
      if (!finding || ['undecided', 'not run'].includes(verdictOf(finding))) return [];
      const images = set.board === shown.board && set.net === shown.net ? `${count(set.images)} images` : titleOf(set, sets);
      return [{ href: `${hrefOf(set)}#${id}`, images, finding }];
    });
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">The paper, run again</h1>
      <p className="mt-2 max-w-3xl text-muted">
        <a href="https://arxiv.org/abs/2311.07444" className={link}>
          On the Robustness of Neural Collapse and the Neural Collapse of Robustness
        </a>{' '}
        trains two large networks in three ways and looks at their geometry. Here this site’s own trainer and measurements do it again with
        a small network, and say where they agree and where they do not.
      </p>
      <nav aria-label="Board" className="mt-4 flex flex-wrap gap-2 text-sm">
        {sets.map((set) => (
          <Link
            key={hrefOf(set)}
            href={hrefOf(set)}
            prefetch={false}
            aria-current={set === shown ? 'page' : undefined}
            className="rounded-md border border-line px-3 py-1.5 hover:bg-panel aria-[current=page]:border-accent aria-[current=page]:ring-1 aria-[current=page]:ring-accent"
          >
            {titleOf(set, sets)}
          </Link>
        ))}
      </nav>
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-10">
        <Setting runs={runs} />
        <Panel
          id="reproduction"
          title="Reproduction"
          lead={`A claim holds where it does so for every seed. What is asked for is this site’s reading of the paper’s curves, the least that their words ask for; the thresholds are its own, and some were set with the first runs at hand. A simplex stands, for whichever images, where ${SIMPLEX_WORDS}.`}
        >
          <ReproductionTable findings={found} elsewhere={elsewhereOf} />
        </Panel>
        {SECTIONS.filter(({ modes }) => modes.some((mode) => runs.some(({ recipe }) => recipe.mode === mode))).map((section) => (
          <Panel key={section.id} id={section.id} title={section.title} lead={section.lead}>
            {section.claims.map((id) => {
              const finding = found.find(({ claim }) => claim.id === id);
              return finding ? <Claim key={id} finding={finding} elsewhere={elsewhereOf(id)} /> : null;
            })}
            {section.control ? <Control /> : null}
            <Figures section={section} runs={runs} />
          </Panel>
        ))}
      </div>
    </>
  );
}

/** What the paper says, and what the runs show, in a sentence each. */
function Claim({ finding, elsewhere }: { finding: Finding; elsewhere: Elsewhere[] }) {
  const { claim, measures } = finding;
  return (
    <div id={claim.id} className="mb-3 max-w-3xl scroll-mt-4 border-l-2 border-line pl-3 text-sm">
      <p>
        <span className="font-medium">The paper:</span> {claim.says}
      </p>
      <p>
        <span className="font-medium">Here:</span>{' '}
        {verdictOf(finding) === 'not run' ? null : `${measures.map((m) => `${m.label} ${estimateText(m)}`).join('; ')}. `}
        <VerdictBadge finding={finding} />
      </p>
      {finding.near.length ? <p className="text-muted">{nearText(finding)}</p> : null}
      {verdictOf(finding) === 'holds' || elsewhere.length === 0 ? null : (
        <p className="flex flex-wrap gap-x-4">
          <ElsewhereLinks elsewhere={elsewhere} />
        </p>
      )}
      {finding.undecided > 0 ? (
        <p className="text-muted">
          Of {finding.undecided === 1 ? 'one seed' : `${finding.undecided} seeds`} it can’t be told: {claim.undecided?.because}.
        </p>
      ) : null}
      {claim.tried && ['no', 'in part'].includes(verdictOf(finding)) ? <p className="text-muted">{claim.tried}</p> : null}
    </div>
  );
}
