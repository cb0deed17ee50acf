/** Ranking, search, filters, columns: plain forms and links, so that the address holds the view and no script is needed. */
import Link from 'next/link';
import { RECIPES } from '@/db/schema';
import { STANDING_STATES } from '@/lib/protocol/standing';
import { COLUMNS } from './columns';
import { type BoardView, boardQueryString, csvUrl, RANKS, type Rank } from './view';

const RANK_WORDS: Record<Rank, { label: string; meaning: string }> = {
  pgd: { label: 'PGD', meaning: 'Per-sample minimum of the paper’s attack and the same on the logit margin.' },
  autoattack: {
    label: 'AutoAttack, best known',
    meaning: 'Per-sample minimum over every accepted attack, once a verified run of the standard level exists.',
  },
  collapse: { label: 'collapse', meaning: 'Collapse score on clean features.' },
};

const field = 'rounded-md border border-line bg-bg px-2 py-1.5 text-sm';
const button = 'rounded-md border border-line px-3 py-1.5 text-sm hover:bg-panel';

export function Controls({ view, path, board }: { view: BoardView; path: string; board: string }) {
  const to = (change: Partial<BoardView>) => {
    const query = boardQueryString({ ...view, cursor: '', ...change });
    return query ? `${path}?${query}` : path;
  };
  const filtered = view.search || view.recipes.length || view.states.length || view.extraData;
  return (
    <div className="flex flex-wrap items-center gap-x-5 gap-y-3">
      <nav aria-label="Rank by" className="flex flex-wrap items-center gap-x-1 text-sm">
        <span className="mr-1 text-muted">Rank by</span>
        {RANKS.map((rank) => (
          <Link
            key={rank}
            href={to({ rank, ...sortOf(rank) })}
            scroll={false}
            title={RANK_WORDS[rank].meaning}
            aria-current={view.rank === rank ? 'true' : undefined}
            className={`rounded-md px-2 py-1 ${view.rank === rank ? 'bg-accent text-accent-fg' : 'hover:bg-panel'}`}
          >
            {RANK_WORDS[rank].label}
          </Link>
        ))}
      </nav>
      <form action={path} method="get" className="flex flex-wrap items-center gap-2" data-board-search>
        <Kept view={view} without={['q', 'recipe', 'state', 'extra', 'columns']} />
        <label className="sr-only" htmlFor="board-search">
          Search models and submitters
        </label>
        <input id="board-search" type="search" name="q" defaultValue={view.search} placeholder="Search…" className={`${field} w-40`} />
        <details className="relative">
          <summary className={`${button} list-none`}>Filters and columns{filtered ? ' ●' : ''}</summary>
          <div className="absolute left-0 z-10 mt-1 grid w-[min(34rem,88vw)] gap-4 rounded-lg border border-line bg-bg p-4 shadow-lg sm:grid-cols-2">
            <Checks legend="Recipe" name="recipe" options={RECIPES.map((r) => [r, r])} chosen={view.recipes} />
            <fieldset className="text-sm">
              <legend className="font-medium">Extra data</legend>
              {(['', 'no', 'yes'] as const).map((value) => (
                <label key={value} className="mr-4 inline-flex items-center gap-1.5">
                  <input type="radio" name="extra" value={value} defaultChecked={view.extraData === value} className="accent-accent" />
                  {value === '' ? 'any' : value === 'no' ? 'none' : 'with'}
                </label>
              ))}
            </fieldset>
            <Checks legend="State" name="state" options={STANDING_STATES.map((s) => [s, s])} chosen={view.states} />
            <Checks legend="Columns" name="columns" options={COLUMNS.map((c) => [c.id, c.label])} chosen={view.columns} />
            <div className="flex gap-3 sm:col-span-2">
              <button type="submit" className="rounded-md bg-accent px-3 py-1.5 text-sm font-medium text-accent-fg">
                Apply
              </button>
              <Link href={path} className={button}>
                Reset
              </Link>
            </div>
          </div>
        </details>
        <button type="submit" className="sr-only">
          Search
        </button>
      </form>
      <a href={csvUrl(view, board)} className={`${button} sm:ml-auto`} download>
        CSV
      </a>
    </div>
  );
}

const sortOf = (rank: Rank): Pick<BoardView, 'sort' | 'order'> => ({
  sort: rank === 'collapse' ? 'collapse' : rank === 'pgd' ? 'pgd' : 'robust',
  order: 'desc',
});

function Checks({
  legend,
  name,
  options,
  chosen,
}: {
  legend: string;
  name: string;
  options: (readonly [string, string])[];
  chosen: readonly string[];
}) {
  return (
    <fieldset className="text-sm">
      <legend className="font-medium">{legend}</legend>
      <div className="mt-1 flex flex-wrap gap-x-4 gap-y-1">
        {options.map(([value, label]) => (
          <label key={value} className="inline-flex items-center gap-1.5">
            <input type="checkbox" name={name} value={value} defaultChecked={chosen.includes(value)} className="accent-accent" />
            {label}
          </label>
        ))}
      </div>
    </fieldset>
  );
}

/** The rest of the view as hidden fields: a form replaces the whole query. */
export function Kept({ view, without }: { view: BoardView; without: string[] }) {
  const params = new URLSearchParams(boardQueryString({ ...view, cursor: '' }));
  return [...params]
    .filter(([name]) => !without.includes(name))
    .map(([name, value]) => <input key={name} type="hidden" name={name} value={value} />);
}
