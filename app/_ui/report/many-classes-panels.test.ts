/** Panels of a report on a hundred classes, as markup. */
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { DATASETS } from '@/lib/data/datasets';
import { ClassTable } from './class-table';
import { CosinePanel } from './cosine-panel';

const names = DATASETS['cifar-100'].classNames;
const count = (markup: string, piece: string) => markup.split(piece).length - 1;

it('the class table opens on the ten weakest and folds all hundred', () => {
  const samples = names.map(() => 100);
  const correct = { clean: names.map(() => 90), 'pgd-10': names.map((_, y) => 99 - y) };
  const markup = renderToStaticMarkup(createElement(ClassTable, { classes: { samples, correct }, names }));
  const [open, folded] = markup.split('<details');
  expect(count(open, '<th scope="row"')).toBe(10);
  expect(open).toContain('worm');
  expect(open).not.toContain('apple');
  expect(count(folded, '<th scope="row"')).toBe(100);
  expect(folded).toContain('All 100 classes');
});

it('cosines are a histogram with the closest pairs, not ten thousand cells', () => {
  const clean = names.map((_, i) => names.map((__, j) => (i === j ? 1 : i + j === 1 ? 0.5 : -1 / 99)));
  const markup = renderToStaticMarkup(createElement(CosinePanel, { cosines: { clean }, classNames: names }));
  expect(count(markup, '<rect')).toBe(40);
  expect(markup).toContain('4950 pairs, mean -0.010');
  expect(markup).toContain('closest are apple and aquarium fish with 0.50');
});

it('with ten classes every cell is drawn', () => {
  const ten = DATASETS['cifar-10'].classNames;
  const clean = ten.map((_, i) => ten.map((__, j) => (i === j ? 1 : -1 / 9)));
  expect(count(renderToStaticMarkup(createElement(CosinePanel, { cosines: { clean }, classNames: ten })), '<rect')).toBe(100);
});
