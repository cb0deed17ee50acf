/** What a link to a model shows before anybody opens it, of its newest public version. */
import 'server-only';
import { modelBySlug, standingsOf } from '@/db/queries/models';
import { DATASETS } from '@/lib/data/datasets';
import { BOARDS, NORM_LABEL, PROTOCOL } from '@/lib/protocol/boards';
import { percent } from '../_ui/format';
import { database } from './database';

/** Null where there is nothing public of that name. */
export async function modelCard(slug: string) {
  const db = await database();
  const model = await modelBySlug(db, slug, null);
  if (!model) return null;
  const [version] = model.versions;
  const standings = (await standingsOf(db, version.id)).filter((s) => s.protocol === PROTOCOL);
  const standing = standings.find((s) => s.board === version.board) ?? standings[0] ?? null;
  const board = BOARDS.get(standing?.board ?? version.board);
  const where = board ? `${DATASETS[board.dataset].title}, ${NORM_LABEL[board.norm]} ≤ ${board.epsilonLabel}` : version.board;
  return { model, version, standing, board, where };
}
export type ModelCard = NonNullable<Awaited<ReturnType<typeof modelCard>>>;

/** A model in a sentence, for search engines and cards. */
export function cardSentence({ model, standing, where }: Pick<ModelCard, 'model' | 'standing' | 'where'>): string {
  if (!standing) return `${model.name} on ${where}: not measured yet.`;
  const share = (value: number | null, what: string) => (value === null ? [] : [`${percent(value)} % ${what}`]);
  const numbers = [...share(standing.clean, 'clean'), ...share(standing.robust, 'robust')];
  return `${model.name} on ${where}: ${numbers.length ? numbers.join(', ') : 'no test part'} (${standing.state}). Robustness and neural collapse, and how each number was checked.`;
}

/**
 * A name as the card's one bundled font draws it; next/og would fetch letters of other scripts, and emoji, from other hosts
 * while it draws, so a name with any is shown by its slug.
 */
export const drawnName = ({ name, slug }: { name: string; slug: string }) => (/^[\u0020-\u007e\u00a1-\u017f]*$/.test(name) ? name : slug);
