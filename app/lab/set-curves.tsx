/** By epoch, what thinned classes and planted squares do to the network. */
import type { LabEpoch } from '@/workers/browser/lab-client';
import { percent } from '../_ui/format';
import { LinePlot } from '../_ui/line-plot';

interface Curve {
  title: string;
  of(epoch: LabEpoch): number | null | undefined;
  share?: true;
}

const MINORITY: Curve[] = [
  { title: 'Classifiers of classes 5 – 9: mean cosine', of: ({ minority }) => minority?.weights.minority },
  { title: 'Means of classes 5 – 9: mean cosine', of: ({ minority }) => minority?.means.minority },
];

const GROUPS: Curve[] = [
  { title: 'Images named as their square says', of: ({ groups }) => groups?.followed, share: true },
  { title: 'Features towards the own class: cosine', of: ({ groups }) => groups?.cosine.own },
  { title: 'Features towards the square’s class: cosine', of: ({ groups }) => groups?.cosine.shortcut },
];

const cosine = (value: number | null | undefined) => (value === null || value === undefined ? 'not defined' : value.toFixed(2));

export function SetCurves({ epochs }: { epochs: readonly LabEpoch[] }) {
  const { epoch, minority, groups } = epochs[epochs.length - 1];
  if (minority)
    return (
      <Block title="Minority collapse" epochs={epochs} curves={MINORITY}>
        The fewer images classes 5 – 9 have, the closer their directions are: 1 is one and the same, {cosine(minority.simplex)} a simplex.
        After epoch {epoch} their classifiers have {cosine(minority.weights.minority)} on average and their means{' '}
        {cosine(minority.means.minority)}; classes 0 – 4 have {cosine(minority.weights.majority)} and {cosine(minority.means.majority)}.
      </Block>
    );
  if (groups)
    return (
      <Block title="The square against the glyph" epochs={epochs} curves={GROUPS}>
        The measured images, each with a square that names another class. After epoch {epoch},{' '}
        {groups.followed === null ? 'an unknown share' : `${percent(groups.followed)} %`} of them are named as the square says; their
        features lie at a cosine of {cosine(groups.cosine.own)} to the mean of their own class and {cosine(groups.cosine.shortcut)} to that
        of the square’s.
      </Block>
    );
  return null;
}

function Block({
  title,
  epochs,
  curves,
  children,
}: {
  title: string;
  epochs: readonly LabEpoch[];
  curves: Curve[];
  children: React.ReactNode;
}) {
  const places = epochs.map(({ epoch }) => String(epoch));
  return (
    <>
      <h3 className="mt-8 mb-1 font-medium">{title}</h3>
      <p className="mb-3 max-w-3xl text-sm text-muted">{children}</p>
      <div className="grid gap-6 md:grid-cols-2">
        {curves.map(({ title: name, of, share }) => (
          <LinePlot
            key={name}
            title={name}
            summary="By epoch; the sentence above has the last epoch’s number."
            places={places}
            series={[{ condition: 'clean', values: epochs.map((epoch) => of(epoch) ?? null) }]}
            domain={share ? [0, 1] : [-1, 1]}
            format={share ? (v) => `${Math.round(100 * v)} %` : cosine}
          />
        ))}
      </div>
    </>
  );
}
