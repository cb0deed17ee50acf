/**
 * A test image, small ones with their pixels kept sharp, with its number and its class beneath, and beside it what accepted witnesses
 * have made of it; it needs no script.
 */
import type { WitnessImage } from '@/db/queries/witness-images';
import type { Dataset } from '@/lib/data/datasets';

const SIDE = 64;

interface Props {
  dataset: Pick<Dataset, 'id' | 'shape' | 'classNames'>;
  index: number;
  /** Its class; undefined where that is not known. */
  label: number | undefined;
  note?: string;
  /** Of this image, one a model. */
  witnesses?: readonly WitnessImage[];
}

export function TestImage({ witnesses = [], ...clean }: Props) {
  if (witnesses.length === 0) return <Clean {...clean} />;
  return (
    <div className="flex flex-wrap gap-1 rounded bg-panel p-1">
      <Clean {...clean} />
      {witnesses.map((witness) => (
        <Broken key={witness.versionId} {...clean} witness={witness} />
      ))}
    </div>
  );
}

const sharpness = ([height]: readonly number[]) => (height < SIDE ? '[image-rendering:pixelated]' : '');

/** What broke a model, with the class that it names. */
function Broken({ dataset: { shape, classNames }, index, label, witness }: Omit<Props, 'witnesses' | 'note'> & { witness: WitnessImage }) {
  const { slug, name, sha256, predicted } = witness;
  const was = label === undefined ? '' : `, ${classNames[label]},`;
  const becomes = classNames[predicted] ?? `class ${predicted}`;
  return (
    <figure className="w-16 text-xs">
      {/* biome-ignore lint/performance/noImgElement: a PNG of a few hundred bytes whose pixels must not be scaled. */}
      <img
        src={`/models/${slug}/witnesses/${sha256}/${index}.png`}
        alt={`number ${index}${was} perturbed: ${becomes} to ${name}`}
        width={SIDE}
        height={SIDE}
        loading="lazy"
        className={`aspect-square w-16 rounded bg-panel ${sharpness(shape)}`}
      />
      <figcaption className="mt-0.5 leading-tight">
        <span className="block truncate text-muted" title={name}>
          {name}
        </span>
        <span className="block truncate text-bad" title={becomes}>
          → {becomes}
        </span>
      </figcaption>
    </figure>
  );
}

function Clean({ dataset: { id, shape, classNames }, index, label, note }: Omit<Props, 'witnesses'>) {
  const name = label === undefined ? '' : classNames[label];
  return (
    <figure className="w-16 text-xs">
      {/* biome-ignore lint/performance/noImgElement: a PNG of a few hundred bytes whose pixels must not be scaled. */}
      <img
        src={`/data/${id}/test/${index}.png`}
        alt={name || `number ${index}`}
        width={SIDE}
        height={SIDE}
        loading="lazy"
        className={`aspect-square w-16 rounded bg-panel ${sharpness(shape)}`}
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
