'use client';

/** Binds the page's state to the evaluation worker. */
import { useEffect, useReducer, useRef } from 'react';
import { Failure } from '@/lib/failure';
import type { Report } from '@/lib/protocol/report';
import { EvaluationClient } from '@/workers/browser/client';
import type { EvaluateRequest, InspectRequest } from '@/workers/browser/messages';
import { INITIAL, reduce } from './state';

const asFailure = (error: unknown) =>
  error instanceof Failure ? error : new Failure('computation-failed', error instanceof Error ? error.message : String(error));

export function useEvaluation() {
  const [state, dispatch] = useReducer(reduce, INITIAL);
  const client = useRef<EvaluationClient | null>(null);
  const stop = useRef<AbortController | null>(null);
  const running = state.phase.name === 'running';

  useEffect(() => () => client.current?.close(), []);

  // A hidden tab is an ordinary event: workers go on, only slower where the system throttles.
  useEffect(() => {
    if (!running) return;
    const onChange = () => {
      if (document.hidden) dispatch({ type: 'notice', text: 'The tab was hidden; the run goes on in the background.' });
    };
    document.addEventListener('visibilitychange', onChange);
    return () => document.removeEventListener('visibilitychange', onChange);
  }, [running]);

  /** Throws away what is under way and begins with a fresh worker: a half-opened GPU is not reused. */
  const fresh = () => {
    client.current?.close();
    client.current = new EvaluationClient();
    return client.current;
  };

  const inspect = (request: InspectRequest, then: () => void = () => undefined) => {
    const worker = fresh();
    dispatch({ type: 'inspect' });
    worker
      .inspect(request, (text) => dispatch({ type: 'status', text }))
      .then(
        (inspection) => {
          dispatch({ type: 'inspected', inspection });
          then();
        },
        (error) => {
          const failure = asFailure(error);
          if (failure.code !== 'stopped') dispatch({ type: 'refused', code: failure.code, message: failure.message });
        },
      );
  };

  const start = (request: EvaluateRequest) => {
    const worker = fresh();
    const controller = new AbortController();
    stop.current = controller;
    dispatch({ type: 'start' });
    const listen = {
      onEvent: (
        event: Parameters<typeof dispatch>[0] extends infer A ? (A extends { type: 'event'; event: infer E } ? E : never) : never,
      ) => dispatch({ type: 'event', event }),
      onStatus: (text: string) => dispatch({ type: 'status', text }),
      onNotice: (text: string) => dispatch({ type: 'notice', text }),
    };
    // A run whose place another one has taken has nothing more to say.
    const isCurrent = () => stop.current === controller;
    worker.evaluate(request, listen, controller.signal).then(
      (report) => isCurrent() && dispatch({ type: 'finished', report }),
      (error) => {
        if (!isCurrent()) return;
        const failure = asFailure(error);
        if (failure.code === 'stopped') dispatch({ type: 'stopped' });
        else dispatch({ type: 'failed', code: failure.code, message: failure.message });
      },
    );
  };

  return {
    state,
    inspect: (request: InspectRequest) => inspect(request),
    start,
    /** Goes on with a run that is kept: its model is read and looked at as at the first start. */
    goOn: (request: EvaluateRequest) => inspect(request, () => start(request)),
    stop: () => stop.current?.abort(),
    show: (report: Report) => dispatch({ type: 'show', report }),
    choose: () => {
      client.current?.close();
      dispatch({ type: 'choose' });
    },
  };
}
