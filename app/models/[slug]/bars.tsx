/** Small bars, one beside the other, of shares from 0 to the largest. Plain SVG; the words beside it hold the numbers. */
import { scaleBand, scaleLinear } from 'd3-scale';
import { Figure } from '@/app/_ui/figure';

interface Props {
  title: string;
  summary: string;
  /** 0 … 1 */
  shares: readonly number[];
  /** Under the axis, in a word or two. */
  along: string;
}

const HEIGHT = 120;
const MARGIN = { top: 6, right: 4, bottom: 20, left: 44 };

export function Bars(props: Props) {
  return <Figure title={props.title} className="max-w-xl" draw={(width) => <Drawing {...props} width={width} />} />;
}

function Drawing({ title, summary, shares, along, width }: Props & { width: number }) {
  const floor = HEIGHT - MARGIN.bottom;
  const y = scaleLinear([0, Math.max(...shares, 1e-9)], [floor, MARGIN.top]);
  const x = scaleBand(
    shares.map((_, i) => i),
    [MARGIN.left, width - MARGIN.right],
  ).padding(0.2);
  return (
    <svg viewBox={`0 0 ${width} ${HEIGHT}`} role="img" aria-label={`${title}. ${summary}`} className="w-full text-[11px]">
      {y.ticks(3).map((tick) => (
        <g key={tick} transform={`translate(0,${y(tick)})`}>
          <line x1={MARGIN.left} x2={width - MARGIN.right} stroke="var(--line)" />
          <text x={MARGIN.left - 6} dy="0.32em" textAnchor="end" fill="var(--muted)">
            {Number((100 * tick).toPrecision(3))} %
          </text>
        </g>
      ))}
      {shares.map((share, i) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its place
        <rect key={i} x={x(i)} y={y(share)} width={x.bandwidth()} height={Math.max(0, floor - y(share))} fill="var(--accent)" />
      ))}
      <text x={(MARGIN.left + width) / 2} y={HEIGHT - 4} textAnchor="middle" fill="var(--muted)">
        {along}
      </text>
    </svg>
  );
}
