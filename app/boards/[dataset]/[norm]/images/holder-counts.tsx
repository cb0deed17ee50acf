/** How many images are held by none, by one, … by all of the models: bars with their numbers. */
import { count, percent } from '@/app/_ui/format';

/** Beyond so many bars, neighbours share one. */
const MOST_BARS = 12;

export function HolderCounts({ counts, models }: { counts: Uint16Array; models: number }) {
  const width = Math.ceil((models + 1) / MOST_BARS);
  const bars = Array.from({ length: Math.ceil((models + 1) / width) }, (_, i) => {
    const [from, to] = [i * width, Math.min(models, (i + 1) * width - 1)];
    return { from, to, images: counts.filter((n) => n >= from && n <= to).length };
  });
  const tallest = Math.max(1, ...bars.map((b) => b.images));
  return (
    <section aria-labelledby="held">
      <h2 id="held" className="text-lg font-semibold">
        Held by how many
      </h2>
      <dl className="mt-3 grid gap-1.5 text-sm">
        {bars.map(({ from, to, images }) => (
          <div key={from} className="grid grid-cols-[5.5rem_1fr_8rem] items-center gap-3">
            <dt>{from === to ? `${from} of ${models}` : `${from}–${to} of ${models}`}</dt>
            <dd aria-hidden="true" className="h-3 rounded-sm bg-panel">
              <span
                className={`block h-3 rounded-sm ${to === 0 ? 'bg-bad' : from === models ? 'bg-good' : 'bg-accent'}`}
                style={{ width: `${(100 * images) / tallest}%` }}
              />
            </dd>
            <dd className="text-right">
              {count(images)} <span className="text-muted">({percent(images / Math.max(1, counts.length))} %)</span>
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
