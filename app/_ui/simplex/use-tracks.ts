'use client';

import { useEffect, useRef, useState } from 'react';
import type { FeaturesListener } from '@/workers/browser/feature-sets';
import type { Tracks } from '@/workers/browser/tracks';

/** Measures the images' way under attack; rejects when the signal is aborted. */
export type Follow = (listen: FeaturesListener, signal: AbortSignal) => Promise<Tracks>;

export type TracksState =
  | { name: 'idle' }
  | { name: 'working'; status: string; done: number; total: number }
  | { name: 'failed'; message: string }
  | { name: 'done'; tracks: Tracks };

/** One measurement at a time; another model's tracks are not kept: give the drawing a key. */
export function useTracks(follow: Follow | undefined): { state: TracksState; run(): void; stop(): void } {
  const [state, setState] = useState<TracksState>({ name: 'idle' });
  const controller = useRef<AbortController>(undefined);
  useEffect(() => () => controller.current?.abort(), []);
  const run = async () => {
    if (!follow) return;
    const stopper = new AbortController();
    controller.current = stopper;
    const { signal } = stopper;
    const progress = { status: 'Loading the engine…', done: 0, total: 0 };
    const tell = (change: Partial<typeof progress>) => {
      if (!signal.aborted) setState({ name: 'working', ...Object.assign(progress, change) });
    };
    tell({});
    try {
      const listen = { onStatus: (status: string) => tell({ status }), onProgress: (done: number, total: number) => tell({ done, total }) };
      setState({ name: 'done', tracks: await follow(listen, signal) });
    } catch (error) {
      setState(signal.aborted ? { name: 'idle' } : { name: 'failed', message: (error as Error).message });
    }
  };
  return { state, run: () => void run(), stop: () => controller.current?.abort() };
}
