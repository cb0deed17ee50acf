import type { Metadata } from 'next';
import { modelBySlug } from '@/db/queries/models';
import { ownVersion, submissionOf } from '@/db/queries/submissions';
import { BOARDS } from '@/lib/protocol/boards';
import { database } from '../_server/database';
import { github } from '../_server/environment';
import { type Visitor, visitor } from '../_server/visitor';
import { BOARD_CHOICES } from '../evaluate/choices';
import { detailsOf } from './details';
import { Submit, type Unfinished } from './submit';

export const metadata: Metadata = {
  title: 'Submit',
  description: 'Submit an image classifier: checked in your browser, then uploaded, then on the board.',
};

interface Props {
  searchParams: Promise<{ board?: string | string[]; continue?: string | string[] }>;
}

const UUID = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

export default async function SubmitPage({ searchParams }: Props) {
  const { board, continue: id } = await searchParams;
  const account = await visitor();
  const unfinished = account && typeof id === 'string' && UUID.test(id) ? await unfinishedOf(account, id) : undefined;
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
        board={typeof board === 'string' && BOARDS.has(board) ? board : BOARD_CHOICES[0].id}
        {...(unfinished ? { unfinished } : {})}
      />
    </>
  );
}

/** Somebody else’s, a public one or none: the page begins anew. */
async function unfinishedOf({ accountId, role }: Visitor, versionId: string): Promise<Unfinished | undefined> {
  const db = await database();
  const own = await ownVersion(db, accountId, versionId);
  const model = own && own.version.state !== 'public' ? await modelBySlug(db, own.slug, { accountId, role }) : undefined;
  if (!own || !model) return undefined;
  const { sha256, board } = own.version;
  return { submission: await submissionOf(db, versionId), sha256, board, details: detailsOf(model) };
}
