import { expect, it } from 'vitest';
import { bibtex } from './bibtex';

it('names the version, and lets no name end the entry', () => {
  const entry = bibtex({
    slug: 'my-net',
    version: 2,
    name: 'A} @evil{x, 100% & $',
    author: 'Ada_L',
    date: new Date('2026-03-04'),
    site: 'https://s.example',
  });
  expect(entry).toContain('@misc{simplexity-my-net-v2,');
  expect(entry).toContain('title = {{A\\} @evil\\{x, 100\\% \\& \\$}, version 2}');
  expect(entry).toContain('author = {{Ada\\_L}}');
  expect(entry).toContain('url = {https://s.example/models/my-net?version=2}');
});
