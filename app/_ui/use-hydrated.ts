'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => {};

/**
 * Whether the page has become interactive. Controls that React keeps forget what is done to them before; they stay disabled until then.
 */
export const useHydrated = (): boolean =>
  useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
