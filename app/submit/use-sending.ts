'use client';

/** Binds the page's upload to the site and to the evaluation worker. */
import { useEffect, useReducer, useRef } from 'react';
import { EvaluationClient } from '@/workers/browser/client';
import type { EvaluateRequest, UploadPart } from '@/workers/browser/messages';
import { type Kept, type Plan, send, stepsOf } from './send';
import { NOT_SENT, reduceSending } from './sending-state';
import { askSite, sendBytes } from './site-client';

export interface SendRequest extends Omit<Plan, 'files' | 'claim'> {
  parts: UploadPart[];
  /** The run whose report goes along. */
  evaluation?: EvaluateRequest;
  /** A report that was measured for an earlier try will do. */
  keepReport: boolean;
}

/** Resolves early where the signal is aborted: who waited sees it. */
const wait = (ms: number, signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });

export function useSending(initial: Kept) {
  const [state, dispatch] = useReducer(reduceSending, { ...NOT_SENT, kept: initial });
  const client = useRef<EvaluationClient | null>(null);
  const stop = useRef<AbortController | null>(null);
  const busy = state.phase === 'sending';

  useEffect(
    () => () => {
      stop.current?.abort();
      client.current?.close();
    },
    [],
  );
  useEffect(() => {
    if (!busy) return;
    const onLeave = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener('beforeunload', onLeave);
    return () => removeEventListener('beforeunload', onLeave);
  }, [busy]);

  const start = async ({ parts, evaluation, keepReport, ...rest }: SendRequest) => {
    const { report: _, ...reached } = state.kept;
    const plan: Plan = { ...rest, claim: evaluation !== undefined, files: parts };
    const controller = new AbortController();
    const { signal } = controller;
    stop.current = controller;
    const contents = new Map(parts.map((p) => [p.sha256, p.content]));
    dispatch({ type: 'start', steps: stepsOf(plan), total: parts.reduce((n, p) => n + p.bytes, 0) });
    const measure = async () => {
      client.current?.close();
      const worker = new EvaluationClient();
      client.current = worker;
      try {
        const listen = {
          onEvent: (event: Parameters<Parameters<EvaluationClient['evaluate']>[1]['onEvent']>[0]) => dispatch({ type: 'event', event }),
          onStatus: (text: string) => dispatch({ type: 'status', text }),
          onNotice: (text: string) => dispatch({ type: 'notice', text }),
        };
        return JSON.stringify(await worker.evaluate(evaluation as EvaluateRequest, listen, signal));
      } finally {
        worker.close();
      }
    };
    const outcome = await send(
      plan,
      {
        ask: (method, path, body) => askSite(method, path, body, signal),
        put: (path, sha256, onSent) => sendBytes(path, contents.get(sha256) as Blob, onSent, signal),
        measure,
        wait: (ms) => wait(ms, signal),
        onStep: (step) => dispatch({ type: 'step', step }),
        onBytes: (sent) => dispatch({ type: 'bytes', sent }),
        onKept: (kept) => dispatch({ type: 'kept', kept }),
        signal,
      },
      keepReport ? state.kept : reached,
    );
    dispatch({ type: 'ended', outcome });
  };

  return {
    state,
    start,
    stop: () => stop.current?.abort(),
    forget: (report?: string) => dispatch({ type: 'forget', ...(report === undefined ? {} : { report }) }),
  };
}
