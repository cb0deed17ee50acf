'use client';

import { useCallback, useEffect, useRef, useState } from 'react';

const LEAP_MS = 1400;

/** A number between 0 and 1 that can be set, or runs to the other end in time; at once where motion is not wanted. */
export function useLeap(start: number): { at: number; set(at: number): void; run(): void } {
  const [at, setAt] = useState(start);
  const frame = useRef(0);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);
  const set = useCallback((value: number) => {
    cancelAnimationFrame(frame.current);
    setAt(value);
  }, []);
  const run = () => {
    const goal = at < 0.5 ? 1 : 0;
    if (matchMedia('(prefers-reduced-motion: reduce)').matches) return set(goal);
    cancelAnimationFrame(frame.current);
    const began = performance.now();
    const step = (now: number) => {
      const share = Math.min(1, Math.max(0, (now - began) / LEAP_MS));
      const eased = share * share * (3 - 2 * share);
      setAt(at + (goal - at) * eased);
      if (share < 1) frame.current = requestAnimationFrame(step);
    };
    frame.current = requestAnimationFrame(step);
  };
  return { at, set, run };
}
