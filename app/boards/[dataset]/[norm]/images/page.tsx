import type { Metadata } from 'next';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { connection } from 'next/server';
import { lastingName } from '@/app/_server/comparison';
import { database } from '@/app/_server/database';
import { testLabels } from '@/app/_server/test-images';
import { count, percent } from '@/app/_ui/format';
import { TestImage } from '@/app/_ui/test-image';
import { compareHref } from '@/app/compare/view';
import { bitmapsOf, fullRows } from '@/db/queries/outcomes';
import { witnessImages } from '@/db/queries/witness-images';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { byHolders, holders, MOST_COMPARED } from '@/lib/protocol/comparison';
import { ClassCounts } from './class-counts';
import { HolderCounts } from './holder-counts';
import { type ImagesView, imagesHref, readImagesView } from './view';

interface Props {
  params: Promise<{ dataset: string; norm: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

const PAGE = 60;
/** Beside one image: more models would hide the images. */
const MOST_WITNESSES_SHOWN = 3;

async function boardOf({ params }: Pick<Props, 'params'>) {
  const { dataset, norm } = await params;
  return BOARDS.get(`${dataset}/${norm}`);
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const board = await boardOf(props);
  if (!board) return {};
  const title = `Hardest images, ${DATASETS[board.dataset].title} ${NORM_LABEL[board.norm]} ${board.epsilonLabel}`;
  return {
    title,
    description: 'Which test images break every model of the board, and which none.',
    alternates: { canonical: `/boards/${board.id}/images` },
  };
}

export default async function Page(props: Props) {
  await connection();
  const board = await boardOf(props);
  if (!board) notFound();
  const dataset = DATASETS[board.dataset];
  const view = readImagesView(await props.searchParams, dataset.classNames.length);
  const path = `/boards/${board.id}/images`;
  const db = await database();
  const at = { board: board.id, protocol: PROTOCOL };
  const listed = await fullRows(db, at, view.rows === 'ranked');
  const bitmaps = await bitmapsOf(
    db,
    at,
    view.basis,
    listed.map((r) => r.versionId),
  );
  const rows = listed.filter((r) => bitmaps.has(r.versionId));
  const counts = holders(rows.flatMap((r) => bitmaps.get(r.versionId) ?? []));
  const labels = await testLabels(board.dataset, [...counts.keys()]);
  const order = byHolders(counts, view.order).filter((i) => view.label === null || labels?.[i] === view.label);
  const shown = order.slice(view.from, view.from + PAGE);
  const broken = await witnessImages(
    db,
    at,
    rows.map((r) => r.versionId),
    shown,
  );
  const title = `${dataset.title}, ${NORM_LABEL[board.norm]} ≤ ${board.epsilonLabel}`;
  const lost = counts.filter((n) => n === 0).length;
  return (
    <>
      <p className="text-sm">
        <Link href={`/boards/${board.id}`} className="underline underline-offset-2">
          {title}
        </Link>
      </p>
      <h1 className="mt-1 text-2xl font-semibold tracking-tight">Which images break every model</h1>
      <div className="mt-4 flex flex-wrap gap-x-6 gap-y-2 text-sm">
        <Choice
          {...{ path, view }}
          label="Against"
          name="basis"
          options={[
            ['robust', 'all evidence'],
            ['pgd', 'PGD'],
          ]}
        />
        <Choice
          {...{ path, view }}
          label="Rows"
          name="rows"
          options={[
            ['ranked', 'ranked'],
            ['all', 'all full runs'],
          ]}
        />
        <Choice
          {...{ path, view }}
          label="First"
          name="order"
          options={[
            ['hardest', 'hardest'],
            ['easiest', 'easiest'],
          ]}
        />
      </div>
      {rows.length === 0 ? (
        <p className="mt-6 rounded-lg border border-dashed border-line p-6">
          No {view.rows === 'ranked' ? 'ranked row' : 'full run'} on this board yet, so no image is known to be hard.
        </p>
      ) : (
        <>
          <p className="mt-4 max-w-3xl">
            <strong className="font-semibold">{count(lost)}</strong> of {count(counts.length)} test images ({percent(lost / counts.length)}{' '}
            %) are held by none of {rows.length === 1 ? 'the one row' : `the ${rows.length} rows`}:{' '}
            {view.basis === 'pgd' ? 'PGD breaks' : 'some accepted attack breaks'} them in every model, or the model is wrong without one.
          </p>
          <p className="mt-1 max-w-3xl text-sm text-muted">
            Counted over{' '}
            {rows.map((row, i) => (
              <span key={row.versionId}>
                {i ? ', ' : ''}
                <Link href={`/runs/${row.runId}`} prefetch={false} className="underline underline-offset-2">
                  {row.name}
                  {row.version > 1 ? ` v${row.version}` : ''}
                </Link>
              </span>
            ))}{' '}
            on the images that all of them have.{' '}
            {rows.length >= 2 ? (
              <Link
                href={compareHref({
                  models: rows.slice(0, MOST_COMPARED).map(lastingName),
                  board: board.id,
                  basis: view.basis,
                  group: '',
                  from: 0,
                })}
                className="underline underline-offset-2"
              >
                Compare {rows.length > MOST_COMPARED ? `the first ${MOST_COMPARED}` : 'them'}
              </Link>
            ) : null}
          </p>
          <div className="mt-8 grid gap-8 md:grid-cols-2">
            <HolderCounts counts={counts} models={rows.length} />
            {labels ? <ClassCounts {...{ counts, labels, path, view, models: rows.length }} classNames={dataset.classNames} /> : null}
          </div>
          <h2 className="mt-10 text-lg font-semibold">
            {view.order === 'hardest' ? 'Hardest first' : 'Easiest first'}
            {view.label === null ? '' : `: ${dataset.classNames[view.label]}`}
          </h2>
          {labels ? (
            <ul className="mt-3 flex flex-wrap gap-3">
              {shown.map((index) => (
                <li key={index}>
                  <TestImage
                    {...{ dataset, index, label: labels[index], note: `${counts[index]}/${rows.length} hold` }}
                    witnesses={broken.filter((witness) => witness.index === index).slice(0, MOST_WITNESSES_SHOWN)}
                  />
                </li>
              ))}
            </ul>
          ) : (
            <p className="mt-2 text-sm text-warn">
              This site does not have the images of {dataset.title} yet: only their numbers are known: {shown.join(', ')}.
            </p>
          )}
          <nav aria-label="Pages of images" className="mt-4 flex gap-4 text-sm">
            {view.from > 0 ? <To path={path} view={{ ...view, from: Math.max(0, view.from - PAGE) }} word="Back" /> : null}
            {view.from + PAGE < order.length ? (
              <To path={path} view={{ ...view, from: view.from + PAGE }} word={`The next ${PAGE} of ${count(order.length)}`} />
            ) : null}
          </nav>
        </>
      )}
    </>
  );
}

const To = ({ path, view, word }: { path: string; view: ImagesView; word: string }) => (
  <Link href={imagesHref(path, view)} className="underline underline-offset-2">
    {word}
  </Link>
);

interface ChoiceProps<K extends 'basis' | 'rows' | 'order'> {
  path: string;
  view: ImagesView;
  label: string;
  name: K;
  options: [ImagesView[K], string][];
}

function Choice<K extends 'basis' | 'rows' | 'order'>({ path, view, label, name, options }: ChoiceProps<K>) {
  return (
    <nav aria-label={label} className="flex flex-wrap items-center gap-1">
      <span className="mr-1 text-muted">{label}</span>
      {options.map(([value, word]) => (
        <Link
          key={value}
          href={imagesHref(path, { ...view, [name]: value, from: 0 })}
          scroll={false}
          aria-current={view[name] === value ? 'true' : undefined}
          className={`rounded-md px-2 py-1 ${view[name] === value ? 'bg-accent text-accent-fg' : 'hover:bg-panel'}`}
        >
          {word}
        </Link>
      ))}
    </nav>
  );
}
