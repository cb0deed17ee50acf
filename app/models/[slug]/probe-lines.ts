/** What a probe found, as labelled numbers with their meaning: free of layout, so that it can be tested. */
import { count, percent, significant } from '@/app/_ui/format';
import type { NearestAccuracies } from '@/lib/probes/poincare';
import type { ProbeResults } from '@/lib/probes/registry';
import { wilson95 } from '@/lib/protocol/interval';

export interface ProbeLine {
  label: string;
  value: string;
  /** What the number says, in a sentence. */
  meaning: string;
}

type Lines = { readonly [K in keyof ProbeResults]: (result: ProbeResults[K], classNames: readonly string[]) => ProbeLine[] };

const share = (fraction: number | null) => (fraction === null ? 'not defined' : `${percent(fraction)} %`);
/** With its 95 % interval; of few images it is wide. */
function ofImages(fraction: number | null, images: number): string {
  const interval = fraction === null ? null : wilson95(Math.round(fraction * images), images);
  return interval ? `95 % interval ${percent(interval[0])} to ${percent(interval[1])} %, ${count(images)} images.` : 'No image to count.';
}
const cosine = (value: number | null) => (value === null ? 'not defined' : value.toFixed(3).replace('-', '−'));

export const PROBE_LINES: Lines = {
  'non-singular': ({ images, gamma, clean, pgd, joint }) => [
    { label: 'Clean', value: share(clean), meaning: `Test images that are named rightly. ${ofImages(clean, images)}` },
    { label: 'PGD-10', value: share(pgd), meaning: `With the image attacked. ${ofImages(pgd, images)}` },
    {
      label: 'Image and weights',
      value: share(joint),
      meaning: `With every kernel moved by up to ${(100 * gamma).toFixed(1)} % of its length, too. ${ofImages(joint, images)}`,
    },
  ],
  minority: ({ classes, weights, means, simplex }, classNames) => {
    const names = classes.map((c) => classNames[c]).join(', ');
    const even = `In a simplex every pair has ${cosine(simplex)}; collapsed minorities have 1.`;
    return [
      { label: 'Classifiers, minority', value: cosine(weights.minority), meaning: `Between ${names}. ${even}` },
      { label: 'Classifiers, the rest', value: cosine(weights.majority), meaning: 'The same between the other classes.' },
      { label: 'Class means, minority', value: cosine(means.minority), meaning: 'The same of where the features of those classes lie.' },
      { label: 'Class means, the rest', value: cosine(means.majority), meaning: 'And of the other classes.' },
    ];
  },
  groups: ({ images, nc1, cosine: mean, accuracy, followed }) => [
    {
      label: 'NC1 by class',
      value: significant(nc1.classes),
      meaning: 'Scatter of images with squares within their classes; 0 is collapsed.',
    },
    { label: 'NC1 by square', value: significant(nc1.attributes), meaning: 'The same, grouped by what the squares name.' },
    { label: 'Towards the own class', value: cosine(mean.own), meaning: '1 where features of images with a misleading square ignore it.' },
    { label: 'Towards the square’s class', value: cosine(mean.shortcut), meaning: '1 where those features follow the square.' },
    {
      label: 'Accuracy, square agrees',
      value: share(accuracy.aligned),
      meaning: `Without squares ${share(accuracy.plain)}. ${ofImages(accuracy.aligned, images.aligned)}`,
    },
    {
      label: 'Accuracy, square misleads',
      value: share(accuracy.conflicting),
      meaning: `Named as the square says: ${share(followed)}. ${ofImages(accuracy.conflicting, images.conflicting)}`,
    },
  ],
  coupling: ({ images, active, loss, direction }) => [
    { label: 'Largest eigenvalue', value: share(loss.shares[0]), meaning: 'Share of the spectrum: 100 % if one step serves all images.' },
    {
      label: 'Effective rank',
      value: significant(loss.participation),
      meaning: `Directions that ${active} of ${images} images ask for, (Σλ)²/Σλ²; by entropy ${significant(loss.entropyRank)}.`,
    },
    {
      label: 'Effective rank, equal weights',
      value: significant(direction.participation),
      meaning: `With every gradient scaled to length 1; by entropy ${significant(direction.entropyRank)}.`,
    },
  ],
  'weight-graph': ({ threshold, sparsity, layers }) => {
    const mean = layers.reduce((sum, l) => sum + l.density, 0) / layers.length;
    return [
      { label: 'Weak weights', value: share(sparsity), meaning: `Below ${percent(threshold)} % of the largest weight of their layer.` },
      { label: 'Connections', value: share(mean), meaning: `That are strong enough to stay, in the mean of ${layers.length} layers.` },
    ];
  },
  locality: ({ layer, window, participation, mean, median }) => {
    const [least, most] = [Math.min(...participation), Math.max(...participation)];
    return [
      {
        label: 'Used of the window',
        value: share(mean),
        meaning: `Mean of ${participation.length} filters of ${window.join(' × ')} pixels (${layer}); a single pixel would be ${share(1 / (window[0] * window[1]))}.`,
      },
      { label: 'Median', value: share(median), meaning: `From ${share(least)} to ${share(most)}.` },
    ];
  },
  poincare: ({ images, clean, pgd }) => [...nearest('Clean', clean, images), ...nearest('PGD-10', pgd, images)],
};

function nearest(label: string, { hyperbolic, euclidean, network }: NearestAccuracies, images: number): ProbeLine[] {
  return [
    {
      label: `${label}, hyperbolic`,
      value: share(hyperbolic),
      meaning: `Nearest to their class’s centre in the ball. ${ofImages(hyperbolic, images)}`,
    },
    {
      label: `${label}, Euclidean`,
      value: share(euclidean),
      meaning: `The same by ordinary distance; the network itself names ${share(network)} rightly.`,
    },
  ];
}
