'use client';

import { ThemeProvider, useTheme } from 'next-themes';
import { useSyncExternalStore } from 'react';

export function Theme({ children }: { children: React.ReactNode }) {
  return (
    <ThemeProvider attribute="class" defaultTheme="system" enableSystem disableTransitionOnChange>
      {children}
    </ThemeProvider>
  );
}

const never = () => () => undefined;

/** Switches between light and dark; until the page runs its state is unknown and the button is neutral. */
export function ThemeToggle() {
  const { resolvedTheme, setTheme } = useTheme();
  const running = useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
  const dark = running && resolvedTheme === 'dark';
  return (
    <button
      type="button"
      onClick={() => setTheme(dark ? 'light' : 'dark')}
      aria-label={dark ? 'Switch to light colours' : 'Switch to dark colours'}
      className="grid size-8 place-items-center rounded-md text-muted hover:bg-panel hover:text-fg"
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="5.5" fill="none" stroke="currentColor" strokeWidth="1.4" />
        <path d={dark ? 'M8 2.5a5.5 5.5 0 0 1 0 11Z' : 'M8 2.5a5.5 5.5 0 0 0 0 11Z'} fill="currentColor" />
      </svg>
    </button>
  );
}
