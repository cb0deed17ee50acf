/** The compared rows as a LaTeX table (booktabs), each with the run that its numbers are from. */
import { percent } from '@/app/_ui/format';
import { plain } from '@/app/models/[slug]/bibtex';
import type { BoardRow } from '@/db/queries/board';

type Row = Pick<
  BoardRow,
  | 'name'
  | 'version'
  | 'slug'
  | 'runId'
  | 'clean'
  | 'robust'
  | 'robustLow'
  | 'robustHigh'
  | 'pgd'
  | 'autoattack'
  | 'nc1'
  | 'nc2'
  | 'nc3'
  | 'nc4'
>;

const share = (value: number | null) => (value === null ? '--' : percent(value));
const metric = (value: number | null) =>
  value === null
    ? '--'
    : `$${Number(value.toPrecision(3))
        .toString()
        .replace(/e\+?(-?\d+)/, '\\cdot10^{$1}')}$`;

function robust({ robust: value, robustLow: low, robustHigh: high }: Row): string {
  if (value === null || low === null || high === null) return share(value);
  return `$${percent(value)} \\pm ${percent((high - low) / 2)}$`;
}

export function latexTable(rows: readonly Row[], { title, site, protocol }: { title: string; site: string; protocol: string }): string {
  const lines = rows.map((row) =>
    [
      plain(row.name) + (row.version > 1 ? ` v${row.version}` : ''),
      ...[share(row.clean), robust(row), share(row.pgd), share(row.autoattack)],
      ...[row.nc1, row.nc2, row.nc3, row.nc4].map(metric),
    ].join(' & '),
  );
  return `% Simplexity, ${title}, protocol ${protocol}. Data: CC BY 4.0.
${rows.map((row) => `% ${row.slug}@${row.version}: ${site}/runs/${row.runId}`).join('\n')}
\\begin{tabular}{lrrrrrrrr}
\\toprule
Model & Clean & Robust & PGD & AutoAttack & NC1 & NC2 & NC3 & NC4 \\\\
\\midrule
${lines.map((line) => `${line} \\\\`).join('\n')}
\\bottomrule
\\end{tabular}
`;
}
