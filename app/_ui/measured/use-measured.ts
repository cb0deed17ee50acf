'use client';

import { useEffect, useRef, useState } from 'react';
import type { MeasureListener } from '@/workers/browser/measure-listener';

/** Something that the page measures itself, when it is asked for. */
export type Measured<T> =
  | { name: 'idle' }
  | { name: 'working'; status: string; done: number; total: number; elapsedMs: number }
  | { name: 'failed'; message: string }
  | { name: 'done'; found: T };

/** Rejects when the signal is aborted. */
export type Measure<T> = (listen: MeasureListener, signal: AbortSignal) => Promise<T>;

/**
 * One measurement at a time; it is stopped when the page is left.
 * @param of what is measured: where that is another, nothing has been measured of it yet
 */
export function useMeasured<T>(measure: Measure<T>, of?: string | number): { state: Measured<T>; run(): void; stop(): void } {
  const [held, setHeld] = useState<{ of: typeof of; state: Measured<T> }>({ of, state: { name: 'idle' } });
  const setState = (state: Measured<T>) => setHeld({ of, state });
  const controller = useRef<AbortController>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was begun of another is of no use.
  useEffect(() => () => controller.current?.abort(), [of]);
  const run = async () => {
    const stopper = new AbortController();
    controller.current = stopper;
    const { signal } = stopper;
    const progress = { status: 'Loading the engine…', done: 0, total: 0, elapsedMs: 0 };
    let began = 0;
    const tell = (change: Partial<typeof progress>) => {
      if (!signal.aborted) setState({ name: 'working', ...Object.assign(progress, change) });
    };
    tell({});
    const listen: MeasureListener = {
      onStatus: (status) => tell({ status }),
      onProgress: (done, total) => {
        if (done === 0) began = performance.now();
        tell({ done, total, elapsedMs: performance.now() - began });
      },
    };
    try {
      const found = await measure(listen, signal);
      setState(signal.aborted ? { name: 'idle' } : { name: 'done', found });
    } catch (error) {
      setState(signal.aborted ? { name: 'idle' } : { name: 'failed', message: (error as Error).message });
    }
  };
  const state: Measured<T> = held.of === of ? held.state : { name: 'idle' };
  return { state, run: () => void run(), stop: () => controller.current?.abort() };
}
