'use client';

import type { ComponentProps } from 'react';
import { useHydrated } from './use-hydrated';

/** A button whose work is the page's own: it is disabled until the page is interactive, because a click before then would be lost. */
export function Button({ disabled, type = 'button', ...rest }: ComponentProps<'button'>) {
  const interactive = useHydrated();
  return <button type={type} disabled={disabled || !interactive} {...rest} />;
}
