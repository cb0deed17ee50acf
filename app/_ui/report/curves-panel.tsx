/** Accuracy against what an attack may do: radius, steps, restarts. */
import { BOARDS, NORM_LABEL } from '@/lib/protocol/boards';
import type { Report } from '@/lib/protocol/report';
import { CONDITIONS } from '../conditions';
import { count, percent } from '../format';
import { LinePlot } from '../line-plot';
import { ScrollArea } from '../scroll-area';
import { percentTick } from './confidence-panel';
import { Panel } from './panel';

type Curve = NonNullable<Report['curves']>['radius'];

interface Props {
  curves: NonNullable<Report['curves']>;
  board: string;
  /** Where they are from, if not from the run that the page shows. */
  source?: React.ReactNode;
}

export function CurvesPanel({ curves, board, source }: Props) {
  const { norm, epsilonLabel } = BOARDS.get(board) ?? {};
  const radius = norm ? `${NORM_LABEL[norm]} radius (the board’s is ${epsilonLabel})` : 'radius';
  const plots: [string, Curve, (at: number) => string][] = [
    [`Against the ${radius}`, curves.radius, (at) => String(Number(at.toPrecision(3)))],
    ['Against the number of steps', curves.steps, String],
    ['Against the number of restarts', curves.restarts, String],
  ];
  return (
    <Panel
      id="curves"
      title="Accuracy curves"
      lead={`On the first ${count(curves.samples)} test images. The curves fall by definition: along radius and steps each point attacks only what the one before it left, and of several restarts an image has to withstand every one.`}
    >
      {source ? <p className="mb-4 text-sm text-muted">{source}</p> : null}
      <div className="grid gap-6 lg:grid-cols-2">
        {plots.map(([title, curve, name]) => (
          <CurvePlot key={title} title={title} curve={curve} name={name} />
        ))}
      </div>
    </Panel>
  );
}

function CurvePlot({ title, curve: { attack, points }, name }: { title: string; curve: Curve; name(at: number): string }) {
  const { label } = CONDITIONS[attack];
  const [first, last] = [points[0], points[points.length - 1]];
  if (!first) return null;
  return (
    <div>
      <LinePlot
        title={`${title}, ${label}`}
        summary={`Accuracy from ${percent(first.accuracy)} % at ${name(first.at)} to ${percent(last.accuracy)} % at ${name(last.at)}`}
        places={points.map(({ at }) => name(at))}
        at={points.map(({ at }) => at)}
        series={[{ condition: attack, values: points.map(({ accuracy }) => accuracy) }]}
        domain={[0, 1]}
        format={percentTick}
      />
      <details className="mt-1 text-sm">
        <summary className="w-fit text-muted">As a table</summary>
        <ScrollArea label={title} className="mt-2">
          <table>
            <thead>
              <tr className="border-b border-line text-right">
                <th scope="col" className="py-1.5 font-medium">
                  At
                </th>
                <th scope="col" className="py-1.5 pl-6 font-medium">
                  Accuracy
                </th>
                <th scope="col" className="py-1.5 pl-6 font-medium">
                  Images
                </th>
              </tr>
            </thead>
            <tbody>
              {points.map(({ at, correct, accuracy }) => (
                <tr key={at} className="border-b border-line text-right last:border-b-0">
                  <th scope="row" className="py-1 text-right font-normal">
                    {name(at)}
                  </th>
                  <td className="py-1 pl-6">{percent(accuracy)} %</td>
                  <td className="py-1 pl-6">{count(correct)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollArea>
      </details>
    </div>
  );
}
