/**
 * Collapse by group under a planted shortcut, after Wang et al., “Navigate Beyond Shortcuts” (arXiv 2405.05587). An image of class y
 * bears a square whose place names a class a, its attribute (lib/training/shortcut.ts): aligned where a = y, conflicting where not.
 *
 *   NC1 = tr(Σ_W Σ_B⁺) of the planted images with the classes as labels, with the attributes as labels, and by class within the aligned and
 *   within the conflicting ones (0 … ∞, smaller is more collapsed; null unless every label has an image);
 *   of each group (y, a), a ≠ y, with mean m_{y,a}: cos(m_{y,a}, m_y) and cos(m_{y,a}, m_a), where m_c is class c's mean on images without a
 *   square, and both are centred at the unweighted mean of those (−1 … 1). Features that ignore the square have the first near 1 and the
 *   second near −1/(C − 1); features that follow it, the other way round.
 *
 * Float64. The paper measures training on biased data; a model that was not trained on squares shows how much it minds them.
 */

import { ClassStats, classMeans } from '../collapse/class-stats';
import { nc1 } from '../collapse/nc';
import { average } from '../collapse/simplex';
import { meansSpan } from '../collapse/span';
import { addWithin, withinSums } from '../collapse/within-class';
import { type Answer, none, rowCosine } from './answer';
import type { Features } from './feature-data';
import { balanced } from './minority';
import { accuracy } from './non-singular';

export interface Group {
  class: number;
  attribute: number;
  images: number;
  /** cos(m_{y,a}, m_y) */
  own: number | null;
  /** cos(m_{y,a}, m_a) */
  shortcut: number | null;
}

export interface GroupCollapse {
  images: { aligned: number; conflicting: number };
  nc1: { classes: number | null; attributes: number | null; aligned: number | null; conflicting: number | null };
  /** Means over the groups. */
  cosine: { own: number | null; shortcut: number | null };
  accuracy: { plain: number; aligned: number | null; conflicting: number | null };
  /** Share of the conflicting images that are named as their square says. */
  followed: number | null;
  /** Conflicting groups that have images. */
  groups: Group[];
}

type Planted = Required<Features> & { attributes: ArrayLike<number> };

export function groupCollapse(plain: Required<Features>, planted: Planted, classes: number): Answer<GroupCollapse> {
  const dim = plain.features.length / plain.labels.length;
  if (classes < 2) return none('there is one class, so no square can name another');
  const stats = new ClassStats(classes, dim);
  stats.add(plain.features, plain.labels);
  const means = classMeans(stats);
  if (!means.complete) return none('a class has no training image here; more images are needed');
  const m = balanced(means);
  const centre = Float64Array.from({ length: dim }, (_, i) => means.means[i] - m[i]);
  const { labels, attributes } = planted;
  const aligned = pick(planted, dim, (n) => labels[n] === attributes[n]);
  const conflicting = pick(planted, dim, (n) => labels[n] !== attributes[n]);
  const groups = groupsOf(conflicting, classes).map(({ mean, ...group }) => {
    const row = mean.map((x, i) => x - centre[i]);
    return { ...group, own: rowCosine(row, 0, m, group.class, dim), shortcut: rowCosine(row, 0, m, group.attribute, dim) };
  });
  const share = (set: Planted, of: ArrayLike<number>) => (set.labels.length === 0 ? null : accuracy(of, set.predictions));
  return {
    result: {
      images: { aligned: aligned.labels.length, conflicting: conflicting.labels.length },
      nc1: {
        classes: collapseOf(planted.features, labels, classes, dim),
        attributes: collapseOf(planted.features, attributes, classes, dim),
        aligned: collapseOf(aligned.features, aligned.labels, classes, dim),
        conflicting: collapseOf(conflicting.features, conflicting.labels, classes, dim),
      },
      cosine: { own: average(groups.map((g) => g.own)), shortcut: average(groups.map((g) => g.shortcut)) },
      accuracy: {
        plain: accuracy(plain.labels, plain.predictions),
        aligned: share(aligned, aligned.labels),
        conflicting: share(conflicting, conflicting.labels),
      },
      followed: share(conflicting, conflicting.attributes),
      groups,
    },
  };
}

/** The images for which it holds. */
function pick({ features, labels, attributes, predictions }: Planted, dim: number, where: (n: number) => boolean): Planted {
  const rows = Array.from(labels, (_, n) => n).filter(where);
  const chosen = new Float32Array(rows.length * dim);
  rows.forEach((n, i) => {
    chosen.set(features.subarray(n * dim, (n + 1) * dim), i * dim);
  });
  const [l, a, p] = [labels, attributes, predictions].map((list) => rows.map((n) => list[n]));
  return { features: chosen, labels: l, attributes: a, predictions: p };
}

function collapseOf(features: Float32Array, labels: ArrayLike<number>, classes: number, dim: number): number | null {
  const stats = new ClassStats(classes, dim);
  stats.add(features, labels);
  const means = classMeans(stats);
  if (!means.complete) return null;
  const span = meansSpan(means);
  const within = withinSums(span.rank);
  addWithin(within, features, labels, means, span);
  return nc1(span, within, classes);
}

/** Mean features of each group that has images, in the order of class and attribute. */
function groupsOf({ features, labels, attributes }: Planted, classes: number) {
  const found = new Map<number, number[]>();
  for (let n = 0; n < labels.length; n++) {
    const key = labels[n] * classes + attributes[n];
    found.set(key, [...(found.get(key) ?? []), n]);
  }
  const dim = features.length / Math.max(1, labels.length);
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([key, rows]) => {
      const mean = new Float64Array(dim);
      for (const n of rows) for (let i = 0; i < dim; i++) mean[i] += features[n * dim + i] / rows.length;
      return { class: Math.floor(key / classes), attribute: key % classes, images: rows.length, mean };
    });
}
