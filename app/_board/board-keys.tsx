'use client';

import { useEffect } from 'react';

/** `/` goes to the search, arrow keys from row to row of the table. */
export function BoardKeys() {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = event.target instanceof HTMLElement && event.target.closest('input, select, textarea');
      if (event.ctrlKey || event.metaKey || event.altKey || typing) return;
      if (event.key === '/') {
        event.preventDefault();
        document.getElementById('board-search')?.focus();
      }
      if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
      const row = document.activeElement?.closest('[data-row]');
      const target = event.key === 'ArrowDown' ? row?.nextElementSibling : row?.previousElementSibling;
      const link = target?.querySelector<HTMLElement>('[data-row-link]');
      if (!link) return;
      event.preventDefault();
      link.focus();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return null;
}
