'use client';

import { useEffect, useRef, useState } from 'react';
/** “Attack this model”: adversarial images made here or elsewhere become witnesses, which lower the board's number once judged. */
import { Button } from '@/app/_ui/button';
import { Panel } from '@/app/_ui/report/panel';
import { field, link, primary, secondary } from '@/app/signin/controls';
import type { AttackResult } from '@/workers/browser/attack';
import { SentWitnesses } from './sent-witnesses';
import { sendWitnessFile } from './witness-client';

interface Props {
  slug: string;
  version: number;
  modelUrl: string;
  board: string;
  epsilonLabel: string;
  signedIn: boolean;
  /** Who has broken how many images first. */
  finders: readonly { by: string | null; images: number }[];
}

type State =
  | { name: 'idle' }
  | { name: 'working'; status: string; done: number; total: number; found: number }
  | { name: 'failed'; message: string }
  | { name: 'done'; result: AttackResult; sent: boolean };

const IMAGES = [20, 50, 100, 500];
const ROUNDS = [1, 2, 5, 10];

export function Attack({ slug, version, modelUrl, board, epsilonLabel, signedIn, finders }: Props) {
  const [state, setState] = useState<State>({ name: 'idle' });
  const [choice, setChoice] = useState({ images: 50, rounds: 2, seed: 1 });
  const [sent, setSent] = useState<string[]>([]);
  const [problem, setProblem] = useState('');
  const stop = useRef<AbortController>(undefined);
  useEffect(() => () => stop.current?.abort(), []);

  const attack = async () => {
    const controller = new AbortController();
    stop.current = controller;
    setProblem('');
    setState({ name: 'working', status: 'Loading the engine…', done: 0, total: 0, found: 0 });
    const update = (change: object) => setState((s) => (s.name === 'working' ? { ...s, ...change } : s));
    try {
      const { attackModel } = await import('@/workers/browser/attack');
      const listen = {
        onStatus: (status: string) => update({ status }),
        onProgress: (done: number, total: number, found: number) => update({ done, total, found }),
      };
      const result = await attackModel({ slug, version, modelUrl, board, ...choice }, listen, controller.signal);
      setState({ name: 'done', result, sent: false });
    } catch (error) {
      if (controller.signal.aborted) setState({ name: 'idle' });
      else setState({ name: 'failed', message: (error as Error).message });
    }
  };

  const send = async (files: Uint8Array[]): Promise<boolean> => {
    setProblem('');
    for (const file of files) {
      const answer = await sendWitnessFile(slug, board, file);
      if (!answer.ok) {
        setProblem(answer.message);
        return false;
      }
      setSent((ids) => (ids.includes(answer.id) ? ids : [...ids, answer.id]));
    }
    return true;
  };
  const number = (key: keyof typeof choice, value: string) =>
    setChoice((c) => ({ ...c, [key]: Math.max(0, Math.floor(Number(value)) || 0) }));
  const working = state.name === 'working';
  return (
    <Panel
      id="attack"
      title="Attack this model"
      lead={`PGD with forty steps (ε = ${epsilonLabel}), here in your browser, on test images that no accepted attack has broken. What it breaks can be sent as evidence: a runner looks once at every image, and the robust accuracy falls at once.`}
    >
      <div className="flex flex-wrap items-end gap-3 text-sm">
        <label className="grid gap-1">
          Images
          <select className={field} value={choice.images} disabled={working} onChange={(e) => number('images', e.target.value)}>
            {IMAGES.map((n) => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
        <label className="grid gap-1">
          Restarts
          <select className={field} value={choice.rounds} disabled={working} onChange={(e) => number('rounds', e.target.value)}>
            {ROUNDS.map((n) => (
              <option key={n}>{n}</option>
            ))}
          </select>
        </label>
        <label className="grid gap-1">
          Seed
          <input
            type="number"
            min={0}
            max={4294967295}
            className={`${field} w-32`}
            value={choice.seed}
            disabled={working}
            onChange={(e) => number('seed', e.target.value)}
          />
        </label>
        {working ? (
          <Button className={secondary} onClick={() => stop.current?.abort()}>
            Stop
          </Button>
        ) : (
          <Button className={primary} onClick={attack}>
            Attack
          </Button>
        )}
      </div>
      {state.name === 'working' ? <Working {...state} /> : null}
      {state.name === 'failed' ? (
        <p role="alert" className="mt-3 text-sm text-bad">
          {state.message}
        </p>
      ) : null}
      {state.name === 'done' ? (
        <Found
          {...state}
          signInUrl={
            signedIn ? undefined : `/signin?next=${encodeURIComponent(`/models/${slug}?version=${version}&board=${board}#attack`)}`
          }
          name={`${slug}-${board.replace('/', '-')}`}
          send={async () => {
            if (await send(state.result.files)) setState({ ...state, sent: true });
          }}
        />
      ) : null}
      <div className="mt-5 border-t border-line pt-4 text-sm">
        {signedIn ? (
          <label className="grid max-w-xl gap-1">
            Or send a witness file of your own (at most 500 images and 4.5 MB)
            <input
              type="file"
              accept=".gz,application/gzip"
              className={`${field} h-auto`}
              onChange={async (e) => {
                const [file] = e.target.files ?? [];
                e.target.value = '';
                if (file) await send([new Uint8Array(await file.arrayBuffer())]);
              }}
            />
          </label>
        ) : (
          <p>
            <a href={`/signin?next=${encodeURIComponent(`/models/${slug}?version=${version}&board=${board}#attack`)}`} className={link}>
              Sign in
            </a>{' '}
            to send a witness file of your own. Attacking needs no account.
          </p>
        )}
        {problem ? (
          <p role="alert" className="mt-2 text-bad">
            {problem}
          </p>
        ) : null}
        <SentWitnesses ids={sent} />
        {finders.length ? (
          <p className="mt-3 text-muted">
            Broken by accepted witnesses so far:{' '}
            {finders.map(({ by, images }) => `${images} ${images === 1 ? 'image' : 'images'} by ${by ?? 'a deleted account'}`).join(', ')} (
            <a href={`/api/v1/models/${slug}/witnesses?board=${board}`} className={link}>
              their files
            </a>
            ).
          </p>
        ) : null}
      </div>
    </Panel>
  );
}

function Working({ status, done, total, found }: { status: string; done: number; total: number; found: number }) {
  const percent = total > 0 ? Math.min(100, Math.floor((100 * done) / total)) : 0;
  return (
    <div className="mt-4 max-w-xl text-sm">
      <p role="status">{total > 0 ? `${done} of ${total} images attacked, ${found} broken` : status}</p>
      <div
        role="progressbar"
        aria-label="Attack"
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="mt-1 h-2 rounded bg-line"
      >
        <div className="h-2 rounded bg-accent" style={{ width: `${percent}%` }} />
      </div>
    </div>
  );
}

interface FoundProps {
  result: AttackResult;
  sent: boolean;
  /** Undefined where the visitor is signed in. */
  signInUrl: string | undefined;
  name: string;
  send(): Promise<void>;
}

function Found({ result, sent, signInUrl, name, send }: FoundProps) {
  const { attacked, broken, files } = result;
  const [sending, setSending] = useState(false);
  const save = () => {
    for (const [i, file] of files.entries()) {
      const url = URL.createObjectURL(new Blob([file as Uint8Array<ArrayBuffer>], { type: 'application/gzip' }));
      const anchor = document.createElement('a');
      anchor.href = url;
      anchor.download = `${name}-${i + 1}.witness.gz`;
      anchor.click();
      URL.revokeObjectURL(url);
    }
  };
  if (attacked === 0)
    return (
      <p role="status" className="mt-4 text-sm">
        No image still stands: accepted attacks have broken them all.
      </p>
    );
  return (
    <div className="mt-4 grid gap-3 text-sm">
      <p role="status">
        Broke {broken} of {attacked} images{broken ? '' : '. Another seed or more restarts may find more'}.
      </p>
      {broken ? (
        <p className="flex flex-wrap items-center gap-3">
          {signInUrl ? (
            <span>
              Save them, then{' '}
              <a href={signInUrl} className={link}>
                sign in
              </a>{' '}
              to send them.
            </span>
          ) : (
            <Button
              className={primary}
              disabled={sent || sending}
              onClick={async () => {
                setSending(true);
                await send();
                setSending(false);
              }}
            >
              {sent ? 'Sent' : `Send ${broken} ${broken === 1 ? 'witness' : 'witnesses'}`}
            </Button>
          )}
          <Button className={secondary} onClick={save}>
            Save the file
          </Button>
        </p>
      ) : null}
    </div>
  );
}
