/** The collapse score's components: which value gives how many points, on clean data and under PGD-10. */
import { COLLAPSE_SCORE_DATA, collapseScore } from '@/lib/protocol/collapse-score';
import { significant } from '../format';
import { ConditionName } from '../marker';
import { ScrollArea } from '../scroll-area';
import type { Live } from './report-view';

export function ScoreTable({ collapse, classes }: { collapse: Live['collapse']; classes: number }) {
  const scores = COLLAPSE_SCORE_DATA.flatMap((data) => {
    const values = collapse[data];
    const score = values && collapseScore(values, classes, data);
    return score ? [score] : [];
  });
  if (scores.length === 0) return null;
  const heads = scores[0].components.map((c) => c.id);
  return (
    <div className="mt-6">
      <h3 className="text-sm font-medium">Collapse score, version {scores[0].version}</h3>
      <p className="mt-1 max-w-3xl text-sm text-muted">
        The mean of four components, each 100·h/(h + value): 100 at full collapse, 50 where the value is its h. The two scales have
        constants of their own, so they are not to be compared.
      </p>
      <ScrollArea label="Components of the collapse score" className="mt-2">
        <table className="w-full min-w-[38rem] text-sm">
          <thead>
            <tr className="border-b border-line text-left">
              <th scope="col" className="py-2 pr-3 font-medium">
                Data
              </th>
              {heads.map((id) => (
                <th key={id} scope="col" className="py-2 pl-3 text-right font-medium">
                  {id.toUpperCase()}
                </th>
              ))}
              <th scope="col" className="py-2 pl-3 text-right font-medium">
                Score ↑
              </th>
            </tr>
          </thead>
          <tbody>
            {scores.map(({ data, score, components, lostDirections }) => (
              <tr key={data} className="border-b border-line align-top last:border-b-0">
                <th scope="row" className="py-1.5 pr-3 text-left font-normal">
                  <ConditionName condition={data} />
                </th>
                {components.map(({ id, value, half, points }) => (
                  <td key={id} className="py-1.5 pl-3 text-right">
                    {points.toFixed(1)}
                    <span className="block text-xs text-muted">
                      {significant(value)} (h = {significant(half)})
                    </span>
                    {id === 'nc1' && lostDirections > 0 ? (
                      <span className="block text-xs text-warn">{lostDirections} directions lost: no points</span>
                    ) : null}
                  </td>
                ))}
                <td className="py-1.5 pl-3 text-right font-medium">{score.toFixed(1)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </div>
  );
}
