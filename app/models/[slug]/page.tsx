import type { Metadata } from 'next';
import { headers } from 'next/headers';
import Link from 'next/link';
import { notFound } from 'next/navigation';
import { attestationOf } from '@/app/_server/attestation';
import { database } from '@/app/_server/database';
import { siteUrl } from '@/app/_server/environment';
import { cardSentence, modelCard } from '@/app/_server/model-card';
import { reader } from '@/app/_server/reader';
import { CurvesPanel } from '@/app/_ui/report/curves-panel';
import { OverlapPanel } from '@/app/_ui/report/overlap-panel';
import { ReportPanels } from '@/app/_ui/report/report-panels';
import { SignedBy } from '@/app/_ui/signed-by';
import { SpotChecked } from '@/app/_ui/spot-checked';
import { StateBadge } from '@/app/_ui/state-badge';
import { siteModelUrl } from '@/app/evaluate/view';
import { curvesOf } from '@/db/queries/curves';
import { NEAR, nearDuplicateOf, sharersOfWeights } from '@/db/queries/duplicates';
import { filesOf, historyOf, modelBySlug, runById, runsOf, standingsOf } from '@/db/queries/models';
import { appealOf, hiddenModel } from '@/db/queries/moderation';
import { queueRowOf } from '@/db/queries/queue-page';
import { isVerified } from '@/db/queries/verified';
import { finders } from '@/db/queries/witnesses';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { reportSchema } from '@/lib/protocol/report';
import { AskForCurves } from './ask-for-curves';
import { Attack } from './attack';
import { Complain } from './complain';
import { Decisions } from './decisions';
import { Facts } from './facts';
import { Files } from './files';
import { Gallery } from './gallery';
import { Hidden } from './hidden';
import { History } from './history';
import { Job } from './job';
import { Moderate } from './moderate';
import { Probes } from './probes';
import { Runs } from './runs';
import { Score } from './score';
import { Simplex } from './simplex';

interface Props {
  params: Promise<{ slug: string }>;
  searchParams: Promise<{ board?: string; version?: string }>;
}

async function find({ params }: Pick<Props, 'params'>) {
  return modelBySlug(await database(), (await params).slug, await reader(await headers()));
}

export async function generateMetadata(props: Props): Promise<Metadata> {
  const { slug } = await props.params;
  const card = await modelCard(slug);
  // What only its owner sees is nobody else's to find.
  if (!card) return { title: (await find(props))?.name, robots: { index: false } };
  const description = cardSentence(card);
  return {
    title: card.model.name,
    description,
    alternates: { canonical: `/models/${slug}` },
    openGraph: { title: card.model.name, description, siteName: 'Simplexity', type: 'website' },
    twitter: { card: 'summary_large_image' },
    ...(card.standing && isVerified(card.standing.state) ? {} : { robots: { index: false } }),
  };
}

