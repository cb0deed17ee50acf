/** What a reader may take along: a citation, the feed, and under which licence. */

import type { Board } from '@/lib/protocol/boards';
import { CopyButton } from '../_ui/copy-button';
import { LICENCE } from '../_ui/licence';
import { boardBibtex } from './bibtex';

export function TakeAway({ board, site, day }: { board: Board; site: string; day: Date }) {
  const entry = boardBibtex(board, site, day);
  const link = 'underline underline-offset-2';
  return (
    <div className="mt-10 text-sm">
      <p className="text-muted">
        The numbers and outcomes are{' '}
        <a href={LICENCE.url} rel="license" className={link}>
          {LICENCE.name}
        </a>
        . What happens on this board is a feed:{' '}
        <a href={`/feed.xml?board=${board.id}`} className={link}>
          RSS
        </a>
        ,{' '}
        <a href={`/feed.json?board=${board.id}`} className={link}>
          JSON
        </a>
        .
      </p>
      <details className="mt-2">
        <summary className="w-fit text-muted">Cite this board as BibTeX</summary>
        <pre className="mt-2 overflow-x-auto rounded-lg bg-panel p-3 font-mono text-xs">{entry}</pre>
        <div className="mt-2">
          <CopyButton text={entry} label="Copy BibTeX" />
        </div>
      </details>
    </div>
  );
}
