/** A test image, its pixels kept sharp, with its number and its class beneath; it needs no script. */
import type { Dataset } from '@/lib/data/datasets';

interface Props {
  dataset: Pick<Dataset, 'id' | 'classNames'>;
  index: number;
  /** Its class; undefined where that is not known. */
  label: number | undefined;
  note?: string;
}

export function TestImage({ dataset: { id, classNames }, index, label, note }: Props) {
  const name = label === undefined ? '' : classNames[label];
  return (
    <figure className="w-16 text-xs">
      {/* biome-ignore lint/performance/noImgElement: a PNG of a few hundred bytes whose pixels must not be scaled. */}
      <img
        src={`/data/${id}/test/${index}.png`}
        alt={name || `number ${index}`}
        width={64}
        height={64}
        loading="lazy"
        className="aspect-square w-16 rounded bg-panel [image-rendering:pixelated]"
      />
      <figcaption className="mt-0.5 leading-tight">
        <span className="text-muted">#{index}</span>
        <span className="block truncate" title={name}>
          {name}
        </span>
        {note ? <span className="block text-muted">{note}</span> : null}
      </figcaption>
    </figure>
  );
}