export default async function Page(props: Props) {
  const [model, { board: wantedBoard, version: wantedVersion }] = await Promise.all([find(props), props.searchParams]);
  if (!model) {
    const { slug } = await props.params;
    const hidden = await hiddenModel(await database(), slug);
    if (!hidden) notFound();
    return <Hidden slug={slug} reason={hidden.reasons.join('; ')} sha256={hidden.sha256} />;
  }
  const version =
    model.versions.find((v) => String(v.number) === wantedVersion) ?? model.versions.find((v) => v.state === 'public') ?? model.versions[0];
  const db = await database();
  const who = await reader(await headers());
  const [everywhere, runs, files, history, sharers, near] = await Promise.all([
    standingsOf(db, version.id),
    runsOf(db, version.id, { limit: 50 }),
    filesOf(db, version.id),
    historyOf(db, model.id, who),
    sharersOfWeights(db, version.id),
    nearDuplicateOf(db, version.id),
  ]);
  // Of each board, under its newest protocol.
  const standings = everywhere.filter(({ board }, i) => everywhere.findIndex((s) => s.board === board) === i);
  const standing = standings.find((s) => s.board === wantedBoard) ?? standings.find((s) => s.board === version.board) ?? standings[0];
  const here = { versionId: version.id, board: standing?.board ?? version.board };
  const [job, curvesJob, curves] = await Promise.all([
    queueRowOf(db, { ...here, protocol: PROTOCOL }),
    queueRowOf(db, { ...here, protocol: PROTOCOL }, 'curves'),
    curvesOf(db, here),
  ]);
  const row = standing && (await runById(db, standing.runId, who));
  const report = row && reportSchema.parse(JSON.parse(row.run.report));
  const attestation = row && attestationOf(row);
  const shownBoard = report && BOARDS.get(report.board);
  const broke = standing ? await finders(db, standing) : [];
  const appealed = await appealOf(db, version.id);
  const removed = version.weightsRemovedAt;
  const path = `/models/${model.slug}`;
  return (
    <>
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
        <h1 className="text-2xl font-semibold tracking-tight break-words">{model.name}</h1>
        {model.versions.length > 1 ? (
          <nav aria-label="Versions" className="flex gap-2 text-sm">
            {model.versions.map((v) => (
              <Link
                key={v.id}
                href={`${path}?version=${v.number}`}
                aria-current={v.id === version.id ? 'page' : undefined}
                className={v.id === version.id ? 'font-medium' : 'text-muted underline underline-offset-2'}
              >
                v{v.number}
              </Link>
            ))}
          </nav>
        ) : null}
        {who?.accountId === model.ownerId ? (
          <Link href={`/submit?model=${model.slug}`} className="text-sm underline underline-offset-2">
            Submit the next version
          </Link>
        ) : null}
        {standing ? <StateBadge state={standing.state} baseline={model.baseline} reason={standing.reason} /> : null}
        {row?.spotCheck ? <SpotChecked check={row.spotCheck} /> : null}
      </div>
      <Decisions version={version} appeal={appealed} own={who !== null && who.accountId === model.ownerId} />
      {version.state === 'public' || version.state === 'hidden' ? null : (
        <p className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          This version is {version.state === 'draft' ? 'a draft' : version.state}: only you and the admins see it.
        </p>
      )}
      {sharers.length > 0 ? (
        <p className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          Duplicate weights: a weight file of this version is, byte for byte, also in{' '}
          {sharers.map(({ slug, name }, i) => (
            <span key={slug}>
              {i > 0 ? ', ' : ''}
              <Link href={`/models/${slug}`} className="underline underline-offset-2">
                {name}
              </Link>
            </span>
          ))}
          , from another account.
        </p>
      ) : null}
      {near ? (
        <p className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          Near duplicate: the kernels of this version and those of{' '}
          <Link href={`/models/${near.slug}?version=${near.version}`} className="underline underline-offset-2">
            {near.name}
          </Link>
          , version {near.version}, from another account and here before, have a cosine of {near.cosine.toFixed(5)}; flagged from {NEAR} on.
          The ranking is not changed by it; an admin decides.
        </p>
      ) : null}
      {removed ? (
        <p className="mt-3 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          Its submitter left and had the files removed on {removed.toISOString().slice(0, 10)}. What was measured stays; nobody can measure,
          attack or download the model here any more.
        </p>
      ) : null}
      {version.description ? <p className="mt-2 max-w-3xl break-words">{version.description}</p> : null}
      {standings.length > 1 ? (
        <nav aria-label="Boards of this model" className="mt-4 flex flex-wrap gap-1 text-sm">
          {standings.map(({ board }) => {
            const b = BOARDS.get(board);
            const query = new URLSearchParams({ version: String(version.number), board });
            return (
              <Link
                key={board}
                href={`${path}?${query}`}
                aria-current={board === standing?.board ? 'page' : undefined}
                className={`rounded-md px-2.5 py-1 ${board === standing?.board ? 'bg-panel font-medium ring-1 ring-line' : 'text-muted hover:text-fg'}`}
              >
                {b ? `${DATASETS[b.dataset].title} ${NORM_LABEL[b.norm]} ${b.epsilonLabel}` : board}
              </Link>
            );
          })}
        </nav>
      ) : null}
      {standing && standing.protocol !== PROTOCOL ? (
        <p className="mt-4 rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
          Measured under protocol {standing.protocol}; the newest is {PROTOCOL}.{' '}
          <Link href={`/evaluate?site=${model.slug}@${version.number}&board=${standing.board}`} className="underline underline-offset-2">
            Measure it again under protocol {PROTOCOL}
          </Link>
          .
        </p>
      ) : null}
      {job ? <Job job={job} /> : null}
      {curvesJob ? <Job job={curvesJob} what="Accuracy curves by a runner" /> : null}
      {standing && report ? (
        <>
          <Score
            standing={standing}
            report={report}
            slug={model.slug}
            version={version.number}
            filesGone={removed !== null}
            askForCurves={
              version.state !== 'public' || removed || curvesJob?.state === 'queued' || curvesJob?.state === 'active' ? null : (
                <AskForCurves slug={model.slug} version={version.number} board={standing.board} signedIn={who !== null} />
              )
            }
          />
          {attestation ? <SignedBy attestation={attestation} /> : null}
        </>
      ) : (
        <p className="mt-6 rounded-lg border border-dashed border-line p-6">
          Nothing has been measured yet.{' '}
          {removed ? null : (
            <>
              <Link href={`/evaluate?site=${model.slug}@${version.number}&board=${version.board}`} className="underline underline-offset-2">
                Measure it in your browser
              </Link>
              .
            </>
          )}
        </p>
      )}
      <div className="mt-10 grid grid-cols-[minmax(0,1fr)] gap-10">
        {report ? <ReportPanels report={report} /> : null}
        {curves && !report?.curves ? (
          <CurvesPanel
            curves={curves.curves}
            board={here.board}
            source={
              <>
                Measured on request by {curves.runner} in{' '}
                <Link href={`/runs/${curves.runId}`} className="underline underline-offset-2">
                  run {curves.runId.slice(0, 8)}
                </Link>
                , signed; not part of the run above.
              </>
            }
          />
        ) : null}
        {report && row ? <OverlapPanel report={report} runId={row.run.id} /> : null}
        {report && row && shownBoard && report.model.featureLayer && !removed ? (
          <Simplex
            modelUrl={siteModelUrl({ slug: model.slug, version: version.number })}
            board={shownBoard.id}
            seed={report.seed}
            classNames={DATASETS[shownBoard.dataset].classNames}
            runId={row.run.id}
          />
        ) : null}
        {report && shownBoard && !removed ? (
          <Gallery
            modelUrl={siteModelUrl({ slug: model.slug, version: version.number })}
            board={shownBoard.id}
            epsilonLabel={`${NORM_LABEL[shownBoard.norm]} ${shownBoard.epsilonLabel}`}
            shape={DATASETS[shownBoard.dataset].shape}
            classNames={DATASETS[shownBoard.dataset].classNames}
            seed={report.seed}
          />
        ) : null}
        {report && shownBoard && !removed ? (
          <Probes
            modelUrl={siteModelUrl({ slug: model.slug, version: version.number })}
            board={shownBoard.id}
            seed={report.seed}
            classNames={DATASETS[shownBoard.dataset].classNames}
          />
        ) : null}
        {report && shownBoard && version.state === 'public' && !removed ? (
          <Attack
            slug={model.slug}
            version={version.number}
            modelUrl={siteModelUrl({ slug: model.slug, version: version.number })}
            board={shownBoard.id}
            epsilonLabel={`${NORM_LABEL[shownBoard.norm]} ${shownBoard.epsilonLabel}`}
            signedIn={who !== null}
            finders={broke}
          />
        ) : null}
        <Runs runs={runs.rows} shown={standing?.runId} {...(runs.next ? { more: `/api/v1${path}/versions/${version.number}/runs` } : {})} />
        <Facts model={model} version={version} site={siteUrl()} />
        {removed ? null : <Files slug={model.slug} version={version.number} files={files} />}
        <History events={history} />
        <div className="grid gap-2">
          <Complain slug={model.slug} version={version.number} signedIn={who !== null} />
          {who?.role === 'admin' ? (
            <Moderate
              versionId={version.id}
              board={standing?.board ?? version.board}
              hidden={version.state === 'hidden'}
              locked={version.locked !== null}
              disqualified={version.disqualified !== null}
            />
          ) : null}
        </div>
      </div>
    </>
  );
}
