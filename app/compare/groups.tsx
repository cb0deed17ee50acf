/** Which images each one holds: groups of images by who holds them, each with some of its images, or one with all of them. */
import Link from 'next/link';
import { count, percent } from '@/app/_ui/format';
import { Panel } from '@/app/_ui/report/panel';
import { TestImage } from '@/app/_ui/test-image';
import type { WitnessImage } from '@/db/queries/witness-images';
import type { Dataset } from '@/lib/data/datasets';
import type { Group } from '@/lib/protocol/comparison';
import { type CompareView, compareHref, groupName } from './view';

/** Images of a group in the overview, and on a page of its own list. */
export const SOME = 12;
export const PAGE = 96;

interface Props {
  groups: Group[];
  samples: number;
  names: string[];
  dataset: Dataset;
  view: CompareView;
  /** Class by image; undefined where this site does not have the images. */
  labels: ReadonlyMap<number, number> | undefined;
  /** What accepted witnesses have made of the images that are shown, by image. */
  witnesses: ReadonlyMap<number, readonly WitnessImage[]>;
}

/** The images that are shown of a group. */
export const shownOf = ({ holds, images }: Group, { group, from }: CompareView): number[] =>
  group === '' ? images.slice(0, SOME) : group === groupName(holds) ? images.slice(from, from + PAGE) : [];

export function Groups({ groups, samples, names, dataset, view, labels, witnesses }: Props) {
  const overview = { ...view, group: '', from: 0 };
  return (
    <Panel
      id="groups"
      title="Which images each one holds"
      lead={`Images that the same models hold, disagreements first. The bars are shares of the images that all have.${
        [...witnesses.values()].some((of) => of.length > 0)
          ? ' Beside an image stands what an accepted witness made of it, with the class that the model then names.'
          : ''
      }`}
    >
      {labels ? null : (
        <p className="mb-3 text-sm text-warn">This site does not have the images of {dataset.title} yet: only their numbers are shown.</p>
      )}
      <ul className="grid gap-5">
        {groups.map((group) => {
          const shown = shownOf(group, view);
          const name = groupName(group.holds);
          return (
            <li key={name}>
              <h3 className="text-sm">
                <span className="font-medium">{words(group, names)}</span>: {count(group.images.length)}{' '}
                <span className="text-muted">({percent(group.images.length / samples)} %)</span>
              </h3>
              <span aria-hidden="true" className="mt-1 block h-2 rounded-sm bg-panel">
                <span
                  className={`block h-2 rounded-sm ${tone(group)}`}
                  style={{ width: `${Math.max(0.3, (100 * group.images.length) / samples)}%` }}
                />
              </span>
              {shown.length ? (
                <ul className="mt-2 flex flex-wrap gap-2">
                  {shown.map((index) => (
                    <li key={index}>
                      {labels ? (
                        <TestImage dataset={dataset} index={index} label={labels.get(index)} witnesses={witnesses.get(index) ?? []} />
                      ) : (
                        <span className="text-xs">#{index}</span>
                      )}
                    </li>
                  ))}
                </ul>
              ) : null}
              <p className="mt-1 flex gap-4 text-sm">
                <More group={group} view={view} />
                {view.group === name ? (
                  <Link href={`${compareHref(overview)}#groups`} className="underline underline-offset-2">
                    All groups
                  </Link>
                ) : null}
              </p>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

/** On to the rest of a group. */
function More({ group: { holds, images }, view }: { group: Group; view: CompareView }) {
  const name = groupName(holds);
  const from = view.group === name ? view.from + PAGE : 0;
  if (view.group === name ? from >= images.length : view.group === '' && images.length <= SOME) return null;
  const left = images.length - from;
  return (
    <Link href={`${compareHref({ ...view, group: name, from })}#groups`} className="underline underline-offset-2">
      {view.group === name ? `The next ${count(Math.min(PAGE, left))} of ${count(images.length)}` : `Show these ${count(images.length)}`}
    </Link>
  );
}

function words({ holds }: Group, names: string[]): string {
  if (holds.every(Boolean)) return holds.length === 2 ? 'Held by both' : 'Held by all';
  if (!holds.some(Boolean)) return 'Held by none';
  const by = names.filter((_, i) => holds[i]);
  return by.length === 1 ? `Held by ${by[0]} alone` : `Held by ${by.slice(0, -1).join(', ')} and ${by[by.length - 1]}`;
}

const tone = ({ holds }: Group) => (holds.every(Boolean) ? 'bg-good' : holds.some(Boolean) ? 'bg-accent' : 'bg-muted');
