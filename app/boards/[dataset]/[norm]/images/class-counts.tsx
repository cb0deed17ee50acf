/** Of each class, the share of images that no model holds and the share that all hold; a class's name shows its images. */
import Link from 'next/link';
import { percent } from '@/app/_ui/format';
import { ScrollArea } from '@/app/_ui/scroll-area';
import { type ImagesView, imagesHref } from './view';

interface Props {
  counts: Uint16Array;
  models: number;
  labels: number[];
  classNames: readonly string[];
  path: string;
  view: ImagesView;
}

export function ClassCounts({ counts, models, labels, classNames, path, view }: Props) {
  const most = counts.reduce((a, b) => Math.max(a, b), 0);
  const rows = classNames
    .map((name, label) => {
      const own = counts.filter((_, i) => labels[i] === label);
      return { name, label, images: own.length, none: own.filter((n) => n === 0).length, most: own.filter((n) => n === most).length };
    })
    .filter((row) => row.images > 0)
    .sort((a, b) => b.none / b.images - a.none / a.images || a.label - b.label);
  return (
    <section aria-labelledby="classes">
      <h2 id="classes" className="text-lg font-semibold">
        By class
      </h2>
      <ScrollArea label="Shares of each class" className="mt-3 max-h-80">
        <table className="w-full text-sm">
          <thead>
            <tr className="border-b border-line text-right">
              <th scope="col" className="py-1 text-left font-medium">
                Class
              </th>
              <th scope="col" className="py-1 pl-3 font-medium">
                Held by none, %
              </th>
              <th scope="col" className="py-1 pl-3 font-medium">
                {most === models ? 'Held by all' : `Held by most (${most})`}, %
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.label} className="border-b border-line text-right last:border-b-0">
                <th scope="row" className="py-1 text-left font-normal">
                  <Link
                    href={imagesHref(path, { ...view, label: view.label === row.label ? null : row.label, from: 0 })}
                    scroll={false}
                    prefetch={false}
                    aria-current={view.label === row.label ? 'true' : undefined}
                    className={`underline underline-offset-2 ${view.label === row.label ? 'font-semibold' : ''}`}
                  >
                    {row.name}
                  </Link>
                </th>
                <td className="py-1 pl-3">{percent(row.none / row.images)}</td>
                <td className="py-1 pl-3">{percent(row.most / row.images)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollArea>
    </section>
  );
}
