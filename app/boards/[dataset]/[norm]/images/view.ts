/** What of a board's images is shown, in the address; odd values fall to defaults. */
import type { OutcomeBasis } from '@/db/queries/outcomes';

export interface ImagesView {
  /** Under all accepted evidence, or PGD alone, which every row has on more images. */
  basis: Exclude<OutcomeBasis, 'clean'>;
  /** Ranked rows alone, or every full run that isn't disqualified. */
  rows: 'ranked' | 'all';
  order: 'hardest' | 'easiest';
  /** Number of a class, or null for all. */
  label: number | null;
  from: number;
}

type Params = Record<string, string | string[] | undefined>;
const one = (value: string | string[] | undefined) => [value ?? ''].flat()[0] ?? '';

const whole = (text: string, below: number): number | null => (/^\d{1,7}$/.test(text) && Number(text) < below ? Number(text) : null);

export function readImagesView(params: Params, classes: number): ImagesView {
  return {
    basis: one(params.on) === 'pgd' ? 'pgd' : 'robust',
    rows: one(params.rows) === 'all' ? 'all' : 'ranked',
    order: one(params.order) === 'easiest' ? 'easiest' : 'hardest',
    label: whole(one(params.class), classes),
    from: whole(one(params.from), 1e7) ?? 0,
  };
}

export function imagesHref(path: string, { basis, rows, order, label, from }: ImagesView): string {
  const params = new URLSearchParams();
  if (basis !== 'robust') params.set('on', basis);
  if (rows !== 'ranked') params.set('rows', rows);
  if (order !== 'hardest') params.set('order', order);
  if (label !== null) params.set('class', String(label));
  if (from > 0) params.set('from', String(from));
  return params.size ? `${path}?${params}` : path;
}
