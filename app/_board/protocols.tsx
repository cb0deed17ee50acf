/** Which protocol's rows a board shows. Numbers of two protocols answer two questions, so they never stand in one table. */
import Link from 'next/link';
import { PROTOCOL } from '@/lib/protocol/boards';
import { type BoardView, boardQueryString } from './view';

interface Props {
  view: BoardView;
  path: string;
  /** Under which this board has rows. */
  protocols: readonly string[];
}

export function Protocols({ view, path, protocols }: Props) {
  const shown = view.protocol || PROTOCOL;
  const others = [...new Set([PROTOCOL, ...protocols])].filter((protocol) => protocol !== shown);
  if (shown === PROTOCOL && others.length === 0) return null;
  const to = (protocol: string) => {
    const query = boardQueryString({ ...view, protocol: protocol === PROTOCOL ? '' : protocol, cursor: '' });
    return query ? `${path}?${query}` : path;
  };
  return (
    <p className={`mt-2 max-w-3xl rounded-lg px-3 py-2 text-sm ${shown === PROTOCOL ? 'bg-panel' : 'bg-warn-bg text-warn'}`}>
      Rows of protocol {shown}
      {shown === PROTOCOL ? ', the newest' : `; the newest is ${PROTOCOL}, and their numbers can’t be compared`}.
      {others.map((protocol) => (
        <span key={protocol}>
          {' '}
          <Link href={to(protocol)} className="underline underline-offset-2">
            Show protocol {protocol}
          </Link>
          .
        </span>
      ))}
    </p>
  );
}
