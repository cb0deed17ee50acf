import { expect, it } from 'vitest';
import { type ImagesView, imagesHref, readImagesView } from './view';

const read = (href: string) => readImagesView(Object.fromEntries(new URL(href, 'http://localhost').searchParams), 10);

it('comes back from its own address, which is plain by default', () => {
  const view: ImagesView = { basis: 'pgd', rows: 'all', order: 'easiest', label: 9, from: 60 };
  expect(read(imagesHref('/x', view))).toEqual(view);
  expect(imagesHref('/x', read('/x'))).toBe('/x');
});

it('falls to the defaults for what there is not', () => {
  expect(read('/x?on=clean&rows=none&order=up&class=10&from=-1')).toEqual(read('/x'));
});
