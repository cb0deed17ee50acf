import { expect, it } from 'vitest';
import { toCsv } from './csv';

it('quotes what needs it, leaves out what is not there, and defuses formulas', () => {
  const rows = [
    { name: 'a "b", c', value: 1.5, list: ['x', 'y'], none: null },
    { name: '=HYPERLINK("x")', value: -2, list: [], none: undefined },
  ];
  expect(toCsv(['name', 'value', 'list', 'none'], rows)).toBe(
    'name,value,list,none\r\n"a ""b"", c",1.5,x y,\r\n"\'=HYPERLINK(""x"")",-2,,\r\n',
  );
});
