'use client';

import { useRouter } from 'next/navigation';
import { useEffect, useRef, useState } from 'react';
import { LEVEL_ATTACKS } from '@/lib/attacks/catalogue';
import { BOARDS, type Board, DEFAULT_SEED } from '@/lib/protocol/boards';
import { isFit } from '@/lib/protocol/preflight-checks';
import { BOARD_CHOICES } from '../evaluate/choices';
import { DropZone } from '../evaluate/drop-zone';
import { Step } from '../evaluate/step';
import { field, link, secondary } from '../signin/controls';
import { SignInForm } from '../signin/sign-in-form';
import { CheckTable } from './check-table';
import { CLAIM_SIZES, type ClaimId } from './claim-sizes';
import { type Details, describedAs, detailProblems, EMPTY, usualEpsilon } from './details';
import { DetailsStep, type OwnModel } from './details-step';
import { Outcome } from './outcome';
import { summaryOf } from './preflight-state';
import type { Submission } from './send';
import { SendStep3 } from './send-step';
import { askSite } from './site-client';
import { usePreflight } from './use-preflight';
import { useSending } from './use-sending';

/** A submission that was broken off on an earlier visit. */
export interface Unfinished {
  submission: Submission;
  sha256: string;
  board: string;
  details: Details;
}

interface Props {
  account: { name: string } | null;
  github: boolean;
  board: string;
  unfinished?: Unfinished;
  ownModels: readonly OwnModel[];
  /** The one that a next version was asked for. */
  next?: OwnModel;
}

