'use client';

/** Binds the page's preflight to the evaluation worker. */
import { useEffect, useReducer, useRef } from 'react';
import { Failure } from '@/lib/failure';
import { EvaluationClient } from '@/workers/browser/client';
import type { InspectRequest } from '@/workers/browser/messages';
import { NOT_STARTED, reducePreflight } from './preflight-state';

export function usePreflight() {
  const [state, dispatch] = useReducer(reducePreflight, NOT_STARTED);
  const client = useRef<EvaluationClient | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => client.current?.close(), []);

  /** Throws away what is under way and begins with a fresh worker: a half-opened GPU is not reused. */
  const start = (request: InspectRequest) => {
    client.current?.close();
    const worker = new EvaluationClient();
    const controller = new AbortController();
    client.current = worker;
    stop.current = controller;
    dispatch({ type: 'start' });
    worker
      .preflight(
        request,
        {
          onStatus: (text) => dispatch({ type: 'status', text }),
          onCheck: (check) => dispatch({ type: 'check', check }),
          onProgress: (id, done, total) => dispatch({ type: 'progress', id, done, total, nowMs: performance.now() }),
        },
        controller.signal,
      )
      .then(
        (result) => {
          worker.close();
          dispatch({ type: 'finished', result });
        },
        (error) => {
          // Another start has taken over; what this one says is no news.
          if (client.current !== worker) return;
          const failure = error instanceof Failure ? error : new Failure('computation-failed', String(error));
          if (failure.code === 'stopped') dispatch({ type: 'stopped' });
          else dispatch({ type: 'failed', code: failure.code, message: failure.message });
        },
      );
  };

  return { state, start, stop: () => stop.current?.abort() };
}
