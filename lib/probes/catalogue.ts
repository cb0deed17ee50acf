/** What probes of neighbouring questions there are, without their code: pages and commands ask here. None counts into a score. */

/** Images that a probe looks at: training images, the same with a planted shortcut, test images, those under PGD, and under the joint attack. */
export type ProbeSet = 'train' | 'planted' | 'test' | 'pgd' | 'joint';

export interface ProbeInfo {
  title: string;
  arxiv: string;
  /** In a sentence. */
  asks: string;
  /** What its numbers are. */
  unit: string;
  /** What a model must have, in words. */
  needs: string;
  /** None where the weights are enough. */
  sets: readonly ProbeSet[];
}

export const PROBES = {
  'non-singular': {
    title: 'Non-singular robustness',
    arxiv: '2102.11935',
    asks: 'How much accuracy is left when an attack may change the image and, a little, the weights together?',
    unit: 'share of test images',
    needs: 'nothing more',
    sets: ['test', 'pgd', 'joint'],
  },
  minority: {
    title: 'Minority collapse',
    arxiv: '2101.12699',
    asks: 'Do the classifiers of one group of classes point the same way, as those of rare classes do after training on unequal numbers?',
    unit: 'mean cosine',
    needs: 'a last Dense layer, and four classes',
    sets: ['train'],
  },
  groups: {
    title: 'Collapse under a shortcut',
    arxiv: '2405.05587',
    asks: 'With a bright square in every image whose place names a class, do features gather by class or by the square?',
    unit: 'NC1, mean cosine and share of images',
    needs: 'a last Dense layer',
    sets: ['train', 'planted'],
  },
  coupling: {
    title: 'Gradient coupling',
    arxiv: '2011.09468',
    asks: 'Do training images ask the last layer for many different changes, or for a few that all of them share?',
    unit: 'share of the spectrum, and a number of directions',
    needs: 'a last Dense layer whose outputs are the logits',
    sets: ['train'],
  },
  'weight-graph': {
    title: 'Weights as a graph',
    arxiv: '2107.06158',
    asks: 'If weak connections are left out, how sparse is each layer, and how evenly are its units connected?',
    unit: 'share, connections of a unit, and Gini coefficient',
    needs: 'a convolution or a Dense layer',
    sets: [],
  },
  locality: {
    title: 'Locality of the first filters',
    arxiv: '2202.00565',
    asks: 'Does a first-layer filter look at one spot of its window, or at all of it evenly?',
    unit: 'share of the window',
    needs: 'a first layer of filters larger than one pixel',
    sets: [],
  },
  poincare: {
    title: 'Nearest centre in the Poincaré ball',
    arxiv: '2006.08210',
    asks: 'Would the nearest-centre rule classify better, clean or attacked, if distances between features were hyperbolic?',
    unit: 'share of test images',
    needs: 'a last Dense layer, and a training image of every class',
    sets: ['train', 'test', 'pgd'],
  },
} as const satisfies Record<string, ProbeInfo>;

export type ProbeId = keyof typeof PROBES;
export const PROBE_IDS = Object.keys(PROBES) as ProbeId[];

/** The sets that these probes look at, each once, in the order in which they are measured. */
export function setsOf(probes: readonly ProbeId[]): ProbeSet[] {
  const order: ProbeSet[] = ['train', 'planted', 'test', 'pgd', 'joint'];
  return order.filter((set) => probes.some((id) => (PROBES[id].sets as readonly ProbeSet[]).includes(set)));
}
