import type { Metadata } from 'next';
import Link from 'next/link';
import { DATASETS } from '@/lib/data/datasets';
import { type Finding, findings, SIMPLEX_WORDS } from '@/lib/paper/claims';
import type { PaperRun } from '@/lib/paper/run';
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import { Definitions } from '../_ui/definitions';
import { count } from '../_ui/format';
import { Panel } from '../_ui/report/panel';
import { link } from '../signin/controls';
import { Figures } from './figures';
import { estimateText, verdictOf } from './finding-text';
import { MODES, type ModeId } from './modes';
import { type Elsewhere, ElsewhereLinks, ReproductionTable, VerdictBadge } from './reproduction-table';
import { SECTIONS } from './sections';
import { type PaperSet, RUNS, setsOf } from './stored';

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
  const besides = sets.filter((set) => set !== shown && set.board === shown.board && set.net === shown.net);
  const elsewhere = besides.map((set) => ({ set, found: findings(set.runs) }));
  const elsewhereOf = (id: string) =>
    elsewhere.flatMap(({ set, found: others }) => {
      const finding = others.find(({ claim }) => claim.id === id);
      return finding && !['undecided', 'not run'].includes(verdictOf(finding))
        ? [{ href: `${hrefOf(set)}#${id}`, images: set.images, finding }]
        : [];
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
            {titleOf(set.board)}
            {set.net === 'small' ? '' : `, ${set.net}`}
            {sets.some((other) => other !== set && other.board === set.board) ? `, ${count(set.images)} images` : ''}
          </Link>
        ))}
      </nav>
      <div className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-10">
        <Setting runs={runs} />
        <Panel
          id="reproduction"
          title="Reproduction"
          lead={`A claim holds where it does so for every seed. What is asked for is this site’s reading of the paper’s curves, the least that their words ask for. A simplex stands, for whichever images, where ${SIMPLEX_WORDS}.`}
        >
          <ReproductionTable findings={found} elsewhere={elsewhereOf} />
        </Panel>
        {SECTIONS.filter(({ modes }) => modes.some((mode) => runs.some(({ recipe }) => recipe.mode === mode))).map((section) => (
          <Panel key={section.id} id={section.id} title={section.title} lead={section.lead}>
            {section.claims.map((id) => {
              const finding = found.find(({ claim }) => claim.id === id);
              return finding ? <Claim key={id} finding={finding} elsewhere={elsewhereOf(id)} /> : null;
            })}
            <Figures section={section} runs={runs} />
          </Panel>
        ))}
      </div>
    </>
  );
}

/** Where a set of runs is shown. */
const hrefOf = ({ board, net, images }: PaperSet) =>
  `/paper?board=${board}${net === 'small' ? '' : `&net=${encodeURIComponent(net)}`}&images=${images}`;

/** Networks of the trainer, as a reader knows them. */
const NETS: Record<string, string> = {
  small: 'CNN-4: four convolutions with batch norm, global average, one dense layer',
};

const titleOf = (id: string) => {
  const board = BOARDS.get(id);
  return board ? `${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]}` : id;
};

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
        <VerdictBadge finding={finding} /> <ElsewhereLinks elsewhere={elsewhere} />
      </p>
      {finding.undecided > 0 ? (
        <p className="text-muted">
          Of {finding.undecided === 1 ? 'one seed' : `${finding.undecided} seeds`} it can’t be told: {claim.undecided?.because}.
        </p>
      ) : null}
      {claim.tried && ['no', 'in part'].includes(verdictOf(finding)) ? <p className="text-muted">{claim.tried}</p> : null}
    </div>
  );
}

/** What the runs have of something, each value once. */
const all = <T,>(runs: readonly PaperRun[], of: (run: PaperRun) => T): T[] => [...new Set(runs.map(of))];
const modeOf = ({ recipe }: PaperRun) => MODES[recipe.mode as ModeId] ?? recipe.mode;
/** “120 (AT, TRADES), 400 (ST)”, or the value alone where all have the same. */
function byMode(runs: readonly PaperRun[], of: (run: PaperRun) => number): string {
  const values = all(runs, of).sort((a, b) => a - b);
  if (values.length === 1) return String(values[0]);
  return values
    .map(
      (v) =>
        `${v} (${all(
          runs.filter((run) => of(run) === v),
          modeOf,
        ).join(', ')})`,
    )
    .join(', ');
}

/** How the runs were made, and how that differs from the paper. */
function Setting({ runs }: { runs: readonly PaperRun[] }) {
  const net = ({ recipe }: PaperRun) => `${NETS[recipe.net] ?? recipe.net}${recipe.width === undefined ? '' : `, width ${recipe.width}`}`;
  const number = (of: (run: PaperRun) => number) => all(runs, of).map(count).join(', ');
  return (
    <Panel
      id="setting"
      title="How"
      lead="The paper has PreActResNet-18 and VGG-11, all training images and 400 epochs on GPUs. Few images are learnt by heart in minutes on a processor, which is what collapse needs; in exchange test images are held far less often than by networks that saw many. Where a board has runs on more images, too, those are for what is said of test images: in so few epochs they are not learnt by heart. Other than in the paper, too: batches are small, the learning rate falls along a cosine instead of in steps, and attacks in training grow over the first epochs."
    >
      <Definitions
        rows={[
          ['Network', all(runs, net).join('; ')],
          [
            'Images',
            `the first ${number((r) => r.recipe.trainSamples)} training images, ${runs.every(({ recipe }) => recipe.measure >= recipe.trainSamples) ? 'all' : `the first ${number((r) => r.recipe.measure)} of them`} measured; ${number((r) => r.test.samples)} test images`,
          ],
          ['Epochs', byMode(runs, (r) => r.recipe.epochs)],
          [
            'Optimiser',
            `SGD, batches of ${number((r) => r.recipe.batch)}, momentum ${byMode(runs, (r) => r.recipe.momentum)}, weight decay ${byMode(runs, (r) => r.recipe.weightDecay)}`,
          ],
          ['Learning rate', `${byMode(runs, (r) => r.recipe.learningRate)}, ${all(runs, (r) => r.recipe.schedule).join(', ')}`],
          [
            'Attack',
            `the board’s PGD; in training its radius and step grow over the first epochs: ${byMode(runs, (r) => r.recipe.warmup ?? 0)}`,
          ],
          [
            'Seeds',
            byMode(
              runs,
              (r) =>
                all(
                  runs.filter((other) => modeOf(other) === modeOf(r)),
                  (o) => o.recipe.seed,
                ).length,
            ),
          ],
          ['Device', all(runs, (r) => r.device).join('; ')],
          [
            'Numbers',
            <a key="file" href="/paper/runs.json" className={link} download>{`runs.json, ${runs.length} of whose runs are these`}</a>,
          ],
        ]}
      />
    </Panel>
  );
}
