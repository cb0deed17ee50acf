import type { Condition } from '@/lib/attacks/catalogue';
import type { LayerValues, Report } from '@/lib/protocol/report';
import { CONDITION_ORDER } from '../conditions';
import { percent, significant, tick } from '../format';
import { LinePlot } from '../line-plot';
import { ConditionName } from '../marker';
import { NumberTable } from '../number-table';
import { Panel } from './panel';

type Layer = NonNullable<Report['layers']>[number];

export const valuesOf = (layer: Layer, condition: Condition): LayerValues | undefined =>
  (layer as unknown as Record<string, LayerValues | undefined>)[condition];

/** Collapse and nearest-centre accuracy along depth. */
export function LayersPanel({ layers }: { layers: Layer[] }) {
  const conditions = CONDITION_ORDER.filter((c) => layers.some((l) => valuesOf(l, c)));
  const series = (key: keyof LayerValues) =>
    conditions.map((condition) => ({ condition, values: layers.map((l) => valuesOf(l, condition)?.[key] ?? null) }));
  const accuracy = series('nccAccuracy').some((s) => s.values.some((v) => v !== null))
    ? ('nccAccuracy' as const)
    : ('nccAccuracyTrain' as const);
  const places = layers.map((l) => l.name);
  const summary = (key: keyof LayerValues, format: (v: number) => string) =>
    series(key)
      .map(({ condition, values }) => {
        const known = values.filter((v): v is number => v !== null);
        return known.length
          ? `${condition} from ${format(known[0])} at ${places[0]} to ${format(known[known.length - 1])} at ${places[places.length - 1]}`
          : '';
      })
      .filter(Boolean)
      .join('; ');
  return (
    <Panel
      id="layers"
      title="Layer by layer"
      lead="Early layers often stay reliable: the nearest class centre there still names the right class when the network is fooled. Centres are the class means of clean training images."
    >
      <div className="grid gap-6 lg:grid-cols-2">
        <LinePlot
          title={`Nearest-centre accuracy on ${accuracy === 'nccAccuracy' ? 'test' : 'training'} images`}
          summary={summary(accuracy, (v) => `${percent(v)} %`)}
          places={places}
          series={series(accuracy)}
          domain={[0, 1]}
          format={(v) => `${Math.round(v * 100)} %`}
        />
        <LinePlot
          title="NC1 (logarithmic)"
          summary={summary('nc1', significant)}
          places={places}
          series={series('nc1')}
          log
          format={tick}
        />
      </div>
      <ul className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-sm">
        {conditions.map((c) => (
          <li key={c}>
            <ConditionName condition={c} />
          </li>
        ))}
      </ul>
      <details className="mt-3 text-sm">
        <summary className="w-fit text-muted">As a table</summary>
        <div className="mt-2">
          <NumberTable
            wide
            label="Layer values"
            corner="Layer"
            columns={[
              { key: 'units', head: 'Units' },
              ...conditions.map((condition) => ({
                key: condition,
                head: (
                  <>
                    <ConditionName condition={condition} /> <span className="font-normal text-muted">NC1, accuracy</span>
                  </>
                ),
              })),
            ]}
            rows={layers.map((layer) => ({
              ...{ key: layer.name, name: <span className="font-mono">{layer.name}</span> },
              cells: [
                layer.dim,
                ...conditions.map((c) => {
                  const values = valuesOf(layer, c);
                  const ncc = values?.[accuracy];
                  return values ? `${significant(values.nc1)}, ${ncc == null ? 'not run' : `${percent(ncc)} %`}` : 'not run';
                }),
              ],
            }))}
          />
        </div>
      </details>
    </Panel>
  );
}
