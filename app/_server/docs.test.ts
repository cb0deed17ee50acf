/** The documentation is true of the code: its links lead somewhere, its routes exist, its programs run. Commands: workers/cli/docs.test.ts. */
import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { seed } from '@/db/seed';
import { publicApi } from './api/api';
import { type TestSite, testSite } from './api/testing';
import { type ServedSite, serveSite } from './api/testing-server';
import { anchorOf, DOCS, readDoc, render } from './docs';

const FOLDER = path.resolve(import.meta.dirname, '../../docs');
const files = readdirSync(FOLDER).filter((name) => name.endsWith('.md'));
const textOf = (file: string) => readFileSync(path.join(FOLDER, file), 'utf8');
const headings = (markdown: string) => [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, text]) => anchorOf(text));
const blocks = (markdown: string) => [...markdown.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(([, kind, code]) => ({ kind, code }));

it('every page of docs/ is on the site', () => {
  expect(DOCS.map(({ file }) => file as string).sort()).toEqual(files.sort());
});

it.each(files)('%s: its links lead to pages and headings that there are', (file) => {
  const links = [...textOf(file).matchAll(/\]\(([^)\s]+)\)/g)].map(([, href]) => href).filter((href) => !/^(https?:|images\/)/.test(href));
  for (const href of links) {
    const [to, anchor] = href.split('#');
    if (to) expect(files, href).toContain(to);
    if (anchor) expect(headings(textOf(to || file)), href).toContain(anchor);
  }
});

it('api.md: every route that it names is a route', () => {
  const doc = publicApi().getOpenAPI31Document({ openapi: '3.1.0', info: { title: '', version: '' } });
  const known = Object.entries(doc.paths ?? {}).flatMap(([route, methods]) =>
    Object.keys(methods as object).map((method) => new RegExp(`^${method.toUpperCase()} ${route.replace(/\{\w+\}/g, '[A-Z0-9]+')}$`)),
  );
  const named = [...textOf('api.md').matchAll(/`((?:GET|POST|PUT|DELETE) \/[^`?\s]*)[^`]*`/g)].map(([, route]) => route);
  expect(named.length).toBeGreaterThan(10);
  for (const route of named)
    expect(
      known.some((pattern) => pattern.test(route)),
      route,
    ).toBe(true);
});

describe('the clients of api.md', () => {
  let site: TestSite;
  let served: ServedSite;
  const folder = mkdtempSync(path.join(os.tmpdir(), 'simplexity-clients-'));
  beforeAll(async () => {
    site = await testSite();
    await seed(site.db, site.blobs);
    served = await serveSite();
  }, 120_000);
  afterAll(async () => {
    await served.close();
    await site.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = promisify(execFile);
  const program = (kind: string) => blocks(textOf('api.md')).find((block) => block.kind === kind)?.code ?? '';

  // A test can't bring Python along; the TypeScript one is always run.
  const has = (command: string) => spawnSync(command, ['--version']).status === 0;
  it.each([
    ['ts', [process.execPath, '--import', import.meta.resolve('tsx'), 'client.mts']],
    ...(has('python3') ? [['python', ['python3', 'client.py']] as [string, string[]]] : []),
  ])('in %s prints every row of a board, and says what is refused', async (kind, [command, ...args]) => {
    expect(program(kind).split('\n').length).toBeLessThanOrEqual(30);
    const file = path.join(folder, args[args.length - 1]);
    writeFileSync(file, program(kind));
    const ask = (board: string) => run(command, [...args.slice(0, -1), file, served.url.replace('/api/v1', ''), board]);
    const { stdout } = await ask('fashion-mnist/linf');
    const lines = stdout.trim().split('\n');
    const { rows } = (await (await site.ask('GET', '/boards/fashion-mnist/linf/rows?sort=robust')).json()) as { rows: { name: string }[] };
    expect(lines.map((line) => line.split('\t')[0])).toEqual(rows.map(({ name }) => name));
    expect(lines.length).toBeGreaterThan(0);
    await expect(ask('fashion-mnist/l1')).rejects.toMatchObject({
      code: 1,
      stderr: expect.stringContaining('there is no board fashion-mnist/l1'),
    });
  });
});

describe('a page', () => {
  it('has its title apart, sections with addresses, links between pages, and text as it stands', async () => {
    const doc = render(
      '# Title\n\n## A part: `x`\n\nSee [that](checking.md#states), <b>not bold</b> and [out](https://example.org).\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n',
    );
    expect(doc.title).toBe('Title');
    expect(doc.sections).toEqual([{ id: 'a-part-x', text: 'A part: `x`' }]);
    expect(doc.html).toContain('<h2 id="a-part-x">');
    expect(doc.html).toContain('href="/docs/checking#states"');
    expect(doc.html).toContain('&lt;b&gt;not bold&lt;/b&gt;');
    expect(doc.html).toContain('href="https://example.org" rel="noopener"');
    expect(doc.html).toContain('<th scope="col" style="text-align:right">b</th>');
    expect(await readDoc('nothing')).toBeUndefined();
  });
});
