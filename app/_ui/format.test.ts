import { describe, expect, it } from 'vitest';
import { bytes, duration, ended, probability, roughly, significant, tick } from './format';
import { logTicks } from './log-ticks';

describe('numbers for readers', () => {
  it.each([
    [1.8012, '1.80'],
    [0.64, '0.640'],
    [73.93, '73.9'],
    [121.31, '121'],
    [0, '0'],
    [0.000123, '1.23·10^-4'],
    [1234567, '1.23·10^6'],
    [-2.5, '-2.50'],
  ])('%f has three significant digits: %s', (value, text) => expect(significant(value)).toBe(text));

  it('says that a value is not defined instead of leaving a blank', () => {
    expect(significant(null)).toBe('not defined');
  });

  it.each([
    [0.1, '0.1'],
    [30, '30'],
    [0.30000000000000004, '0.3'],
    [0.0001, '1·10^-4'],
  ])('tick %f reads %s', (value, text) => expect(tick(value)).toBe(text));

  it.each([
    [999, '999 B'],
    [401_000, '401 kB'],
    [1_570_000, '1.6 MB'],
    [86_653_233, '87 MB'],
  ])('%i bytes read %s', (n, text) => expect(bytes(n)).toBe(text));

  it('durations grow in their units', () => {
    expect([400, 5000, 65_000, 3_900_000].map(duration)).toEqual(['under 1 s', '5 s', '1 min 05 s', '1 h 05 min']);
    expect([1000, 22_000, 170_000, 7_200_000].map(roughly)).toEqual([
      'A few seconds',
      'About 25 seconds',
      'About 3 min',
      'About 2.0 hours',
    ]);
  });
});

it('p values are read off their logarithm, however small', () => {
  expect([0, Math.log(0.625), Math.log(0.0312), Math.log(9.96e-4), -9999 * Math.LN2].map(probability)).toEqual([
    '1.0',
    '0.63',
    '0.031',
    '1.0·10^-3',
    '1.0·10^-3010', // 2^-9999
  ]);
});

it('what somebody wrote ends a sentence with one full stop', () => {
  expect(['its fan is broken', 'Thank you.', 'Really?', 'It says “no.”', 'Soon… '].map(ended)).toEqual([
    'its fan is broken.',
    'Thank you.',
    'Really?',
    'It says “no.”',
    'Soon…',
  ]);
});

describe('logTicks', () => {
  it('gives whole decades on a long axis and parts of a decade on a short one', () => {
    expect(logTicks([0.001, 1000])).toHaveLength(7);
    expect(logTicks([1, 10])).toEqual([1, 2, 5, 10]);
    expect(logTicks([0.1, 100]).map((t) => Number(t.toPrecision(3)))).toEqual([0.1, 0.3, 1, 3, 10, 30, 100]);
  });
});
