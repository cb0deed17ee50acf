import type { Metadata } from 'next';
import Link from 'next/link';
import { FRONT_BOARD } from '@/app/_board/front-board';
import { type ComparedModels, compareModels, lastingName } from '@/app/_server/comparison';
import { database } from '@/app/_server/database';
import { siteUrl } from '@/app/_server/environment';
import { testLabels } from '@/app/_server/test-images';
import { boardRows } from '@/db/queries/board';
import { OUTCOME_BASES, type OutcomeBasis } from '@/db/queries/outcomes';
import { witnessImages } from '@/db/queries/witness-images';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, type Board, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { MOST_COMPARED } from '@/lib/protocol/comparison';
import { Chooser } from './chooser';
import { Groups, shownOf } from './groups';
import { latexTable } from './latex';
import { Pairs } from './pairs';
import { Scores } from './scores';
import { type CompareView, compareHref, readCompareView } from './view';

interface Props {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export const metadata: Metadata = {
  title: 'Compare models',
  description: 'Models on the same test images: which each one holds, where they disagree, and whether they can be told apart.',
  // Endlessly many addresses of what the boards and models say.
  robots: { index: false },
};

const AGAINST: Record<OutcomeBasis, string> = { robust: 'all evidence', pgd: 'PGD', clean: 'no attack' };

export default async function Page({ searchParams }: Props) {
  const view = readCompareView(await searchParams);
  const found = await compareModels(await database(), {
    models: view.models,
    basis: view.basis,
    ...(view.board ? { board: view.board } : {}),
  });
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight break-words">
        {found.ok ? found.rows.map((r) => r.name).join(found.rows.length === 2 ? ' and ' : ', ') : 'Compare models'}
      </h1>
      {found.ok ? (
        <Compared found={found} view={view} />
      ) : (
        <Choose view={view} message={view.models.length > 1 ? found.message : undefined} />
      )}
    </>
  );
}

async function Compared({ found, view: asked }: { found: ComparedModels; view: CompareView }) {
  const { board, boards, rows, comparison } = found;
  const dataset = DATASETS[board.dataset];
  // Versions and the board stand in every link, so that it shows the same for good.
  const view = { ...asked, models: rows.map(lastingName), board: board.id };
  const wanted = comparison.groups.flatMap((group) => shownOf(group, view));
  const classes = await testLabels(board.dataset, wanted);
  const broken = await witnessImages(
    await database(),
    { board: board.id, protocol: PROTOCOL },
    rows.map((r) => r.versionId),
    wanted,
  );
  // Two versions of one model have one name.
  const names = rows.map((r) => (rows.filter((o) => o.name === r.name).length > 1 ? `${r.name} (${lastingName(r)})` : r.name));
  const query = new URLSearchParams({ m: view.models.join(), board: board.id, on: view.basis });
  return (
    <>
      <p className="mt-1 text-sm text-muted">
        On the {comparison.samples.toLocaleString('en')} test images that all of them were measured on.{' '}
        <Link href={compareHref(view)} className="underline underline-offset-2">
          Lasting link
        </Link>{' '}
        ·{' '}
        <a href={`/api/v1/compare?${query}`} className="underline underline-offset-2">
          as JSON
        </a>
      </p>
      <div className="mt-4 flex flex-wrap gap-x-6 gap-y-2 text-sm">
        <Choice label="Board" options={boards.map((b) => [titleOf(b), { ...view, board: b.id, group: '', from: 0 }, b.id === board.id])} />
        <Choice
          label="Against"
          options={OUTCOME_BASES.map((b) => [AGAINST[b], { ...view, basis: b, group: '', from: 0 }, b === view.basis])}
        />
      </div>
      <div className="mt-8 grid grid-cols-[minmax(0,1fr)] gap-10">
        <Pairs comparison={comparison} names={names} />
        <Groups
          {...{ groups: comparison.groups, samples: comparison.samples, names, dataset, view }}
          witnesses={new Map(wanted.map((index) => [index, broken.filter((witness) => witness.index === index)]))}
          labels={classes ? new Map(wanted.map((index, i) => [index, classes[i]])) : undefined}
        />
        <Scores
          latex={latexTable(rows, { title: titleOf(board), site: siteUrl(), protocol: PROTOCOL })}
          rows={rows}
          held={comparison.held}
          samples={comparison.samples}
          against={AGAINST[view.basis]}
        />
      </div>
    </>
  );
}

const titleOf = (b: Board) => `${DATASETS[b.dataset].title} ${NORM_LABEL[b.norm]} ${b.epsilonLabel}`;

function Choice({ label, options }: { label: string; options: [string, CompareView, boolean][] }) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center gap-1">
      <span className="mr-1 text-muted">{label}</span>
      {options.map(([word, to, current]) => (
        <Link
          key={word}
          href={compareHref(to)}
          scroll={false}
          aria-current={current ? 'true' : undefined}
          className={`rounded-md px-2 py-1 ${current ? 'bg-accent text-accent-fg' : 'hover:bg-panel'}`}
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}

async function Choose({ view, message }: { view: CompareView; message: string | undefined }) {
  const board = BOARDS.get(view.board) ?? FRONT_BOARD;
  const { rows } = await boardRows(await database(), { board: board.id, protocol: PROTOCOL, sort: 'robust', limit: 200 });
  return (
    <>
      <p className="mt-2 max-w-3xl">
        Tick 2 to {MOST_COMPARED} models to see which test images each one holds, where they disagree, and whether they can be told apart.
      </p>
      {message ? (
        <p role="alert" className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          {message}
        </p>
      ) : null}
      <nav aria-label="Boards" className="mt-4 flex flex-wrap gap-1 text-sm">
        {[...BOARDS.values()].map((b) => (
          <Link
            key={b.id}
            href={compareHref({ ...view, models: [], board: b.id })}
            aria-current={b.id === board.id ? 'page' : undefined}
            className={`rounded-md px-2.5 py-1 ${b.id === board.id ? 'bg-panel font-medium ring-1 ring-line' : 'text-muted hover:text-fg'}`}
          >
            {titleOf(b)}
          </Link>
        ))}
      </nav>
      <Chooser board={board} rows={rows} chosen={view.models} />
    </>
  );
}
