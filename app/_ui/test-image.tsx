/** A test image, small ones with their pixels kept sharp, with its number and its class beneath; it needs no script. */
import type { Dataset } from '@/lib/data/datasets';

const SIDE = 64;

interface Props {
  dataset: Pick<Dataset, 'id' | 'shape' | 'classNames'>;
  index: number;
  /** Its class; undefined where that is not known. */
  label: number | undefined;
  note?: string;
}

export function TestImage({ dataset: { id, shape, classNames }, index, label, note }: Props) {
  const name = label === undefined ? '' : classNames[label];
  const sharp = shape[0] < SIDE ? '[image-rendering:pixelated]' : '';
  return (
    <figure className="w-16 text-xs">
      {/* biome-ignore lint/performance/noImgElement: a PNG of a few hundred bytes whose pixels must not be scaled. */}
      <img
        src={`/data/${id}/test/${index}.png`}
        alt={name || `number ${index}`}
        width={SIDE}
        height={SIDE}
        loading="lazy"
        className={`aspect-square w-16 rounded bg-panel ${sharp}`}
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
