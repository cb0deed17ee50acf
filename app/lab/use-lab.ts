'use client';

/** The lab's training as the page sees it: started, listened to, stopped, and taken up again after the page was closed. */
import { useEffect, useReducer, useRef } from 'react';
import type { FailureCode } from '@/lib/failure';
import { keptLab, type LabNews, type LabRequest, type LabState, trainInLab } from '@/workers/browser/lab-client';
import { idle, reduce } from './state';

export function useLab() {
  const [lab, dispatch] = useReducer(reduce, idle);
  const stop = useRef<AbortController>(undefined);
  useEffect(() => {
    keptLab().then(
      (state) => state && dispatch({ type: 'kept', state }),
      () => undefined, // a browser that keeps nothing has nothing to offer
    );
    return () => stop.current?.abort();
  }, []);
  const start = (request: LabRequest, begun?: LabState) => {
    const abort = new AbortController();
    stop.current = abort;
    dispatch({ type: 'start', request, begun });
    const hear = (news: LabNews) => dispatch(news.type === 'step' || news.type === 'epoch' ? { ...news, at: performance.now() } : news);
    trainInLab(request, begun, hear, abort.signal).then(
      () => dispatch({ type: 'done' }),
      (error: Error & { code?: FailureCode }) => dispatch({ type: 'failed', code: error.code, message: error.message }),
    );
  };
  return { lab, start, stop: () => stop.current?.abort() };
}
