'use client';

import { useId } from 'react';
import { LEVEL_ATTACKS } from '@/lib/attacks/catalogue';
import { DATASETS } from '@/lib/data/datasets';
import type { Board } from '@/lib/protocol/boards';
import { plannedCost } from '@/lib/protocol/plan';
import { bytes, count, roughly } from '../_ui/format';
import { sizeWithin } from '../evaluate/choices';
import { Step } from '../evaluate/step';
import { Choice } from '../signin/choice';
import { field, primary, secondary } from '../signin/controls';
import { CLAIM_SIZES, type ClaimId } from './claim-sizes';
import type { SendStep } from './send';
import { keptSentence, type Sending, type SendingState } from './sending-state';

interface Props {
  state: SendingState;
  board: Board;
  /** Image-steps a second on this device; null before the preflight. */
  rate: number | null;
  claim: ClaimId;
  onClaim(claim: ClaimId): void;
  isPublic: boolean;
  onPublic(isPublic: boolean): void;
  files: number;
  total: number;
  /** Why it can't be sent yet; undefined: it can. */
  notYet: string | undefined;
  onSend(): void;
  onStop(): void;
  /** In place of the button, for visitors. */
  signIn: React.ReactNode;
}

const STEPS: Record<SendStep, string> = {
  begin: 'Begin the submission',
  upload: 'Upload the files',
  check: 'Let the site check them',
  measure: 'Measure the model here',
  claim: 'Add the report',
  publish: 'Publish',
};

/** Where the API speaks to programs. */
const WORDS: Record<string, string | undefined> = { 'sign-in-needed': 'You are signed out. Sign in below, then continue.' };

export function SendStep3({ state, board, rate, claim, onClaim, isPublic, onPublic, files, total, notYet, onSend, onStop, signIn }: Props) {
  const id = useId();
  const { phase, problem, kept, notices } = state;
  const sending = phase === 'sending';
  const { records } = DATASETS[board.dataset];
  const timeOf = (size: { samples: number; trainSamples: number }) =>
    rate === null
      ? ''
      : `, ${roughly((plannedCost({ board, restarts: 1, attacks: [...LEVEL_ATTACKS.pgd], ...size, layers: false, layerWork: 0 }) / rate) * 1000).toLowerCase()} here`;
  return (
    <Step number={3} title="Submit">
      <div className="grid gap-5">
        <div className="flex flex-wrap gap-x-8 gap-y-4">
          <Choice
            legend="Who sees it"
            name={`${id}-public`}
            options={[
              { id: 'public', label: 'Public' },
              { id: 'draft', label: 'Draft' },
            ]}
            value={isPublic ? 'public' : 'draft'}
            onChange={(chosen) => onPublic(chosen === 'public')}
            disabled={sending}
          />
          <label className="grid gap-1 text-sm">
            <span className="text-muted">Report to go along</span>
            <select className={field} value={claim} onChange={(event) => onClaim(event.target.value as ClaimId)} disabled={sending}>
              {CLAIM_SIZES.map(({ id: claimId, ...wanted }) => ({ id: claimId, ...sizeWithin(wanted, records) })).map((size) => (
                <option key={size.id} value={size.id}>
                  {count(size.samples)} test and {count(size.trainSamples)} training images
                  {timeOf(size)}
                </option>
              ))}
              <option value="none">None</option>
            </select>
          </label>
        </div>
        <p className="max-w-3xl text-sm text-muted">
          {isPublic
            ? 'Public: everybody sees and can download it, and it stays: scores are not withdrawn silently.'
            : 'Draft: only you see it, until you publish it from your account page.'}{' '}
          {claim === 'none'
            ? 'Without a report the model has no row on the board until somebody measures it.'
            : 'The report is measured in your browser and stands on the board as self-reported: shown, not ranked, until it is verified.'}
        </p>
        {sending && state.sending ? (
          <ProgressPanel sending={state.sending} onStop={onStop} />
        ) : (
          <>
            {phase === 'failed' && problem && state.sending ? (
              <div role="alert" className={`rounded-lg p-3 text-sm ${problem.code === 'stopped' ? 'bg-panel' : 'bg-bad-bg text-bad'}`}>
                <p className="font-medium">
                  {problem.code === 'stopped' ? 'Stopped' : 'It broke off'} at “{STEPS[state.sending.step]}”.
                </p>
                {problem.code === 'stopped' ? null : <ProblemText message={WORDS[problem.code] ?? problem.message} />}
                <p className="mt-1">
                  {keptSentence(kept, files)}
                  {state.sending.step === 'measure' ? ' To go on without a report, choose “None” above.' : ''}
                </p>
              </div>
            ) : null}
            {signIn ?? (
              <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
                <button type="button" className={primary} onClick={onSend} disabled={notYet !== undefined}>
                  {phase === 'failed' ? 'Continue' : 'Submit'}
                </button>
                <p className="text-sm text-muted">
                  {notYet ?? (kept.submission ? 'It goes on from there.' : `${bytes(total)} in ${files} files will be uploaded.`)}
                </p>
              </div>
            )}
          </>
        )}
        {notices.map((notice) => (
          <p key={notice} role="status" className="rounded-lg bg-warn-bg px-3 py-2 text-sm text-warn">
            {notice}
          </p>
        ))}
      </div>
    </Step>
  );
}

