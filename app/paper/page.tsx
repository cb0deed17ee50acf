import type { Metadata } from 'next';
import Link from 'next/link';
import { DATASETS } from '@/lib/data/datasets';
import { type Finding, findings } from '@/lib/paper/claims';
import type { PaperRun } from '@/lib/paper/run';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { Definitions } from '../_ui/definitions';
import { count } from '../_ui/format';
import { Panel } from '../_ui/report/panel';
import { link } from '../signin/controls';
import { Figures } from './figures';
import { estimateText, verdictOf } from './finding-text';
import { MODES, type ModeId } from './modes';
import { ReproductionTable, VerdictBadge } from './reproduction-table';
import { SECTIONS } from './sections';
import { PAPER_BOARDS, RUNS } from './stored';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export const metadata: Metadata = {
  title: 'The paper, run again',
  description: 'What arXiv 2311.07444 finds about robustness and neural collapse, measured anew on small networks by this site’s code.',
};

export default async function PaperPage({ searchParams }: Props) {
  const { board: asked } = await searchParams;
  const board = PAPER_BOARDS.find((id) => id === asked) ?? PAPER_BOARDS[0];
  const runs = RUNS.filter(({ recipe }) => recipe.board === board);
  const found = findings(runs);
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
        {PAPER_BOARDS.map((id) => (
          <Link
            key={id}
            href={`/paper?board=${id}`}
            prefetch={false}
            aria-current={id === board ? 'page' : undefined}
            className="rounded-md border border-line px-3 py-1.5 hover:bg-panel aria-[current=page]:border-accent aria-[current=page]:ring-1 aria-[current=page]:ring-accent"
          >
            {titleOf(id)}
          </Link>
        ))}
      </nav>
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-10">
        <Setting runs={runs} />
        <Panel
          id="reproduction"
          title="Reproduction"
          lead="A claim holds where it does so for every seed. What is asked for is this site’s reading of the paper’s curves, the least that their words ask for."
        >
          <ReproductionTable findings={found} />
        </Panel>
        {SECTIONS.map((section) => (
          <Panel key={section.id} id={section.id} title={section.title} lead={section.lead}>
            {section.claims.map((id) => {
              const finding = found.find(({ claim }) => claim.id === id);
              return finding ? <Claim key={id} finding={finding} /> : null;
            })}
            <Figures section={section} runs={runs} />
          </Panel>
        ))}
      </div>
    </>
  );
}

const titleOf = (id: string) => {
  const board = BOARDS.get(id);
  return board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]}` : id;
};

/** What the paper says, and what the runs show, in a sentence each. */
function Claim({ finding }: { finding: Finding }) {
  const { claim, measures } = finding;
  return (
    <div id={claim.id} className="mb-3 max-w-3xl scroll-mt-4 border-l-2 border-line pl-3 text-sm">
      <p>
        <span className="font-medium">The paper:</span> {claim.says}
      </p>
      <p>
        <span className="font-medium">Here:</span> {measures.map((m) => `${m.label} ${estimateText(m)}`).join('; ')}.{' '}
        <VerdictBadge finding={finding} />
      </p>
      {claim.tried && verdictOf(finding) !== 'holds' && verdictOf(finding) !== 'not run' ? (
        <p className="text-muted">{claim.tried}</p>
      ) : null}
    </div>
  );
}

/** How the runs were made, and how that differs from the paper. */
function Setting({ runs }: { runs: readonly PaperRun[] }) {
  const [{ recipe, device, test }] = runs;
  const seeds = new Set(runs.map((r) => r.recipe.seed)).size;
  const rates = [...new Set(runs.map((r) => r.recipe.learningRate))].sort((a, b) => b - a);
  const slower = runs.filter((r) => r.recipe.learningRate < rates[0]).map((r) => MODES[r.recipe.mode as ModeId] ?? r.recipe.mode);
  const rate = slower.length
    ? `${rates[0]} (${[...new Set(slower)].join(', ')}: ${rates.slice(1).join(', ')}, as on CIFAR-10 the loss diverged at ${rates[0]})`
    : rates[0];
  const lengths = [...new Set(runs.map((r) => r.recipe.epochs))].sort((a, b) => a - b);
  const whose = (length: number) => [
    ...new Set(runs.filter((r) => r.recipe.epochs === length).map((r) => MODES[r.recipe.mode as ModeId] ?? r.recipe.mode)),
  ];
  const epochs =
    lengths.length === 1 ? `${lengths[0]} epochs` : `${lengths.map((n) => `${n} epochs (${whose(n).join(', ')})`).join(', ')},`;
  const warmup = runs.map((r) => r.recipe.warmup ?? 0).reduce((a, b) => Math.max(a, b));
  return (
    <Panel
      id="setting"
      title="How"
      lead="The paper has PreActResNet-18 and VGG-11, all training images and 400 epochs on GPUs. Few images are learnt by heart in minutes on two processor cores, which is what collapse needs; in exchange robust accuracy on test images is far below the paper’s."
    >
      <Definitions
        rows={[
          ['Network', 'CNN-4: four convolutions with batch norm, global average, one dense layer'],
          ['Images', `the first ${count(recipe.trainSamples)} training images, all measured; ${count(test.samples)} test images`],
          ['Training', `${epochs} in batches of ${recipe.batch}, SGD with momentum ${recipe.momentum}, weight decay ${recipe.weightDecay}`],
          ['Learning rate', `${rate}, ${recipe.schedule}`],
          ['Attack', `the board’s PGD; in training its radius and step grow over the first ${warmup} epochs`],
          ['Seeds', `${seeds}; bands in the plots are the least and the most over them`],
          ['Device', device],
          ['Numbers', <a key="file" href="/paper/runs.json" className={link} download>{`runs.json, ${runs.length} runs of this board`}</a>],
        ]}
      />
    </Panel>
  );
}
