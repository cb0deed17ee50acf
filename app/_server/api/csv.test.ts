import { expect, it } from 'vitest';
import { csvStream } from './csv';

const textOf = (pages: AsyncIterable<Record<string, unknown>[]>) =>
  new Response(csvStream(['name', 'value', 'list', 'none'], pages)).text();

it('quotes what needs it, leaves out what is not there, and defuses formulas', async () => {
  const pages = (async function* () {
    yield [{ name: 'a "b", c', value: 1.5, list: ['x', 'y'], none: null }];
    yield [{ name: '=HYPERLINK("x")', value: -2, list: [], none: undefined, more: 'not asked for' }];
  })();
  expect(await textOf(pages)).toBe('name,value,list,none\r\n"a ""b"", c",1.5,x y,\r\n"\'=HYPERLINK(""x"")",-2,,\r\n');
});

it('has a head without rows, too', async () => {
  expect(await textOf((async function* () {})())).toBe('name,value,list,none\r\n');
});

it('breaks off where a page can not be had, rather than looking whole', async () => {
  const pages = (async function* () {
    yield [{ name: 'one' }];
    throw new Error('the database is away');
  })();
  await expect(textOf(pages)).rejects.toThrow('the database is away');
});