export function Submit({ account, github, board: initialBoard, unfinished: initialUnfinished, ownModels, next }: Props) {
  const router = useRouter();
  const page = useRef<HTMLDivElement>(null);
  const { state: preflight, start: startPreflight, stop: stopPreflight } = usePreflight();
  const [unfinished, setUnfinished] = useState(initialUnfinished);
  const sending = useSending(unfinished ? { submission: unfinished.submission } : {});
  const [files, setFiles] = useState<File[]>();
  const [boardId, setBoard] = useState(unfinished?.board ?? initialBoard);
  const [details, setDetails] = useState<Details>(unfinished?.details ?? (next ? { ...next.details, model: next.slug } : EMPTY));
  const [claim, setClaim] = useState<ClaimId>('preview');
  const [isPublic, setPublic] = useState(true);
  const [asked, setAsked] = useState(false);
  const measuredFor = useRef<ClaimId>(undefined);
  const [discardProblem, setDiscardProblem] = useState<string>();

  const board = BOARDS.get(boardId) as Board;
  const boardLabel = BOARD_CHOICES.find((b) => b.id === boardId)?.label ?? boardId;
  const { result } = preflight;
  const fit = result !== undefined && isFit(result.checks);
  const { phase, kept } = sending.state;
  const busy = phase === 'sending';
  const begun = kept.submission !== undefined;
  // The same weights were begun before, under another name.
  const earlierName = kept.name !== undefined && kept.name !== details.name.trim() ? kept.name : undefined;
  const problems = asked ? detailProblems(details, board) : {};
  const otherModel = unfinished && result?.model && result.model.sha256 !== unfinished.sha256;
  const total = result?.parts.reduce((n, p) => n + p.bytes, 0) ?? 0;

  const look = (nextFiles: File[] | undefined, nextBoard: string) => {
    // Another model or board is another submission; the one that was begun waits on the account page.
    if (!unfinished) sending.forget();
    if (nextFiles) startPreflight({ source: { kind: 'files', files: nextFiles }, board: nextBoard, backend: 'auto' });
  };

  const changeBoard = (next: string) => {
    const nextBoard = BOARDS.get(next) as Board;
    if (details.epsilon === usualEpsilon(details.recipe, board))
      setDetails({ ...details, epsilon: usualEpsilon(details.recipe, nextBoard) });
    setBoard(next);
    look(files, next);
  };

  useEffect(() => {
    if (asked) page.current?.querySelector<HTMLElement>('[aria-invalid=true]')?.focus();
  }, [asked]);

  // A session that has ended: the page is asked for again, and shows the sign-in form.
  const signedOut = sending.state.problem?.code === 'sign-in-needed' && phase === 'failed';
  useEffect(() => {
    if (signedOut) router.refresh();
  }, [signedOut, router]);

  const submit = () => {
    if (!result?.model) return;
    if (!begun && Object.keys(detailProblems(details, board)).length > 0) {
      setAsked(false);
      // Asked again, the first field in need gets the focus again.
      requestAnimationFrame(() => setAsked(true));
      return;
    }
    const size = CLAIM_SIZES.find((s) => s.id === claim);
    const { model, parts, engine, records } = result;
    const keepReport = measuredFor.current === claim;
    measuredFor.current = claim;
    void sending.start({
      keepReport,
      request: {
        ...describedAs(details),
        board: boardId,
        sha256: model.sha256,
        files: parts.map(({ path, sha256, bytes }) => ({ path, sha256, bytes })),
      },
      parts,
      publish: isPublic,
      ...(size
        ? {
            evaluation: {
              source: { kind: 'parts', parts },
              board: boardId,
              backend: 'auto',
              attacks: [...LEVEL_ATTACKS.pgd],
              samples: Math.min(size.samples, records.test ?? 0),
              trainSamples: Math.min(size.trainSamples, records.train ?? 0),
              batch: engine?.backend === 'webgpu' && !engine.note ? 250 : 50,
              seed: DEFAULT_SEED,
              layers: false,
            },
          }
        : {}),
    });
  };

  const discard = async () => {
    const { submission } = kept;
    if (!submission) return;
    setDiscardProblem(undefined);
    const answer = await askSite('DELETE', `/submissions/${submission.versionId}`);
    if (!answer.ok && answer.problem.code !== 'not-found') return setDiscardProblem(answer.problem.message);
    sending.forget(kept.report);
    setUnfinished(undefined);
  };

  const again = () => {
    sending.forget();
    setUnfinished(undefined);
    setFiles(undefined);
    setDetails(EMPTY);
    setAsked(false);
    router.replace('/submit');
    router.refresh();
  };

  if (phase === 'done')
    return (
      <div className="mt-6">
        <Outcome
          kept={kept}
          name={kept.name ?? details.name.trim()}
          earlier={earlierName !== undefined}
          board={board}
          boardLabel={boardLabel}
          onAnother={again}
        />
      </div>
    );

  const notYet = !files
    ? 'Choose a model first.'
    : preflight.phase === 'running'
      ? 'The checks are under way.'
      : otherModel
        ? 'These files are not those of the unfinished submission.'
        : fit
          ? undefined
          : 'The checks have to be passed first.';

  return (
    <div ref={page} className="mt-6 grid grid-cols-[minmax(0,1fr)] gap-8">
      <Step number={1} title="Model and board">
        <div className="grid gap-x-6 gap-y-4 md:grid-cols-2">
          <DropZone
            title="Model files"
            files={files}
            disabled={busy}
            onFiles={(next) => {
              setFiles(next);
              look(next, boardId);
            }}
          />
          <div className="grid content-start gap-3">
            <label className="grid gap-1 text-sm">
              <span className="text-muted">Board</span>
              <select className={field} value={boardId} onChange={(event) => changeBoard(event.target.value)} disabled={busy || begun}>
                {BOARD_CHOICES.map((b) => (
                  <option key={b.id} value={b.id}>
                    {b.label}
                  </option>
                ))}
              </select>
            </label>
            <p className="text-sm text-muted">
              The checks run here, in your browser, and nothing is uploaded before you submit. The site repeats those of the files.
            </p>
          </div>
        </div>
        <div className="mt-5">
          <CheckTable state={preflight} />
          <div className="mt-3 flex min-h-9 flex-wrap items-center gap-3 text-sm">
            {preflight.phase === 'running' ? (
              <>
                <p role="status" className="text-muted">
                  {preflight.running ? 'Checking…' : (preflight.status ?? 'Reading the files…')}
                </p>
                <button type="button" className={secondary} onClick={stopPreflight}>
                  Stop
                </button>
              </>
            ) : preflight.phase === 'choosing' ? null : (
              <>
                <p role={fit ? 'status' : 'alert'} className={fit ? 'font-medium' : 'font-medium text-bad'}>
                  {preflight.phase === 'failed'
                    ? `The checks could not go on: ${preflight.failure?.message}`
                    : preflight.phase === 'stopped'
                      ? 'The checks were stopped.'
                      : summaryOf(preflight)}
                </p>
                <button type="button" className={secondary} disabled={busy} onClick={() => look(files, boardId)}>
                  Check again
                </button>
              </>
            )}
          </div>
        </div>
      </Step>
      <DetailsStep
        ownModels={begun ? [] : ownModels}
        details={details}
        onDetails={setDetails}
        problems={problems}
        board={board}
        disabled={busy || begun}
      >
        {begun && !busy ? (
          <div className="mb-4 flex flex-wrap items-center gap-3 rounded-lg bg-panel px-3 py-2 text-sm">
            <p className="min-w-0 flex-1 basis-64">
              This submission has begun as <strong className="font-medium">{kept.submission?.slug}</strong>, and its details are kept as
              they are.
              {unfinished ? ' Choose the same files again: what has arrived is not sent again.' : ''}
              {otherModel ? ' The files that you chose are of another model.' : ''}
            </p>
            <button type="button" className={secondary} onClick={() => void discard()}>
              Discard it and change them
            </button>
            {discardProblem ? (
              <p role="alert" className="w-full text-bad">
                {discardProblem}
              </p>
            ) : null}
          </div>
        ) : null}
      </DetailsStep>
      <SendStep3
        state={sending.state}
        board={board}
        rate={result?.rate ?? null}
        claim={claim}
        onClaim={setClaim}
        isPublic={isPublic}
        onPublic={setPublic}
        files={result?.parts.length ?? 0}
        total={total}
        notYet={notYet}
        onSend={submit}
        onStop={sending.stop}
        signIn={
          account ? null : (
            <div className="rounded-lg border border-line p-4">
              <p className="mb-4 text-sm">
                To submit you need an account. Sign in here, and everything on this page stays as it is; or on the{' '}
                <a href="/signin?next=/submit" className={link}>
                  sign-in page
                </a>
                .
              </p>
              <SignInForm next="/submit" github={github} onSignedIn={() => router.refresh()} />
            </div>
          )
        }
      />
    </div>
  );
}
