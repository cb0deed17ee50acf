/** A citation of a board as it stands on a day. */
import { DATASETS } from '@/lib/data/datasets';
import { type Board, PROTOCOL } from '@/lib/protocol/boards';

const NORMS = { linf: '$L_\\infty$', l2: '$L_2$' } as const;

export function boardBibtex(board: Board, site: string, day: Date): string {
  const accessed = day.toISOString().slice(0, 10);
  return `@misc{simplexity-${board.id.replace('/', '-')}-${accessed},
  title = {{Simplexity}: {${DATASETS[board.dataset].title}}, ${NORMS[board.norm]}, $\\epsilon = ${board.epsilonLabel}$, protocol ${PROTOCOL}},
  author = {{Simplexity}},
  howpublished = {A leaderboard of adversarial robustness and neural collapse},
  url = {${site}/boards/${board.id}},
  note = {Accessed ${accessed}. Data: CC BY 4.0},
  year = {${day.getUTCFullYear()}},
}
`;
}