/** The API’s sentences begin small; several reasons stand on lines of their own. */
function ProblemText({ message }: { message: string }) {
  const sentences = message.split('\n').map((line) => `${line[0]?.toUpperCase() ?? ''}${line.slice(1)}${/[.!?]$/.test(line) ? '' : '.'}`);
  if (sentences.length === 1) return <p className="break-words">{sentences[0]}</p>;
  return (
    <ul className="list-disc pl-5 break-words">
      {sentences.map((sentence) => (
        <li key={sentence}>{sentence}</li>
      ))}
    </ul>
  );
}

function ProgressPanel({ sending, onStop }: { sending: Sending; onStop(): void }) {
  const { step, steps, sent, total, measured, status } = sending;
  const at = steps.indexOf(step);
  const share = step === 'upload' ? sent / Math.max(1, total) : step === 'measure' && measured ? measured.done / measured.total : undefined;
  const percent = share === undefined ? undefined : Math.floor(100 * Math.min(1, share));
  const left =
    step === 'measure' && measured && measured.done / measured.total > 0.02
      ? ` · ${roughly(measured.elapsedMs * (measured.total / measured.done - 1)).toLowerCase()} left`
      : '';
  return (
    <div className="rounded-lg border border-line p-4">
      <ol className="grid gap-1 text-sm">
        {steps.map((s, i) => (
          <li key={s} className={i === at ? 'font-medium' : 'text-muted'} aria-current={i === at ? 'step' : undefined}>
            <span aria-hidden="true" className={`inline-block w-5 ${i < at ? 'text-good' : ''}`}>
              {i < at ? '✓' : i === at ? '▸' : '·'}
            </span>
            {STEPS[s]}
            {i < at ? <span className="sr-only"> (done)</span> : null}
          </li>
        ))}
      </ol>
      <div className="mt-3 flex items-center gap-4">
        <div
          role="progressbar"
          aria-label={STEPS[step]}
          aria-valuemin={0}
          aria-valuemax={100}
          {...(percent === undefined ? {} : { 'aria-valuenow': percent })}
          className="h-3 flex-1 overflow-hidden rounded-full bg-panel ring-1 ring-line"
        >
          <div className="h-full bg-accent transition-[width]" style={{ width: `${percent ?? 0}%` }} />
        </div>
        <button type="button" onClick={onStop} className={secondary}>
          Stop
        </button>
      </div>
      <p role="status" className="mt-2 min-h-5 text-sm text-muted">
        {step === 'upload'
          ? `${bytes(sent)} of ${bytes(total)}`
          : step === 'measure'
            ? measured
              ? `${percent} %${left}`
              : (status ?? 'Opening the device and fetching the data…')
            : 'One moment…'}
      </p>
    </div>
  );
}
