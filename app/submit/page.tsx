import type { Metadata } from 'next';
import { submissionsOf } from '@/db/queries/models';
import { ownVersion, submissionOf } from '@/db/queries/submissions';
import { BOARDS } from '@/lib/protocol/boards';
import { FRONT_BOARD } from '../_board/front-board';
import { database } from '../_server/database';
import { github } from '../_server/environment';
import { visitor } from '../_server/visitor';
import { detailsOf } from './details';
import type { OwnModel } from './details-step';
import { Submit, type Unfinished } from './submit';

export const metadata: Metadata = {
  title: 'Submit',
  description: 'Submit an image classifier: checked in your browser, then uploaded, then on the board.',
};

interface Props {
  searchParams: Promise<{ board?: string | string[]; continue?: string | string[]; model?: string | string[] }>;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export default async function SubmitPage({ searchParams }: Props) {
  const { board, continue: id, model } = await searchParams;
  const account = await visitor();
  const unfinished = account && typeof id === 'string' && UUID.test(id) ? await unfinishedOf(account.accountId, id) : undefined;
  const ownModels = account ? await ownModelsOf(account.accountId) : [];
  const next = ownModels.find((m) => m.slug === model);
  const wanted = typeof board === 'string' ? board : next?.board;
  return (
    <>
      <h1 className="text-2xl font-semibold tracking-tight">Submit a model</h1>
      <p className="mt-2 max-w-3xl text-muted">
        {account ? `You are signed in as ${account.name}. ` : 'Checking a model needs no account; submitting it needs one. '}A submission is
        files, a few details and, if you like, the report that your browser measures.
      </p>
      <Submit
        key={unfinished?.submission.versionId}
        account={account && { name: account.name }}
        github={github() !== undefined}
        board={wanted !== undefined && BOARDS.has(wanted) ? wanted : FRONT_BOARD.id}
        ownModels={ownModels}
        {...(next ? { next } : {})}
        {...(unfinished ? { unfinished } : {})}
      />
    </>
  );
}

/** Somebody else’s, a public one or none: the page begins anew. */
async function unfinishedOf(accountId: string, versionId: string): Promise<Unfinished | undefined> {
  const db = await database();
  const own = await ownVersion(db, accountId, versionId);
  if (!own || own.version.state === 'public' || own.version.state === 'hidden') return undefined;
  const { sha256, board } = own.version;
  const details = detailsOf({ ...own.version, name: own.name });
  return { submission: await submissionOf(db, versionId), sha256, board, details };
}

/** With what the newest version of each says. */
async function ownModelsOf(accountId: string): Promise<OwnModel[]> {
  const newest = new Map<string, OwnModel>();
  for (const { slug, name, version } of await submissionsOf(await database(), accountId))
    if (!newest.has(slug)) newest.set(slug, { slug, name, board: version.board, details: detailsOf({ ...version, name }) });
  return [...newest.values()];
}
