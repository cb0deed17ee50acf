/** The simplex as it is seen from one side: class means and their edges, clean features, perturbed ones on their way. */
import type { Condition } from '@/lib/attacks/catalogue';
import { turned } from '@/lib/collapse/projection';
import { CONDITIONS } from '../conditions';
import { apart, DOT, relativeMark } from './marks';
import { along, type Shape } from './shapes';

interface Props {
  shape: Shape;
  condition: Condition;
  /** How far the perturbed ones have come: 0 at the clean feature, 1 at the last stop. */
  at: number;
  /** Rows of the last layer in the projection, drawn as arrows from the middle, the longest as long as the farthest mean. */
  weights?: Float64Array;
  /** Record index of the image whose whole way is drawn. */
  example?: number;
  /** Place among the shape's names of the class whose images stand out; absent: all alike. */
  highlight?: number;
  /** Radians. */
  turn: number;
  tilt: number;
  width: number;
  summary: string;
}

const MARGIN = 28;
/** Height of a name. */
const LINE = 14;
/** Edges between more means than this hide what they join. */
const FEW = 12;

export function Scene({ shape, condition, at, weights, example, highlight, turn, tilt, width, summary }: Props) {
  const height = Math.round(width * 0.8);
  const scale = (Math.min(width, height) / 2 - MARGIN) / Math.max(shape.reach, Number.MIN_VALUE);
  const place = (seen: Float64Array, n: number): [number, number] => [
    width / 2 + scale * seen[3 * n],
    height / 2 - scale * seen[3 * n + 1],
  ];
  const see = (points: Float64Array) => turned(points, shape.axes, turn, tilt);
  const means = see(shape.means);
  const stops = shape.stops.map(see);
  const [clean] = stops;
  const moved = see(along(shape.stops, at));
  /** Stops that lie behind. */
  const passed = stops.slice(0, Math.max(1, Math.ceil(at * (stops.length - 1))));
  const all = shape.axes > 0 ? shape.images.map((_, n) => n) : [];
  // Dimmed ones first, so that what stands out lies above.
  const ours = highlight === undefined ? all : all.filter((n) => shape.owners[n] === highlight);
  const groups = [
    { rows: highlight === undefined ? [] : all.filter((n) => shape.owners[n] !== highlight), strength: 0.2 },
    { rows: ours, strength: 1 },
  ].filter(({ rows }) => rows.length > 0);
  const chosen = example === undefined ? -1 : shape.images.indexOf(example);
  const fixed = (v: number) => v.toFixed(1);
  const text = ([x, y]: [number, number]) => `${fixed(x)},${fixed(y)}`;
  const mark = relativeMark(condition);
  /** Lines from the middle along rows of weights, made as long as means are. */
  const arrows = (rows: Float64Array) => {
    const longest = (points: Float64Array) => {
      let length = 0;
      for (let i = 0; i < points.length; i += 3) length = Math.max(length, Math.hypot(...points.subarray(i, i + 3)));
      return length;
    };
    const seen = see(rows);
    const factor = longest(means) / (longest(seen) || 1);
    const ends = seen.map((v) => factor * v);
    return shape.names.map((_, c) => `M${text([width / 2, height / 2])}L${text(place(ends, c))}`).join('');
  };
  const order = shape.names.map((_, c) => c).sort((a, b) => means[3 * a + 2] - means[3 * b + 2]);
  return (
    <svg viewBox={`0 0 ${width} ${height}`} role="img" aria-label={summary} className="w-full text-[12px] select-none">
      {shape.names.length <= FEW ? (
        <path
          d={shape.names
            .flatMap((_, a) => shape.names.slice(0, a).map((_, b) => `M${text(place(means, a))}L${text(place(means, b))}`))
            .join('')}
          stroke="var(--line)"
          fill="none"
        />
      ) : null}
      {groups.map(({ rows, strength }) => (
        <g key={strength} opacity={strength}>
          {at > 0 ? (
            <path
              d={rows.map((n) => `M${[...passed, moved].map((stop) => text(place(stop, n))).join('L')}`).join('')}
              stroke={CONDITIONS[condition].colour}
              strokeOpacity="0.25"
              strokeWidth="0.8"
              fill="none"
            />
          ) : null}
          <path d={rows.map((n) => `M${text(place(clean, n))}${DOT}`).join('')} fill={CONDITIONS.clean.colour} fillOpacity="0.55" />
          {at > 0 ? (
            <path d={rows.map((n) => `M${text(place(moved, n))}${mark}`).join('')} fill={CONDITIONS[condition].colour} fillOpacity="0.75" />
          ) : null}
        </g>
      ))}
      {chosen >= 0 && shape.axes > 0 ? (
        <>
          <path d={`M${stops.map((stop) => text(place(stop, chosen))).join('L')}`} stroke="var(--fg)" strokeWidth="1.8" fill="none" />
          <path d={stops.map((stop) => `M${text(place(stop, chosen))}${DOT}`).join('')} fill="var(--fg)" />
          <path
            d={`M${text(place(moved, chosen))}${mark}`}
            transform-origin={place(moved, chosen).map(fixed).join(' ')}
            transform="scale(2)"
            fill={CONDITIONS[condition].colour}
            stroke="var(--fg)"
            strokeWidth="0.6"
          />
        </>
      ) : null}
      {weights ? <path d={arrows(weights)} stroke="var(--muted)" strokeWidth="1.5" strokeDasharray="5 3" fill="none" /> : null}
      {order.map((c) => {
        const [x, y] = place(means, c);
        return <circle key={shape.names[c]} cx={x} cy={y} r={5} fill="var(--bg)" stroke="var(--fg)" strokeWidth="2" />;
      })}
      {[true, false].map((left) => {
        const side = order.filter((c) => place(means, c)[0] < width / 2 === left);
        const heights = apart(
          side.map((c) => place(means, c)[1]),
          LINE,
        );
        return side.map((c, i) => (
          <text
            key={shape.names[c]}
            x={place(means, c)[0] + (left ? -9 : 9)}
            y={heights[i]}
            dy="0.32em"
            textAnchor={left ? 'end' : 'start'}
            fill="var(--fg)"
            stroke="var(--bg)"
            strokeWidth="3"
            paintOrder="stroke"
          >
            {shape.names[c]}
          </text>
        ));
      })}
    </svg>
  );
}
